package dev.espalier.train;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ExampleClipper;
import dev.espalier.clip.PerExample;
import dev.espalier.internal.Arguments;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.Stepper;
import dev.espalier.tensor.StateArray;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model: gradients of the mean loss, clipped, then one update of the weights per step. Owns the state of the
 * optimizer, which lives on from one fit to the next. Belongs to one thread at a time, and a model to one trainer at a
 * time.
 */
public final class Trainer {
    private final Sequential model;
    private final Loss loss;
    private final Optimizer optimizer;
    private final Stepper stepper;
    private @Nullable ExampleClipper examples;

    /** The thread that trains. */
    private final AtomicReference<@Nullable Thread> worker = new AtomicReference<>();

    private int threads = Runtime.getRuntime().availableProcessors();

    private Trainer(Sequential model, Loss loss, Optimizer optimizer, Stepper stepper) {
        this.model = model;
        this.loss = loss;
        this.optimizer = optimizer;
        this.stepper = stepper;
    }

    /**
     * A trainer with fresh optimizer state.
     *
     * @param clip what is done to the gradient of each step before the update; {@link Clip#none()} for nothing
     * @throws IllegalArgumentException if an argument is null, or the clip cannot be bound: a pattern matches no name, or a filter leaves
     *     nothing
     */
    public static Trainer of(Sequential model, Loss loss, Optimizer optimizer, Clip clip) {
        Arguments.notNull("model", model);
        Arguments.notNull("loss", loss);
        Arguments.notNull("optimizer", optimizer);
        Arguments.notNull("clip", clip);
        return new Trainer(model, loss, optimizer, optimizer.on(model.parameters(), clip));
    }

    /**
     * How many threads a kernel or an update may use, from now on; at first as many as there are processors. Results do not depend
     * on it, and small models use one anyway. Returns this.
     *
     * @throws IllegalArgumentException if threads is not positive
     */
    public Trainer threads(int threads) {
        this.threads = Arguments.positive("threads", threads);
        stepper.threads(threads);
        return this;
    }

    /**
     * Clips the gradient of each example before they are averaged, from now on, with fresh state; see {@link PerExample}. The
     * clip of this trainer then sees the mean of the clipped gradients with its noise, and its policy for what is not
     * finite holds for examples too. Returns this.
     *
     * @throws IllegalArgumentException if clip is null or a layer of the model cannot tell the gradients of examples apart;
     *     the message names it
     * @throws IllegalStateException if {@link #fit} is running
     */
    public Trainer perExample(PerExample clip) {
        Arguments.notNull("clip", clip);
        if (worker.get() != null) {
            throw new IllegalStateException("perExample while fit is running: expected a call before or after it");
        }
        model.checkExamples();
        examples = clip.on(model.parameters(), stepper.clip().nonFinite());
        return this;
    }

    /**
     * The clip of each example at work, with its state and the figures of the last step: how many were clipped, their mean
     * norm, the threshold in force.
     *
     * @throws IllegalStateException if there was no {@link #perExample}
     */
    public ExampleClipper examples() {
        if (examples == null) {
            throw new IllegalStateException(
                    "examples of a trainer that does not clip them: expected perExample(…) before");
        }
        return examples;
    }

    /** The model under training. */
    public Sequential model() {
        return model;
    }

    /** The optimizer at work, with its state. */
    public Stepper stepper() {
        return stepper;
    }

    Loss loss() {
        return loss;
    }

    /** What is done to each example, or "none". */
    Object perExample() {
        return examples == null ? "none" : examples.clip();
    }

    /** All that training goes on from beside the weights: the live arrays. */
    List<StateArray> state() {
        List<StateArray> state = new ArrayList<>(stepper.state());
        if (examples != null) {
            examples.state().forEach(array -> state.add(array.under("examples.")));
        }
        return state;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /**
     * Trains the model. The loss of a step is the mean over its examples, also in a last short batch.
     *
     * <p>Interrupting the thread ends training before the next step: fit returns what there is,
     * {@link History#interrupted()} is true, if anything was left to do, and so is the interrupt flag of the thread. The model keeps the weights of
     * the last step and can be used. An epoch interrupted while it is validated has no validation figures; an epoch
     * interrupted before is not among the epochs.
     *
     * <p>A batch whose gradient is not finite is handled as the clip says; by default the step is skipped and training
     * goes on. Where clip, optimizer, data set or listener throw, the exception passes through and the weights are
     * those of the last step.
     *
     * @throws IllegalArgumentException if the data is empty or does not fit the model or the loss, the number of steps exceeds an int, or
     *     {@link Fit#startAt} the number of steps; nothing has changed then
     * @throws IllegalStateException if another thread trains with this trainer
     */
    public History fit(DataSet data, Fit options) {
        Arguments.notNull("data", data);
        Arguments.notNull("options", options);
        check("data", data);
        if (options.validation != null) {
            check("validation", options.validation);
        }
        long rowsPerStep = (long) options.batchSize * options.accumulate;
        int stepsPerEpoch = (int) ((data.size() + rowsPerStep - 1) / rowsPerStep);
        int steps = Arguments.product("epochs x steps per epoch", options.epochs, stepsPerEpoch);
        if (options.startAt > steps) {
            throw Arguments.expected("startAt", options.startAt, "at most the number of steps, " + steps);
        }
        // A listener may fit as well: it is on the same thread.
        checkThread();
        boolean outer = worker.compareAndSet(null, Thread.currentThread());
        checkThread();
        try {
            return new FitRun(model, loss, stepper, examples, threads, data, options, stepsPerEpoch).run();
        } finally {
            if (outer) {
                worker.set(null);
            }
        }
    }

    /**
     * The mean loss and the accuracy of the model on {@code data}. Runs to its end, whether the thread is interrupted
     * or not.
     *
     * @throws IllegalArgumentException if the data is empty or does not fit the model or the loss
     */
    public Evaluation evaluate(DataSet data) {
        check("data", Arguments.notNull("data", data));
        return Objects.requireNonNull(new Evaluator(model, loss, data, threads).run(false));
    }

    /** The outputs of the model for every example, see {@link Sequential#predict(Tensor)}. */
    public Tensor predict(Tensor x) {
        return model.predict(x, threads);
    }

    /** Fails if another thread trains. */
    void checkThread() {
        Thread other = worker.get();
        if (other != null && other != Thread.currentThread()) {
            throw new IllegalStateException("the trainer is training on thread \"" + other.getName()
                    + "\": expected calls from that one, for example from a listener, or after fit");
        }
    }

    private void check(String name, DataSet data) {
        if (data.size() < 1) {
            throw Arguments.expected("size of " + name, data.size(), "at least 1 example");
        }
        if (data.columns() != model.inputs()) {
            throw Arguments.expected(
                    "columns of " + name, data.columns(), model.inputs() + ", the inputs of the model");
        }
        loss.check(model.outputs(), data.targets(0));
    }
}
