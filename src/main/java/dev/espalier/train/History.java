package dev.espalier.train;

import dev.espalier.clip.ClipPart;
import dev.espalier.clip.ClipReport;
import dev.espalier.internal.Arguments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happened in one call of {@link Trainer#fit}, step by step and epoch by epoch. Steps are counted from 0 within
 * this history; {@link #firstStep()} tells where it began.
 *
 * <p>Grows while training goes on and is complete when fit returns. Not for use by other threads before that.
 */
public final class History {
    /** Room made at the start is bounded: a run of millions of steps may be meant to be interrupted. */
    private static final int LARGEST_START = 1 << 18;

    /** What the order of the examples depends on, see {@link #order}. */
    static final List<String> ORDER = List.of("seed", "shuffle", "batch size", "batches per step", "examples");

    private Map<String, String> order = Map.of();
    private final int firstStep;
    private final int stepsPerEpoch;
    private final List<Epoch> epochs = new ArrayList<>();
    private int steps;
    private boolean interrupted;
    private double[] losses;
    private double[] normsBefore;
    private double[] normsAfter;
    private double[] factors;
    private double[] clampedFractions;
    private boolean[] clipped;
    private boolean[] skipped;
    private List<Part> parts = List.of();

    History(int firstStep, int stepsPerEpoch, int expectedSteps) {
        this.firstStep = firstStep;
        this.stepsPerEpoch = stepsPerEpoch;
        int room = Math.min(expectedSteps, LARGEST_START);
        losses = new double[room];
        normsBefore = new double[room];
        normsAfter = new double[room];
        factors = new double[room];
        clampedFractions = new double[room];
        clipped = new boolean[room];
        skipped = new boolean[room];
    }

    /**
     * The figures of one epoch. Means and counts are over its steps in this history that were not skipped; NaN where
     * there is nothing to take a mean of.
     *
     * @param epoch its number, from 0
     * @param loss the mean over the examples, each with the weights of its step
     * @param accuracy likewise the share of right answers in training; NaN without labels
     * @param validationLoss the mean loss on the validation set after the epoch; NaN without one
     * @param validationAccuracy the accuracy on the validation set after the epoch; NaN without one or without labels
     * @param meanNorm the mean over the steps of the norm of the gradient before clipping; NaN if not recorded
     * @param maxNorm the largest of them
     * @param clipRate the share of steps that were clipped, in [0, 1]; NaN if not recorded
     * @param skipped how many steps were skipped because their gradient was not finite
     * @param seconds how long the steps took, listeners included, validation not
     * @param samplesPerSecond examples per second of them
     */
    public record Epoch(
            int epoch,
            double loss,
            double accuracy,
            double validationLoss,
            double validationAccuracy,
            double meanNorm,
            double maxNorm,
            double clipRate,
            int skipped,
            double seconds,
            double samplesPerSecond) {}

    /** How many steps were taken or skipped. */
    public int steps() {
        return steps;
    }

    /** The number, counted over all epochs of the run, of the step at index 0. */
    public int firstStep() {
        return firstStep;
    }

    /** The number of the step that would have come next: where {@link Fit#startAt} goes on. */
    public int nextStep() {
        return firstStep + steps;
    }

    /** How many steps a whole epoch has. */
    public int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    /** The number, from 0, of the epoch that step {@code step} belongs to. */
    public int epochOf(int step) {
        return (firstStep + at(step)) / stepsPerEpoch;
    }

    /** The mean loss over the examples of a step, before its update; NaN for poisoned data. */
    public double loss(int step) {
        return losses[at(step)];
    }

    /** The norm of the gradient before clipping; NaN if {@link Fit#norms} is off. */
    public double normBefore(int step) {
        return normsBefore[at(step)];
    }

    /** The norm of the gradient after clipping; NaN if {@link Fit#norms} is off. */
    public double normAfter(int step) {
        return normsAfter[at(step)];
    }

    /** {@link ClipReport#clipped}; false if {@link Fit#norms} is off. */
    public boolean clipped(int step) {
        return clipped[at(step)];
    }

    /** The smallest factor applied to any tensor, 1 if none was; NaN if {@link Fit#norms} is off. */
    public double factor(int step) {
        return factors[at(step)];
    }

    /** The share of elements that lay outside their bounds, in [0, 1]; NaN if {@link Fit#norms} is off. */
    public double clampedFraction(int step) {
        return clampedFractions[at(step)];
    }

    /**
     * The clips of the chain in their order, each with its group of tensors, as {@link ClipReport#parts}; none before the first
     * step or if {@link Fit#norms} is off.
     */
    public List<Part> parts() {
        return parts;
    }

    /**
     * A threshold for a clip by global norm: about this share of the steps so far had a larger norm, at most. Train for a while
     * with {@code Clip.none()} and ask for 0.1 or 0.05; for other clips see {@link Part#suggestThreshold}.
     *
     * @param rate the share of steps to be clipped, in [0, 1); 0 gives the largest norm
     * @throws IllegalArgumentException if rate is not in [0, 1)
     * @throws IllegalStateException if no step has a norm: {@link Fit#norms} is off, or all were skipped
     */
    public float suggestThreshold(double rate) {
        return threshold(
                normsBefore, rate, "no step with a norm: expected Fit.norms(true) and steps that were not skipped");
    }

    /** Whether the step was skipped because its gradient was not finite. */
    public boolean skipped(int step) {
        return skipped[at(step)];
    }

    /** A copy of the losses of all steps. */
    public double[] losses() {
        return Arrays.copyOf(losses, steps);
    }

    /** A copy of the norms before clipping of all steps. */
    public double[] normsBefore() {
        return Arrays.copyOf(normsBefore, steps);
    }

    /** A copy of the norms after clipping of all steps. */
    public double[] normsAfter() {
        return Arrays.copyOf(normsAfter, steps);
    }

    /** The epochs that are over; a view that cannot be changed. */
    public List<Epoch> epochs() {
        return Collections.unmodifiableList(epochs);
    }

    /**
     * The epoch that was over last.
     *
     * @throws IllegalStateException if none is over yet
     */
    public Epoch lastEpoch() {
        if (epochs.isEmpty()) {
            throw new IllegalStateException("no epoch is over yet");
        }
        return epochs.getLast();
    }

    /** Whether an interrupt of the thread left out steps or a validation that would have come. */
    public boolean interrupted() {
        return interrupted;
    }

    /** One line per epoch. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("History of " + steps + " steps");
        for (Epoch e : epochs) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n  epoch %d: loss %.4f, accuracy %.4f, validation loss %.4f, accuracy %.4f, norm %.3g,"
                            + " clipped %.1f %%, %.0f samples/s",
                    e.epoch,
                    e.loss,
                    e.accuracy,
                    e.validationLoss,
                    e.validationAccuracy,
                    e.meanNorm,
                    100 * e.clipRate,
                    e.samplesPerSecond));
        }
        return text.toString();
    }

    /** Remembers what the order of the examples depends on, for a checkpoint. */
    void orderedAs(Fit options, int examples) {
        order = order(options, examples);
    }

    Map<String, String> order() {
        return order;
    }

    /** Steps with the same number visit the same examples in the same order if these are the same. */
    static Map<String, String> order(Fit options, int examples) {
        long[] values = {options.seed, options.shuffle ? 1 : 0, options.batchSize, options.accumulate, examples};
        Map<String, String> order = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            order.put(ORDER.get(i), Long.toString(values[i]));
        }
        return order;
    }

    void addStep(double loss, double normBefore, double normAfter, boolean wasClipped, boolean wasSkipped) {
        if (steps == losses.length) {
            grow();
        }
        losses[steps] = loss;
        normsBefore[steps] = normBefore;
        normsAfter[steps] = normAfter;
        clipped[steps] = wasClipped;
        skipped[steps] = wasSkipped;
        factors[steps] = Double.NaN;
        clampedFractions[steps] = Double.NaN;
        steps++;
    }

    /** What the clip did in the step just added. */
    void addClip(ClipReport report) {
        if (parts.isEmpty()) {
            parts = report.parts().stream().map(part -> new Part(part.name())).toList();
        }
        factors[steps - 1] = report.factor();
        clampedFractions[steps - 1] = report.clampedFraction();
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).add(report.parts().get(i));
        }
    }

    void addEpoch(Epoch epoch) {
        epochs.add(epoch);
    }

    void interrupt() {
        interrupted = true;
    }

    private void grow() {
        int room = Math.max(16, steps + (steps >> 1));
        losses = Arrays.copyOf(losses, room);
        normsBefore = Arrays.copyOf(normsBefore, room);
        normsAfter = Arrays.copyOf(normsAfter, room);
        factors = Arrays.copyOf(factors, room);
        clampedFractions = Arrays.copyOf(clampedFractions, room);
        clipped = Arrays.copyOf(clipped, room);
        skipped = Arrays.copyOf(skipped, room);
    }

    private int at(int step) {
        Arguments.index("step", step, steps);
        return step;
    }

    /** The smallest float that no more than this share of the steps exceeded. */
    private float threshold(double[] measured, double rate, String nothing) {
        if (!(rate >= 0 && rate < 1)) {
            throw Arguments.expected("rate", rate, "in [0, 1)");
        }
        double[] sorted = new double[steps];
        int count = 0;
        for (int i = 0; i < steps; i++) {
            if (!skipped[i] && measured[i] >= 0) {
                sorted[count++] = measured[i];
            }
        }
        if (count == 0) {
            throw new IllegalStateException(nothing);
        }
        Arrays.sort(sorted, 0, count);
        double threshold = sorted[count - 1 - (int) (rate * count)];
        float rounded = (float) threshold;
        return rounded < threshold ? Math.nextUp(rounded) : rounded;
    }

    /**
     * What one clip of a chain did, step by step; see {@link ClipPart} for the meaning of the figures. Steps are those of the
     * history.
     */
    public final class Part {
        private static final int MEASURED = 0;
        private static final int THRESHOLD = 1;
        private static final int FACTOR = 2;
        private static final int CLAMPED = 3;
        private static final int BEFORE = 4;
        private static final int AFTER = 5;

        private final String name;
        private final double[][] figures = new double[AFTER + 1][losses.length];

        private Part(String name) {
            this.name = name;
        }

        /** The clip and the names it is limited to, for example {@code globalNorm(1.0).only("*.weight")}. */
        public String name() {
            return name;
        }

        /** {@link dev.espalier.clip.ClipPart#measured}; NaN if it compared nothing. */
        public double measured(int step) {
            return figures[MEASURED][at(step)];
        }

        /** The threshold in force; NaN if nothing was compared. */
        public double threshold(int step) {
            return figures[THRESHOLD][at(step)];
        }

        /** The smallest factor applied to any of its tensors; 1 if none was. */
        public double factor(int step) {
            return figures[FACTOR][at(step)];
        }

        /** The share of its tensors' elements that lay outside their bounds, in [0, 1]. */
        public double clampedFraction(int step) {
            return figures[CLAMPED][at(step)];
        }

        /** The norm over its tensors before clipping. */
        public double normBefore(int step) {
            return figures[BEFORE][at(step)];
        }

        /** The norm over its tensors after clipping. */
        public double normAfter(int step) {
            return figures[AFTER][at(step)];
        }

        /**
         * Another threshold for this clip: about this share of the steps so far measured more, at most.
         *
         * @param rate the share of steps to be clipped, in [0, 1)
         * @throws IllegalArgumentException if rate is not in [0, 1)
         * @throws IllegalStateException if no step that was not skipped compared anything
         */
        public float suggestThreshold(double rate) {
            return History.this.threshold(
                    figures[MEASURED],
                    rate,
                    name + " compared nothing with a threshold: expected a step with a measured figure");
        }

        private void add(ClipPart part) {
            for (int i = 0; i < figures.length; i++) {
                if (figures[i].length < steps) {
                    figures[i] = Arrays.copyOf(figures[i], losses.length);
                }
            }
            int step = steps - 1;
            figures[MEASURED][step] = part.measured();
            figures[THRESHOLD][step] = part.threshold();
            figures[FACTOR][step] = part.factor();
            figures[CLAMPED][step] = part.clampedFraction();
            figures[BEFORE][step] = part.normBefore();
            figures[AFTER][step] = part.normAfter();
        }
    }
}
