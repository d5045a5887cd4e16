package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Noise;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.util.List;

/**
 * A {@link PerExample} at work on the gradients of a model, step after step. It owns the threshold in force, the count of steps
 * on which the noise depends, and the figures of the last step.
 *
 * <p>A step is {@link #begin}, {@link #choose} for every batch of it on its way backward, {@link #finish}, the update, and
 * {@link #end}:
 *
 * <pre>{@code
 * examples.begin(rows);
 * pass.forward(rows);
 * loss.gradient(pass.output(), targets, rows, 1.0 / rows, pass.outputGradient());
 * pass.backward(rows, false, examples::choose);
 * examples.finish();
 * examples.end(!stepper.step().skipped());
 * }</pre>
 *
 * <p>Where {@code step} throws, the step ends with {@code end(false)}.
 *
 * <p>Allocates nothing. For one thread at a time.
 */
public final class ExampleClipper {
    /** What the rounding of norms may hide. */
    private static final double SLACK = 1 - 0x1p-40;

    /** Half a unit in the last place of a normal float, relative, and of a subnormal one. */
    private static final double HALF_ULP = 0x1p-24;

    private static final double HALF_SUBNORMAL = 0x1p-150;

    private final PerExample clip;
    private final float[] gradients;
    private final NonFinite policy;

    /** The one number is the threshold of the next step. */
    private final double[] next = new double[1];

    /** The one number is the count of steps taken. */
    private final long[] steps = new long[1];

    private final float[] countNoise = new float[1];

    // The step at work.
    private double threshold;
    private double limit;
    private int expected;
    private boolean begun;
    private boolean finished;
    private int examples;
    private int clipped;
    private int nonFinite;
    private double normSum;
    private double normMax;

    ExampleClipper(PerExample clip, Parameters parameters, NonFinite policy) {
        this.clip = clip;
        this.policy = policy;
        gradients = parameters.gradients();
        next[0] = clip.threshold;
    }

    /**
     * Begins a step. One that was begun and not finished is forgotten.
     *
     * @param examples how many examples it has, over all batches: the N by which the loss divides
     * @throws IllegalArgumentException if examples is not positive
     * @throws IllegalStateException if the step before was finished and has not ended: its noise would be drawn again
     */
    public void begin(int examples) {
        if (finished) {
            throw new IllegalStateException("begin: expected end of the step that is finished");
        }
        expected = Arguments.positive("examples", examples);
        threshold = next[0];
        limit = threshold / examples * SLACK;
        begun = true;
        finished = false;
        this.examples = 0;
        clipped = 0;
        nonFinite = 0;
        normSum = 0;
        normMax = 0;
    }

    /**
     * Chooses the factors of a batch, as {@link PerExample} says. Norms are those of the gradients divided by the number
     * of examples of the step.
     *
     * @param squares the squares of the norms, with a relative error below 2⁻⁴²; not finite for a gradient that is not
     * @param units the square of what a norm can change by if all that is multiplied by the factor changes by 1
     * @param factors where the factors go
     * @throws IllegalArgumentException if an array is null or rows is negative
     * @throws IndexOutOfBoundsException if an array has fewer elements than there are rows
     * @throws IllegalStateException if no step has begun, or it has more examples than it began with
     */
    public void choose(int rows, double[] squares, double[] units, double[] factors) {
        Arguments.notNegative("rows", rows);
        Arguments.window("squares", squares, 0, rows);
        Arguments.window("units", units, 0, rows);
        Arguments.window("factors", factors, 0, rows);
        if (!begun) {
            throw new IllegalStateException("choose: expected begin before it");
        }
        if (rows > expected - examples) {
            throw new IllegalStateException("examples of this step = " + ((long) examples + rows)
                    + ": expected at most " + expected + ", as it began with");
        }
        examples += rows;
        for (int i = 0; i < rows; i++) {
            factors[i] = factor(squares[i], units[i]);
        }
    }

