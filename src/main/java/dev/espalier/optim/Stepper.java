package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ClipReport;
import dev.espalier.clip.Clipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.internal.Arguments;
import dev.espalier.internal.Parallel;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An {@link Optimizer} at work on {@link Parameters}: it owns the moments, the step count and the clip.
 *
 * <p>No finite gradient makes a weight or a moment non-finite: a velocity saturates at {@code ±Float.MAX_VALUE}, an update that
 * would overflow leaves its weight as it was, and where a gradient is squared ({@link RmsProp}, {@link Adam}, {@link AdamW})
 * elements are clamped to ±2⁶² after clipping, so that the square stays finite in float. Under {@link NonFinite#PROPAGATE} none
 * of this is done.
 *
 * <p>For one thread at a time. A step allocates nothing.
 */
public abstract class Stepper {
    static final float SQUARES_STAY_FINITE = 0x1p62f;

    private final Parameters parameters;
    private final Clipper clipper;
    private final LearningRate schedule;
    private final List<String> stateNames;
    private final float[][] states;
    private final double[] updateFactors;

    /** Largest |ĝ| that the update is handed. */
    private final float gradientLimit;

    /** The one number is the count of updates taken. */
    private final long[] steps = new long[1];

    private final Window window = new Window();
    private int threads = Runtime.getRuntime().availableProcessors();

    final float[] weights;
    final float[] gradients;

    /** Largest |w| and |velocity| that the update stores. */
    final float limit;

    /** @param squares whether the update squares gradients */
    Stepper(Parameters parameters, Clip clip, LearningRate schedule, boolean squares, String... stateNames) {
        this.parameters = Arguments.notNull("parameters", parameters);
        clipper = Arguments.notNull("clip", clip).on(parameters);
        this.schedule = schedule;
        this.stateNames = List.of(stateNames);
        states = new float[stateNames.length][parameters.size()];
        updateFactors = new double[parameters.count()];
        Arrays.fill(updateFactors, 1);
        boolean raw = clip.nonFinite() == NonFinite.PROPAGATE;
        limit = raw ? Float.POSITIVE_INFINITY : Float.MAX_VALUE;
        gradientLimit = squares && !raw ? SQUARES_STAY_FINITE : Float.POSITIVE_INFINITY;
        weights = parameters.weights();
        gradients = parameters.gradients();
    }

    /**
     * One step: clips the gradients as they lie in {@link Parameters#gradients} and updates weights and moments. A skipped step
     * ({@link ClipReport#skipped}) changes neither these nor the step count.
     *
     * @return what the clip did, valid until the next step or backward pass; the same object every time
     * @throws IllegalArgumentException if the learning rate of this step is negative, infinite or NaN, or with AdamW times the weight decay
     *     exceeds 1; nothing has changed then
     * @throws dev.espalier.clip.NonFiniteGradientException as the policy of the clip says; nothing has changed then
     */
    public final ClipReport step() {
        float rate = learningRate();
        prepare(rate, steps[0] + 1);
        Arrays.fill(updateFactors, 1);
        ClipReport report = clipper.plan();
        if (!report.skipped()) {
            update(rate);
            steps[0]++;
        }
        return report;
    }

    /**
     * How many threads may share the work on large gradients and weights, from now on; at first as many as there are processors.
     * Results do not depend on it. Returns this.
     *
     * @throws IllegalArgumentException if threads is not positive
     */
    public final Stepper threads(int threads) {
        clipper.threads(Arguments.positive("threads", threads));
        this.threads = threads;
        return this;
    }

    final int threads() {
        return threads;
    }

    /** The number of updates taken; skipped steps do not count. */
    public final long steps() {
        return steps[0];
    }

    /**
     * The learning rate of the next step.
     *
     * @throws IllegalArgumentException if the schedule returns a negative number, infinity or NaN
     */
    public final float learningRate() {
        float rate = schedule.at(steps[0]);
        if (!(rate >= 0 && rate <= Float.MAX_VALUE)) {
            throw Arguments.expected("learning rate at step " + steps[0], rate, "a finite number at least 0");
        }
        return rate;
    }

    /**
     * The factor by which {@link UpdateClip} shrank the update of tensor i in the last step; 1 if it did not, if there is none, and
     * in a skipped step.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public final double updateFactor(int i) {
        return updateFactors[Arguments.index("i", i, updateFactors.length)];
    }

    /** The parameters that are updated. */
    public final Parameters parameters() {
        return parameters;
    }

    /** The clip in use. */
    public final Clip clip() {
        return clipper.clip();
    }

    /** The names of the moments, in a fixed order, for {@link #state(String)}. {@link #state()} has all that training goes on from. */
    public final List<String> stateNames() {
        return stateNames;
    }

    /**
     * The moment called {@code name}, laid out as the weights: the array itself, not a copy. Writing it restores a moment.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names there are
     */
    public final float[] state(String name) {
        int index = stateNames.indexOf(Arguments.notNull("name", name));
        if (index < 0) {
            throw Arguments.expected("name", "\"" + name + "\"", "one of " + stateNames);
        }
        return states[index];
    }

    /**
     * All that training goes on from beside the weights, in a fixed order: {@code optimizer.steps}, the moments as
     * {@code optimizer.m} and so on, and the memory of the clip as {@code clip.skips} and so on. The live arrays: writing them
     * restores the state.
     */
    public final List<StateArray> state() {
        List<StateArray> state = new ArrayList<>();
        state.add(new StateArray.Longs("optimizer.steps", steps));
        for (int i = 0; i < states.length; i++) {
            state.add(new StateArray.Floats("optimizer." + stateNames.get(i), states[i]));
        }
        clipper.state().forEach(array -> state.add(array.under("clip.")));
        return state;
    }

    /**
     * Sets the step count, on which the learning rate and the bias corrections depend.
     *
     * @throws IllegalArgumentException if steps is negative
     */
    public final void restore(long steps) {
        if (steps < 0) {
            throw Arguments.expected("steps", steps, "at least 0");
        }
        this.steps[0] = steps;
    }

    /** Derives the scalars of update number t, counted from 1. Changes no state, and may throw. */
    void prepare(float rate, long t) {}

    /** Whether {@link #clipUpdate} must see each tensor by itself. */
    boolean tensorByTensor() {
        return false;
    }

    /** Limits the update of the tensor at {@code [offset, offset + n)} that follows; returns its factor. */
    double clipUpdate(int offset, int n, float factor, float low, float high) {
        return 1;
    }

    /** Updates {@code [offset, offset + n)} with {@code ĝ = min(max(g·factor, low), high)}. */
    abstract void update(float rate, int offset, int n, float factor, float low, float high);

    /**
     * A moment with decay rate 0 begins every step at 0. The kernels interpolate, {@code fma(1 − decay, x − moment, moment)}, and would
     * leave what {@code x − moment} rounded away.
     */
    static void forget(float decay, float[] moment, int offset, int n) {
        if (1 - decay == 1) {
            Arrays.fill(moment, offset, offset + n, 0);
        }
    }

    /** One pass over each run of slices that share a plan: a single one if all do. */
    private void update(float rate) {
        for (int i = 0; i < parameters.count(); ) {
            int next = tensorByTensor() ? i + 1 : clipper.next(i);
            int from = parameters.slice(i).offset();
            Parameters.Slice last = parameters.slice(next - 1);
            int n = last.offset() + last.length() - from;
            float low = Math.max(clipper.low(i), -gradientLimit);
            float high = Math.min(clipper.high(i), gradientLimit);
            updateFactors[i] = clipUpdate(from, n, clipper.factor(i), low, high);
            window.update(rate, from, n, clipper.factor(i), low, high);
            i = next;
        }
    }

    /** An update of a window of the weights, which threads may share: each element is updated by itself. */
    private final class Window extends Parallel {
        private static final int BLOCK = 4096;

        /** Memory bounds an update: an element takes as long as some thirty operations of a product. */
        private static final long OPERATIONS = 30;

        private float rate;
        private int offset;
        private int n;
        private float factor;
        private float low;
        private float high;

        void update(float rate, int offset, int n, float factor, float low, float high) {
            if (threads == 1 || !pays(OPERATIONS * n)) {
                Stepper.this.update(rate, offset, n, factor, low, high);
                return;
            }
            this.rate = rate;
            this.offset = offset;
            this.n = n;
            this.factor = factor;
            this.low = low;
            this.high = high;
            split((n - 1) / BLOCK + 1, threads);
        }

        @Override
        protected void run(int from, int to) {
            int first = from * BLOCK;
            int count = (int) Math.min(n, (long) to * BLOCK) - first;
            Stepper.this.update(rate, offset + first, count, factor, low, high);
        }
    }
}
