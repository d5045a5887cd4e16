package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * What to do with gradients before an optimizer consumes them. Immutable.
 *
 * <p>Three ways to use one: hand it to an optimizer; {@link #apply} it to plain arrays in place; or bind it to arrays with
 * {@link #on(float[][])} and call {@link Clipper#apply} every step, which allocates nothing.
 *
 * <p>Common to all strategies: norms are taken in double and no finite gradient overflows or underflows them. A gradient within
 * its threshold keeps every bit ({@link #soft} has none to be within). A threshold for norms or elements of 0 makes everything 0,
 * {@code +∞} only measures; NaN and negative thresholds are errors. Zero gradients, empty gradients and no gradients at all stay
 * what they are. What happens to NaN and ±∞ is a
 * {@linkplain NonFinite policy}, checked once on the gradients as they come in; the default skips the step.
 *
 * <p>A threshold that clips in none of 1000 steps, or in more than 95 % of them, is told once to the {@link System.Logger} called
 * {@code dev.espalier.clip}, with the one that would have clipped about 10 %. Bounds of single elements are told only if they never
 * clip, and {@code +∞} never is. {@link #soft} and clips that choose their own threshold (autoClip, zClip, adaGc, spikes) are not watched.
 *
 * <p>Clipping limits gradients that explode. It does nothing for gradients that vanish.
 */
public final class Clip {
    private static final NonFinite DEFAULT_POLICY = NonFinite.SKIP_STEP;

    /** With one bad step in a hundred, a hundred in a row do not happen: it is the run that is bad, not a batch. */
    private static final int DEFAULT_SKIPS = 100;

    private static final Clip NONE = new Clip(new None(), null, null);

    private final Rule rule;
    private final @Nullable NonFinite policy;
    private final @Nullable Integer maxConsecutiveSkips;

    private Clip(Rule rule, @Nullable NonFinite policy, @Nullable Integer maxConsecutiveSkips) {
        this.rule = rule;
        this.policy = policy;
        this.maxConsecutiveSkips = maxConsecutiveSkips;
    }

    /** {@code g ← g}: no clipping. The policy for non-finite gradients still holds. */
    public static Clip none() {
        return NONE;
    }

    /**
     * {@code g ← min(max(g, −threshold), threshold)}, element by element: {@code clipvalue} of Keras, {@code clip_grad_value_} of
     * PyTorch, {@code clip} of optax.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip value(float threshold) {
        float bound = Arguments.threshold("threshold", threshold);
        return of(new Value(-bound, bound));
    }

    /**
     * {@code g ← min(max(g, low), high)}, element by element. An element clamped to 0 keeps its sign. Under
     * {@link NonFinite#PROPAGATE} NaN stays NaN and ±∞ is clamped.
     *
     * @param low at most 0, so that clipping never makes an element larger; −∞ for no bound
     * @param high at least 0; +∞ for no bound
     * @throws IllegalArgumentException if a bound is NaN or on the wrong side of 0
     */
    public static Clip value(float low, float high) {
        if (!(low <= 0)) {
            throw Arguments.expected("low", low, "a number at most 0 (-Infinity for no bound)");
        }
        if (!(high >= 0)) {
            throw Arguments.expected("high", high, "a number at least 0 (+Infinity for no bound)");
        }
        // A zero gets the sign of what it clamps.
        return of(new Value(low == 0 ? -0f : low, high == 0 ? 0f : high));
    }

    /**
     * {@code g ← g·min(1, threshold/‖g‖₂)}, each tensor by its own norm: {@code clipnorm} of Keras, {@code clip_by_norm} of
     * TensorFlow. For one norm over all tensors see {@link #globalNorm(float)}.
     *
     * <p>The result is within 1 ulp of {@code (float) ((double) g·(threshold/‖g‖))}, also where the quotient is subnormal.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip norm(float threshold) {
        return of(new Norm(Arguments.threshold("threshold", threshold)));
    }

    /**
     * {@code g ← g·min(1, threshold/n)} with {@code n = ‖(g₁, g₂, …)‖₂} over all tensors together (Pascanu, Mikolov, Bengio: On
     * the difficulty of training recurrent neural networks, 2013): {@code global_clipnorm} of Keras, {@code clip_grad_norm_} of
     * PyTorch, {@code clip_by_global_norm} of optax and TensorFlow. The order of the tensors changes nothing.
     *
     * <p>The result is within 1 ulp of {@code (float) ((double) g·(threshold/n))}, also where the quotient is subnormal.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip globalNorm(float threshold) {
        return globalNorm(threshold, 2);
    }

    /**
     * {@link #globalNorm(float)} with {@code n = ‖(g₁, g₂, …)‖ₚ}: {@code (Σ|x|ᵖ)^(1/p)}, or {@code max |x|} for
     * {@link Double#POSITIVE_INFINITY}. 1, 2 and ∞ run at the speed of memory; any other p costs a power per element.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative, or p is NaN or below 1
     */
    public static Clip globalNorm(float threshold, double p) {
        float limit = Arguments.threshold("threshold", threshold);
        if (!(p >= 1)) {
            throw Arguments.expected("p", p, "a number at least 1 (+Infinity for the maximum)");
        }
        return of(new GlobalNorm(limit, p));
    }

    /**
     * {@code g ← g·min(1, threshold/a)}, each tensor by its own average norm {@code a = ‖g‖₂/N} of N elements:
     * {@code clip_by_average_norm} of TensorFlow. Note the divisor: the average norm of N equal elements x is {@code |x|/√N}, not
     * {@code |x|}, which {@link #blockRms} takes.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip averageNorm(float threshold) {
        return of(new AverageNorm(Arguments.threshold("threshold", threshold)));
    }

    /**
     * {@code g ← g/max(1, rms/threshold)}, each tensor by its own {@code rms = √(Σx²/N)} (Shazeer, Stern: Adafactor, 2018, which
     * clips updates so): {@code clip_by_block_rms} of optax. A threshold that means the same for tensors of any size.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip blockRms(float threshold) {
        return of(new BlockRms(Arguments.threshold("threshold", threshold)));
    }

    /**
     * {@code gᵢ ← gᵢ·min(1, threshold/‖gᵢ‖₂)}, each unit i by its own norm. A unit is an output neuron: a column of a weight
     * [inputs, outputs], and of any parameter with two or more axes all elements with the same last index. A parameter with one
     * axis or none, such as a bias, is one unit as a whole, and so is a plain array, which has no shape.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip unitNorm(float threshold) {
        return of(new Units(false, Arguments.threshold("threshold", threshold), 1));
    }

    /**
     * {@link #agc(float, float)} with the λ = 0.01 and ε = 0.001 of the paper, for batches of 4096; smaller batches take a larger
     * λ.
     */
    public static Clip agc() {
        return agc(0.01f);
    }

    /**
     * {@link #agc(float, float)} with the ε = 0.001 of the paper.
     *
     * @throws IllegalArgumentException if lambda is NaN or negative
     */
    public static Clip agc(float lambda) {
        return agc(lambda, 1e-3f);
    }

    /**
     * {@code gᵢ ← gᵢ·min(1, λ·max(‖wᵢ‖, ε)/‖gᵢ‖)}, adaptive gradient clipping: each unit i by its own norm, against that of its
     * weights (Brock, De, Smith, Simonyan: High-performance large-scale image recognition without normalization, 2021).
     * {@code adaptive_grad_clip} of optax and timm. Units are those of {@link #unitNorm}; a bias is one unit as a whole, as
     * there. The paper leaves the last layer out and so do most users the biases:
     * {@code agc(0.01f).except("dense2.*", "*.bias")}.
     *
     * <p>Needs weights: to bind it to plain arrays is an error. The norms of the weights cost a second read.
     *
     * @param lambda the largest quotient of the norms
     * @param epsilon what a smaller norm of weights counts as, so that a unit that starts at 0 can learn; a norm that is NaN, too
     * @throws IllegalArgumentException if lambda is NaN or negative, or epsilon is not a finite number above 0
     */
    public static Clip agc(float lambda, float epsilon) {
        return of(new Units(true, Arguments.threshold("lambda", lambda), Arguments.positiveFinite("epsilon", epsilon)));
    }

    /**
     * {@code g ← g·threshold/(threshold + n)} with {@code n} the norm over all tensors together: a smooth {@link #globalNorm(float)}.
     * The norm afterwards grows with the norm before and stays below the threshold, up to rounding. Every gradient becomes shorter, one of
     * {@code n = threshold} by half; a gradient that is short against the threshold hardly.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip soft(float threshold) {
        return of(new Soft(Arguments.threshold("threshold", threshold)));
    }

    /**
     * {@link #autoClip(double)} with the 10 of the paper.
     */
    public static Clip autoClip() {
        return autoClip(10);
    }

    /**
     * {@code g ← g·min(1, c/n)} with {@code n} the norm over all tensors and {@code c} the percentile p of the norms of all steps so
     * far, this one included (Seetharaman, Wichern, Pardo, Le Roux: AutoClip, adaptive gradient clipping for source separation
     * networks, 2020). With p = 10 about nine steps in ten are clipped: this is a schedule for the length of the gradients.
     *
     * <p>The norms are not kept. A histogram of 8 KB tells c within a relative error of 2⁻⁸ if all norms lie within a factor 15 of
     * each other, 2⁻⁷ within 2⁷, 2⁻⁶ within 2¹⁵, 2⁻⁵ within 2³¹, 2⁻⁴ within 2⁶³. As in the paper, a percentile between two norms is
     * interpolated linearly. A norm that is not finite is not remembered. Unlike in the paper, nor is one of 0: zeros say nothing of how
     * long gradients are, and a c of 0 would make all that follow 0, too.
     *
     * @param percentile p; 0 for the smallest norm so far, 100 for the largest, which never clips
     * @throws IllegalArgumentException if percentile is not in [0, 100]
     */
    public static Clip autoClip(double percentile) {
        if (!(percentile >= 0 && percentile <= 100)) {
            throw Arguments.expected("percentile", percentile, "in [0, 100]");
        }
        return of(new AutoClip(percentile));
    }

    /** {@link #zClip(float, float, int)} with the α = 0.97, z = 2.5 and warm-up of 25 steps of the paper. */
    public static Clip zClip() {
        return zClip(0.97f, 2.5f, 25);
    }

    /**
     * {@code g ← g·c/n} with {@code c = μ + z·σ·(z/s)} if {@code s = (n − μ)/(σ + 10⁻⁶)} exceeds z; n is the norm over all tensors
     * (Kumar, Owen, Chowdhury, Güra: ZClip, adaptive spike mitigation for LLM pre-training, 2025). The farther out a norm lies the
     * shorter it becomes. μ and σ² are moving averages of the clipped norms:
     * {@code μ ← α·μ + (1 − α)·min(n, c)}, {@code σ² ← α·σ² + (1 − α)·(min(n, c) − μ)²}.
     *
     * <p>The first {@code warmup} steps are not clipped; μ and σ² are the mean and variance of their norms. A norm that is not finite
     * is not remembered. Norms of about 10⁻⁶ and less count as no spike, because of the constant in s. Unlike in the paper, a norm of 0 is
     * not remembered either: it says nothing of how long gradients are, and a c near 0 would hold all that follow there.
     *
     * @throws IllegalArgumentException if alpha is not in [0, 1), z is not a finite number above 0, or warmup is below 1
     */
    public static Clip zClip(float alpha, float z, int warmup) {
        return of(new ZClip(
                Arguments.fraction("alpha", alpha),
                Arguments.positiveFinite("z", z),
                Arguments.positive("warmup", warmup)));
    }

    /** {@link #adaGc(float, float, int, float)} with the λ = 1.05, β = 0.98, 100 steps and threshold 1 of the paper. */
    public static Clip adaGc() {
        return adaGc(1.05f, 0.98f, 100, 1);
    }

    /**
     * {@code gᵢ ← gᵢ·min(1, λ·γᵢ/‖gᵢ‖)}, each tensor i against its own past, {@code γᵢ ← β·γᵢ + (1 − β)·‖clipped gᵢ‖} afterwards
     * (Wang et al.: AdaGC, improving training stability for large language model pretraining, 2025).
     *
     * <p>In the first {@code warmup} steps all tensors are clipped by {@link #globalNorm} with {@code globalThreshold}, and γᵢ is the
     * smallest norm that a tensor had after that. Unlike the paper, a gradient of zeros is not remembered: a γ of 0 would make
     * all that follow 0, too. A tensor that has had no other gradient yet is not clipped. A norm that is not finite is not
     * remembered either.
     *
     * @throws IllegalArgumentException if lambda is not a finite number above 0, beta is not in [0, 1), warmup is negative, or
     *     globalThreshold is NaN or negative
     */
    public static Clip adaGc(float lambda, float beta, int warmup, float globalThreshold) {
        return of(new AdaGc(
                Arguments.positiveFinite("lambda", lambda),
                Arguments.fraction("beta", beta),
                Arguments.notNegative("warmup", warmup),
                Arguments.threshold("globalThreshold", globalThreshold)));
    }

    /** {@link #spikes(float)} with the θ = 5000 of the paper. */
    public static Clip spikes() {
        return spikes(5000);
    }

    /**
     * {@code g ← sign(g)·√(θ·v)} where {@code g² > θ·v}, element by element, and then {@code v ← β₂·v + (1 − β₂)·g²} with the clipped
     * g and β₂ = 0.999: the spike-aware clip of SPAM (Huang et al.: SPAM, spike-aware Adam with momentum reset for stable LLM
     * training, 2025). Its resets of the momentum are no part of it.
     *
     * <p>v is this clip's own, of the steps before this one and without bias correction, as in the paper's code: right after a
     * first gradient x the bound is {@code √(θ/1000)·|x|}, 2.2·|x|, and comes to {@code √θ·|x|}, 71·|x|, in the long run. An element
     * whose v is 0 has had no gradient yet and is not clipped; in the first step that is all of them. v is a float array of the
     * size of the gradients. Below {@link Float#MIN_NORMAL} it becomes 0, so an element whose gradients stay below 3.4·10⁻¹⁸, or that had
     * none for tens of thousands of steps, passes the next one however large. Magnitudes above 2⁶² count as 2⁶² in it. NaN is not remembered.
     *
     * <p>The gradients are written.
     *
     * @throws IllegalArgumentException if theta is not a finite number above 0
     */
    public static Clip spikes(float theta) {
        return of(new Spikes(Arguments.positiveFinite("theta", theta)));
    }

    /**
     * {@link #uClip(Clip)} around {@link #value(float)}, the paper's choice.
     *
     * @throws IllegalArgumentException if threshold is NaN or negative
     */
    public static Clip uClip(float threshold) {
        return uClip(value(threshold));
    }

    /**
     * {@code u = clip(g + Δ)}, {@code Δ ← g + Δ − u}, {@code g ← u}: what a clip cuts off is handed in again in the next step, so that the
     * clipped gradients are unbiased on average (Elesedy, Hutter: U-Clip, on-average unbiased stochastic gradient clipping, 2023).
     * Δ begins at 0 and takes a float array of the size of the gradients. A gradient that is 0 may come out as something else.
     *
     * <p>The sum saturates at ±{@link Float#MAX_VALUE}, and where Δ would become NaN or ±∞ it becomes 0. The gradients are written.
     *
     * @param clip any clip; its policy for NaN and ±∞ becomes that of the whole
     * @throws IllegalArgumentException if clip is null
     */
    public static Clip uClip(Clip clip) {
        Arguments.notNull("clip", clip);
        return new Clip(new UClip(clip.rule), clip.policy, clip.maxConsecutiveSkips);
    }

    /**
     * This clip and then another one: what {@code next} sees is what this one left. {@code value(c).then(globalNorm(d))} measures
     * the clamped gradient. Both are fused into one plan where that is exact, and the bits are the same where it is not.
     *
     * <p>There is one policy for the whole chain, checked before its first clip: the one that either part sets.
     *
     * @throws IllegalArgumentException if next is null, or both set a policy or a limit of skips and not the same
     */
    public Clip then(Clip next) {
        Arguments.notNull("next", next);
        Rule both = rule instanceof None ? next.rule : next.rule instanceof None ? rule : Chain.of(rule, next.rule);
        return new Clip(
                both,
                common("nonFinite", policy, next.policy),
                common("maxConsecutiveSkips", maxConsecutiveSkips, next.maxConsecutiveSkips));
    }

    /**
     * This clip for the parameters with these names and no others: {@code globalNorm(1).only("*.weight")} takes one norm over all
     * weights and leaves the biases alone. With {@link #then} that makes groups, each with its own threshold:
     * {@code globalNorm(1).only("encoder.*").then(globalNorm(5).only("decoder.*"))}. Groups without a common parameter cost one
     * read of the gradients together.
     *
     * <p>The policy for NaN and ±∞ holds for all gradients, whether they are clipped or not.
     *
     * @param patterns names, in which {@code *} stands for any text; plain arrays are called {@code gradients[0]} and so on. A
     *     pattern that matches no parameter is an {@link IllegalArgumentException} when the clip is bound, and so is a filter behind
     *     another that leaves none
     * @throws IllegalArgumentException if there is no pattern, or one is null or blank
     */
    public Clip only(String... patterns) {
        return new Clip(new Filter(rule, Names.of(patterns, true)), policy, maxConsecutiveSkips);
    }

    /**
     * This clip for all parameters but those with these names: {@code agc(0.01f).except("*.bias", "dense2.*")}. Otherwise as
     * {@link #only}.
     *
     * @param patterns names, in which {@code *} stands for any text. One that matches no parameter is an
     *     {@link IllegalArgumentException} when the clip is bound, and so is a filter that leaves none
     * @throws IllegalArgumentException if there is no pattern, or one is null or blank
     */
    public Clip except(String... patterns) {
        return new Clip(new Filter(rule, Names.of(patterns, false)), policy, maxConsecutiveSkips);
    }

    /**
     * This clip with a policy for gradients that hold NaN or ±∞, instead of {@link NonFinite#SKIP_STEP}.
     *
     * @throws IllegalArgumentException if policy is null
     */
    public Clip nonFinite(NonFinite policy) {
        return new Clip(rule, Arguments.notNull("policy", policy), maxConsecutiveSkips);
    }

    /**
     * This clip with another limit than 100 for {@link NonFinite#SKIP_STEP}: that many steps in a row may be skipped, the next
     * one throws {@link NonFiniteGradientException}. A step that takes place begins the count anew.
     *
     * @throws IllegalArgumentException if skips is negative
     */
    public Clip maxConsecutiveSkips(int skips) {
        return new Clip(rule, policy, Arguments.notNegative("skips", skips));
    }

    /** The policy for gradients that hold NaN or ±∞. */
    public NonFinite nonFinite() {
        return policy == null ? DEFAULT_POLICY : policy;
    }

    /** How many steps in a row may be skipped. */
    public int maxConsecutiveSkips() {
        return maxConsecutiveSkips == null ? DEFAULT_SKIPS : maxConsecutiveSkips;
    }

    /**
     * Clips plain arrays in place, each one a tensor; the same bits as the fused path. If the report says
     * {@link ClipReport#skipped}, nothing was changed and the step should not be taken.
     *
     * <p>Every call binds the clip anew, so one that learns is always in its first step: autoClip, zClip and spikes do nothing then, adaGc is
     * the global norm of its warm-up (nothing without one), uClip is the clip it wraps. No steps in a row are counted for {@link #maxConsecutiveSkips}, and nothing is told of a threshold that never clips. A training loop calls
     * {@link #on(float[][])} once and {@link Clipper#apply} every step.
     *
     * @param gradients different arrays, of any lengths; their names in the report are {@code gradients[0]}, …
     * @throws IllegalArgumentException if an array is null or stands there twice, or the clip cannot be bound: a pattern matches no name, a
     *     filter leaves nothing, or agc has no weights
     * @throws NonFiniteGradientException as the policy says; nothing has changed then
     */
    public ClipReport apply(float[]... gradients) {
        return on(gradients).apply();
    }

    /**
     * This clip at work on plain arrays.
     *
     * @param gradients different arrays, of any lengths; their names in the report are {@code gradients[0]}, …
     * @throws IllegalArgumentException if an array is null or stands there twice, or the clip cannot be bound: a pattern matches no name, a
     *     filter leaves nothing, or agc has no weights
     */
    public Clipper on(float[]... gradients) {
        return new Clipper(this, rule, Gradients.of(gradients, rule.p(2)));
    }

    /**
     * This clip at work on the gradients of a model.
     *
     * @throws IllegalArgumentException if parameters is null, a pattern matches no name, or a filter leaves nothing
     */
    public Clipper on(Parameters parameters) {
        return new Clipper(this, rule, Gradients.of(Arguments.notNull("parameters", parameters), rule.p(2)));
    }

    /** For example {@code value(-0.05, 0.05) then globalNorm(1.0)}; policy and skips in a row if they are not the default. */
    @Override
    public String toString() {
        return rule
                + (nonFinite() == DEFAULT_POLICY ? "" : ", " + nonFinite())
                + (maxConsecutiveSkips() == DEFAULT_SKIPS
                        ? ""
                        : ", at most " + maxConsecutiveSkips() + " skips in a row");
    }

    private static Clip of(Rule rule) {
        return new Clip(rule, null, null);
    }

    private static <T> @Nullable T common(String name, @Nullable T mine, @Nullable T next) {
        if (mine != null && next != null && !mine.equals(next)) {
            throw new IllegalArgumentException(
                    name + " = " + mine + " here and " + next + " in next: expected the same, or one of them unset");
        }
        return mine == null ? next : mine;
    }
}