    private double factor(double square, double unit) {
        if (!(square < Double.POSITIVE_INFINITY)) {
            nonFinite++;
            return policy == NonFinite.ZERO_ELEMENTS ? 0 : 1;
        }
        double norm = Math.sqrt(square);
        normSum += norm;
        normMax = Math.max(normMax, norm);
        if (norm <= limit) {
            return 1;
        }
        clipped++;
        double left = limit - HALF_SUBNORMAL * Math.sqrt(unit);
        return left > 0 ? left * (1 - HALF_ULP) / norm : 0;
    }

    /**
     * Adds the noise to the gradients of the model, when all batches are done.
     *
     * @throws IllegalStateException if no step has begun, there were fewer examples than it began with, or it is finished already
     */
    public void finish() {
        if (!begun || finished) {
            throw new IllegalStateException("finish: expected once in a step, after begin and before end");
        }
        if (examples != expected) {
            throw new IllegalStateException(
                    "examples of this step = " + examples + ": expected " + expected + ", as it began with");
        }
        finished = true;
        if (clip.noise > 0) {
            double deviation = clip.noise * threshold / examples;
            Noise.addGaussian(gradients, 0, gradients.length, deviation, noiseSeed(0));
        }
    }

    /**
     * Ends the step. Only one that was taken counts and moves the threshold: after a skipped one everything is as before, and
     * the next step draws the same noise.
     *
     * @param taken whether the update took place
     * @throws IllegalStateException if it was taken without {@link #finish}, or taken and has ended already
     */
    public void end(boolean taken) {
        if (taken && !finished) {
            throw new IllegalStateException("end of a step that is not finished: expected begin, choose, finish, end");
        }
        begun = false;
        finished = false;
        if (!taken) {
            return;
        }
        if (clip.rate > 0) {
            countNoise[0] = 0;
            Noise.addGaussian(countNoise, 0, 1, clip.countNoise, noiseSeed(1));
            // What is left of an example that became zeros lies within any threshold.
            int beyond = clipped + (policy == NonFinite.ZERO_ELEMENTS ? 0 : nonFinite);
            next[0] = clip.adapted(threshold, examples - beyond + (double) countNoise[0], examples);
        }
        steps[0]++;
    }

    /** The description. */
    public PerExample clip() {
        return clip;
    }

    /** The threshold C in force in the last step; before the first one that which it begins with. */
    public double threshold() {
        return expected == 0 ? next[0] : threshold;
    }

    /** The number of examples of the last step. */
    public int examples() {
        return examples;
    }

    /** How many of them were clipped. */
    public int clipped() {
        return clipped;
    }

    /** How many of them had a gradient with NaN or ±∞. */
    public int nonFinite() {
        return nonFinite;
    }

    /** The share of the examples that were clipped, in [0, 1]; NaN before the first step. */
    public double clippedFraction() {
        return (double) clipped / examples;
    }

    /** The mean norm {@code ‖g_i‖} before clipping of the examples whose gradient was finite; NaN if there was none. */
    public double meanNorm() {
        return normSum * expected / (examples - nonFinite);
    }

    /** The largest norm {@code ‖g_i‖} before clipping among the finite ones; 0 if there was none. */
    public double maxNorm() {
        return normMax * expected;
    }

    /**
     * What training goes on from: {@code threshold}, that of the next step, and {@code steps}, the number of steps taken. The live
     * arrays: writing them restores the state.
     */
    public List<StateArray> state() {
        return List.of(new StateArray.Doubles("threshold", next), new StateArray.Longs("steps", steps));
    }

    /** For example {@code clipped 37 of 128, mean norm 2.5, threshold 1.0}. */
    @Override
    public String toString() {
        return "clipped " + clipped + " of " + examples + ", mean norm " + meanNorm() + ", threshold " + threshold();
    }

    private long noiseSeed(int stream) {
        return SplitMix64.mix(SplitMix64.mix(clip.seed, steps[0]), stream);
    }
}
