package dev.espalier.train;

import dev.espalier.internal.Arguments;
import java.util.function.Consumer;

/**
 * Is told when a step or an epoch is over, on the thread that trains. The last entries of the history are those just
 * written.
 *
 * <p>An exception ends the training and reaches the caller of fit; the model keeps the weights it has. To end training
 * without one, interrupt the thread.
 */
public interface Listener {
    /** A step is over: {@code history.steps() − 1} is its index. */
    default void onStep(History history) {}

    /**
     * An epoch is over, validation included: {@code history.lastEpoch()} holds its figures. Those of the validation are NaN if an
     * interrupt ended it.
     */
    default void onEpoch(History history) {}

    /**
     * A listener that runs {@code action} after each step.
     *
     * @throws IllegalArgumentException if action is null
     */
    static Listener eachStep(Consumer<History> action) {
        Arguments.notNull("action", action);
        return new Listener() {
            @Override
            public void onStep(History history) {
                action.accept(history);
            }
        };
    }

    /**
     * A listener that runs {@code action} after each epoch.
     *
     * @throws IllegalArgumentException if action is null
     */
    static Listener eachEpoch(Consumer<History> action) {
        Arguments.notNull("action", action);
        return new Listener() {
            @Override
            public void onEpoch(History history) {
                action.accept(history);
            }
        };
    }
}
