package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * Adam (Kingma and Ba 2015, Algorithm 1): {@code m ← β₁·m + (1 − β₁)·ĝ}, {@code v ← β₂·v + (1 − β₂)·ĝ²},
 * {@code w ← w − rate·m̂/(√v̂ + ε)} with {@code m̂ = m/(1 − β₁ᵗ)} and {@code v̂ = v/(1 − β₂ᵗ)}, t counted from 1. ĝ is the clipped
 * gradient. Defaults: β₁ 0.9, β₂ 0.999, ε 1e-8.
 *
 * <p>A step is almost independent of the scale of the gradients. Clipping by value or norm hardly changes steady training with
 * it; it keeps spikes out of v.
 */
public final class Adam implements Optimizer {
    /** With |m| up to 2⁶² the quotient m/ε stays finite. */
    private static final float SMALLEST_EPSILON = 1e-19f;

    private final LearningRate rate;
    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final @Nullable UpdateClip updateClip;

    private Adam(LearningRate rate, float beta1, float beta2, float epsilon, @Nullable UpdateClip updateClip) {
        this.rate = Arguments.notNull("rate", rate);
        this.beta1 = Arguments.fraction("beta1", beta1);
        this.beta2 = Arguments.fraction("beta2", beta2);
        this.epsilon = epsilonOf(epsilon);
        this.updateClip = updateClip;
    }

    /**
     * Adam with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is not a finite number above 0
     */
    public static Adam withLearningRate(float rate) {
        return withLearningRate(LearningRate.constant(rate));
    }

    /**
     * Adam with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is null
     */
    public static Adam withLearningRate(LearningRate rate) {
        return new Adam(rate, 0.9f, 0.999f, 1e-8f, null);
    }

    /**
     * This optimizer with other decay rates of m and v than 0.9 and 0.999.
     *
     * @throws IllegalArgumentException if one is not in [0, 1)
     */
    public Adam betas(float beta1, float beta2) {
        return new Adam(rate, beta1, beta2, epsilon, updateClip);
    }

    /**
     * This optimizer with another ε than 1e-8. Second moments below FLT_MIN are stored as 0, and so those of gradients below
     * {@code √(FLT_MIN/(1 − β₂))}, 3.4e-18 with the default: an ε below that makes their steps longer than the rate.
     *
     * @throws IllegalArgumentException if epsilon is not a finite number at least 1e-19
     */
    public Adam epsilon(float epsilon) {
        return new Adam(rate, beta1, beta2, epsilon, updateClip);
    }

    /**
     * This optimizer with a limit for the update of each tensor.
     *
     * @throws IllegalArgumentException if updateClip is null
     */
    public Adam updateClip(UpdateClip updateClip) {
        return new Adam(rate, beta1, beta2, epsilon, Arguments.notNull("updateClip", updateClip));
    }

    /** The state is {@code m} and {@code v}. */
    @Override
    public Stepper on(Parameters parameters, Clip clip) {
        return on(parameters, clip, 0);
    }

    @Override
    public String toString() {
        return "Adam(" + hyperparameters() + tail() + ")";
    }

    String hyperparameters() {
        return rate + ", beta1 " + beta1 + ", beta2 " + beta2 + ", epsilon " + epsilon;
    }

    String tail() {
        return updateClip == null ? "" : ", update clip " + updateClip;
    }

    Stepper on(Parameters parameters, Clip clip, float weightDecay) {
        return new AdamStepper(parameters, clip, rate, beta1, beta2, epsilon, weightDecay, updateClip);
    }

    static float epsilonOf(float epsilon) {
        if (!(epsilon >= SMALLEST_EPSILON && epsilon <= Float.MAX_VALUE)) {
            throw Arguments.expected("epsilon", epsilon, "a finite number at least " + SMALLEST_EPSILON);
        }
        return epsilon;
    }
}
