package dev.espalier.train;

import dev.espalier.internal.Arguments;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to train: immutable, each method returns a changed copy. Unless told otherwise: batches of 32, seed 0, shuffled,
 * no validation, one batch per step, norms recorded, from the beginning.
 */
public final class Fit {
    final int epochs;
    final int batchSize;
    final long seed;
    final boolean shuffle;
    final int accumulate;
    final boolean norms;
    final int startAt;
    final @Nullable DataSet validation;
    final List<Listener> listeners;

    private Fit(
            int epochs,
            int batchSize,
            long seed,
            boolean shuffle,
            int accumulate,
            boolean norms,
            int startAt,
            @Nullable DataSet validation,
            List<Listener> listeners) {
        this.epochs = epochs;
        this.batchSize = batchSize;
        this.seed = seed;
        this.shuffle = shuffle;
        this.accumulate = accumulate;
        this.norms = norms;
        this.startAt = startAt;
        this.validation = validation;
        this.listeners = listeners;
    }

    /**
     * So many passes over the data; 0 trains nothing.
     *
     * @throws IllegalArgumentException if epochs is negative
     */
    public static Fit epochs(int epochs) {
        Arguments.notNegative("epochs", epochs);
        return new Fit(epochs, 32, 0, true, 1, true, 0, null, List.of());
    }

    /**
     * Examples per batch. The last batch of an epoch holds the rest; its mean is over what it holds.
     *
     * @throws IllegalArgumentException if batchSize is not positive
     */
    public Fit batchSize(int batchSize) {
        Arguments.positive("batchSize", batchSize);
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, startAt, validation, listeners);
    }

    /**
     * The seed of the shuffling: epoch e visits the examples in the order of a Fisher–Yates permutation from the stream
     * {@code SplitMix64.mix(seed, e)}, whatever happened before. The weights have a seed of their own, see
     * {@link dev.espalier.nn.Sequential#initialize}.
     */
    public Fit seed(long seed) {
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, startAt, validation, listeners);
    }

    /** Whether each epoch visits the examples in an order of its own, or all in that of the data set. */
    public Fit shuffle(boolean shuffle) {
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, startAt, validation, listeners);
    }

    /**
     * Evaluates the model on {@code validation} after each epoch.
     *
     * @throws IllegalArgumentException if validation is null
     */
    public Fit validation(DataSet validation) {
        Arguments.notNull("validation", validation);
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, startAt, validation, listeners);
    }

    /**
     * So many batches make one step: their gradients are averaged over all their examples, then clipped, then the
     * weights change once. The weights have the bits of one large batch of {@code batches·batchSize}, for a fraction of
     * the memory.
     *
     * @throws IllegalArgumentException if batches is not positive
     */
    public Fit accumulate(int batches) {
        Arguments.positive("batches", batches);
        return new Fit(epochs, batchSize, seed, shuffle, batches, norms, startAt, validation, listeners);
    }

    /**
     * Whether each step records the norm of its gradient before and after clipping and whether it was clipped. What the
     * clip does not need for itself costs a read of the gradients; without it the history holds NaN, and no step counts
     * as clipped.
     */
    public Fit norms(boolean record) {
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, record, startAt, validation, listeners);
    }

    /**
     * Begins at step {@code step}, counted from 0 over all epochs, as if the steps before had been taken: with the
     * weights and the optimizer of an earlier run and its {@link History#nextStep()}, the run goes on to the same bits.
     *
     * @throws IllegalArgumentException if step is negative
     */
    public Fit startAt(int step) {
        Arguments.notNegative("step", step);
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, step, validation, listeners);
    }

    /**
     * Adds a listener; they are told in the order in which they were added.
     *
     * @throws IllegalArgumentException if listener is null
     */
    public Fit listener(Listener listener) {
        Arguments.notNull("listener", listener);
        List<Listener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new Fit(epochs, batchSize, seed, shuffle, accumulate, norms, startAt, validation, List.copyOf(more));
    }

    /** For example {@code Fit(10 epochs, batch size 32, seed 42)}, and what else is not the default. */
    @Override
    public String toString() {
        return "Fit(" + epochs + " epochs, batch size " + batchSize + ", seed " + seed
                + (shuffle ? "" : ", not shuffled")
                + (accumulate == 1 ? "" : ", " + accumulate + " batches a step")
                + (norms ? "" : ", without norms")
                + (startAt == 0 ? "" : ", from step " + startAt)
                + (validation == null ? "" : ", with validation")
                + ")";
    }
}
