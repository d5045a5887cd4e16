package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;

/**
 * {@code ḡ = (1/N)·(Σ_i g_i·min(1, C/‖g_i‖₂) + noise)}: the gradient of each of the N examples of a step, over all parameters, is
 * clipped before they are averaged. This is for training that no single example can dominate, and with noise for differential
 * privacy, DP-SGD (Abadi et al.: Deep learning with differential privacy, 2016). An immutable description; give it to a trainer
 * or bind it with {@link #on}.
 *
 * <p><b>The bound.</b> What example i adds to ḡ has a norm of at most C/N, exactly: rounding is accounted for. With
 * {@code L = (C/N)·(1 − 2⁻⁴⁰)} and the computed norm n of {@code g_i/N}, an example with {@code n ≤ L} keeps every bit. Else what the
 * products are made of (the rows δ of each layer) is multiplied by
 * {@code k = max(0, L − e)·(1 − 2⁻²⁴)/n}, {@code e = 2⁻¹⁵⁰·√u}, u being {@code Σ (‖x‖² + 1)·columns} over dense layers. One product
 * {@code (float)(δ·k)} is wrong by a factor of 1 + 2⁻²⁴ or, where it is subnormal, by 2⁻¹⁵⁰; so the norm of what is added is at most
 * {@code k·‖g_i/N‖·(1 + 2⁻²⁴) + e}. The sums behind n and u have relative errors below 2⁻⁴², all other steps some 2⁻⁵³, and the slack
 * of 2⁻⁴⁰ covers all of them. The sum over the examples is then rounded as any product is, see {@link dev.espalier.kernel.Gemm}.
 *
 * <p><b>Noise</b> of standard deviation σC is added to every element of the sum, σC/N to the mean. It is a function of the seed,
 * the number of steps taken and the element, see {@link dev.espalier.kernel.Noise}: the same bits on any backend and with any
 * number of threads. <b>The generator is not cryptographic</b> and floating-point numbers are no real numbers (Mironov: On significance
 * of the least significant bits for differential privacy, 2012): fit for research and for robustness, not for secrets that somebody
 * able attacks. There is no privacy accountant here; one that assumes Poisson sampling does not describe shuffled batches.
 *
 * <p><b>What is not finite.</b> The policy is that of the clip of the whole gradient. Under {@link NonFinite#ZERO_ELEMENTS} an example
 * whose gradient holds NaN or ±∞ contributes nothing, and the step takes place. Otherwise it is left as it is, so that the clip of
 * the whole gradient meets it: {@link NonFinite#SKIP_STEP} skips the step, {@link NonFinite#THROW} throws, {@link NonFinite#PROPAGATE}
 * lets it through. A gradient whose elements exceed all floats before clipping is finite here.
 */
public final class PerExample {
    private static final double SMALLEST = Float.MIN_NORMAL;
    private static final double LARGEST = Float.MAX_VALUE;

    /** The rate that the paper of {@link #adaptive(float, float, float)} recommends. */
    private static final float USUAL_RATE = 0.2f;

    final float threshold;
    final float noise;
    final long seed;
    final float rate;
    final float quantile;
    final float countNoise;

    private PerExample(float threshold, float noise, long seed, float rate, float quantile, float countNoise) {
        this.threshold = threshold;
        this.noise = noise;
        this.seed = seed;
        this.rate = rate;
        this.quantile = quantile;
        this.countNoise = countNoise;
        if ((noise > 0 || rate > 0) && threshold == Float.POSITIVE_INFINITY) {
            throw Arguments.expected("threshold", threshold, "a finite number where there is noise or adaptation");
        }
        if (rate > 0 && threshold < SMALLEST) {
            throw Arguments.expected(
                    "threshold", threshold, "at least " + Float.MIN_NORMAL + ", to begin adaptation with");
        }
    }

    /**
     * {@code g_i ← g_i·min(1, threshold/‖g_i‖₂)} for each example i. 0 removes everything, +∞ measures only.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static PerExample norm(float threshold) {
        return new PerExample(Arguments.threshold("threshold", threshold), 0, 0, 0, 0, 0);
    }

    /**
     * With noise {@code N(0, (multiplier·C)²)} on every element of the sum over the examples.
     *
     * @param multiplier σ; 0 for none
     * @param seed of the noise of all steps
     * @throws IllegalArgumentException if multiplier is negative, infinite or NaN, or above 0 with an infinite threshold
     */
    public PerExample noise(float multiplier, long seed) {
        Arguments.notNegativeFinite("multiplier", multiplier);
        return new PerExample(threshold, multiplier, seed, rate, quantile, countNoise);
    }

    /** {@link #adaptive(float, float, float)} without noise on the count. */
    public PerExample adaptive(float quantile, float rate) {
        return adaptive(quantile, rate, 0);
    }

    /**
     * With a threshold that follows a quantile of the norms: {@code C ← C·exp(−rate·(b − quantile))} after every step taken, b being
     * the share of examples with {@code ‖g_i‖ ≤ C} (Andrew, Thakkar, McMahan, Ramaswamy: Differentially private learning with
     * adaptive clipping, 2021, who use 0.5 and 0.2). C stays a normal float. The noise of a step belongs to the C of that step.
     *
     * @param quantile in [0, 1]
     * @param rate how fast C moves; 0 for a fixed threshold
     * @param countNoise the standard deviation of Gaussian noise on the number of examples within C, for differential
     *     privacy of C itself, from the seed of {@link #noise}; the paper takes a twentieth of the examples of a step
     * @throws IllegalArgumentException if quantile is outside [0, 1], rate or countNoise is negative, infinite or NaN, or rate is
     *     above 0 and the threshold infinite or below {@link Float#MIN_NORMAL}
     */
    public PerExample adaptive(float quantile, float rate, float countNoise) {
        if (!(quantile >= 0 && quantile <= 1)) {
            throw Arguments.expected("quantile", quantile, "in [0, 1]");
        }
        Arguments.notNegativeFinite("rate", rate);
        Arguments.notNegativeFinite("countNoise", countNoise);
        return new PerExample(threshold, noise, seed, rate, quantile, countNoise);
    }

    /**
     * This clip at work on the gradients of a model.
     *
     * @param policy what happens to examples whose gradient is not finite: that of the clip of the whole gradient
     * @throws IllegalArgumentException if an argument is null
     */
    public ExampleClipper on(Parameters parameters, NonFinite policy) {
        return new ExampleClipper(
                this, Arguments.notNull("parameters", parameters), Arguments.notNull("policy", policy));
    }

    /**
     * For example {@code perExample(norm 1.0, noise 1.1, adaptive 0.5)}, and then the rate, if it is not the 0.2 of the paper, and the noise
     * of the count, if it has some. Not the seed.
     */
    @Override
    public String toString() {
        return "perExample(norm " + threshold + (noise > 0 ? ", noise " + noise : "") + (rate > 0 ? adaptation() : "")
                + ")";
    }

    private String adaptation() {
        return ", adaptive " + quantile + (rate == USUAL_RATE ? "" : " by " + rate)
                + (countNoise > 0 ? ", count noise " + countNoise : "");
    }

    /** The threshold after a step, {@code within} of whose {@code examples} did not exceed {@code threshold}. */
    double adapted(double threshold, double within, int examples) {
        double next = threshold * StrictMath.exp(-rate * (within / examples - quantile));
        return Math.max(SMALLEST, Math.min(LARGEST, next));
    }
}
