package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): {@code w ← w·(1 − rate·weightDecay) − rate·m̂/(√v̂ + ε)}, m̂ and v̂ as
 * in {@link Adam}. It is taken as {@code w − rate·(m̂/(√v̂ + ε) + weightDecay·w)}, so that a decay below half the last place of a float is not
 * rounded away. The decay is no part of the gradient and is not clipped. Every parameter decays, biases too. Defaults: those of
 * Adam, weight decay 0.01.
 */
public final class AdamW implements Optimizer {
    private final Adam adam;
    private final float weightDecay;

    private AdamW(Adam adam, float weightDecay) {
        this.adam = adam;
        this.weightDecay = Arguments.notNegativeFinite("weightDecay", weightDecay);
    }

    /**
     * AdamW with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is not a finite number above 0
     */
    public static AdamW withLearningRate(float rate) {
        return withLearningRate(LearningRate.constant(rate));
    }

    /**
     * AdamW with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is null
     */
    public static AdamW withLearningRate(LearningRate rate) {
        return new AdamW(Adam.withLearningRate(rate), 0.01f);
    }

    /**
     * This optimizer with other decay rates of m and v than 0.9 and 0.999.
     *
     * @throws IllegalArgumentException if one is not in [0, 1)
     */
    public AdamW betas(float beta1, float beta2) {
        return new AdamW(adam.betas(beta1, beta2), weightDecay);
    }

    /**
     * This optimizer with another ε than 1e-8. Second moments below FLT_MIN are stored as 0, and so those of gradients below
     * {@code √(FLT_MIN/(1 − β₂))}, 3.4e-18 with the default: an ε below that makes their steps longer than the rate.
     *
     * @throws IllegalArgumentException if epsilon is not a finite number at least 1e-19
     */
    public AdamW epsilon(float epsilon) {
        return new AdamW(adam.epsilon(epsilon), weightDecay);
    }

    /**
     * This optimizer with another weight decay than 0.01. A step whose {@code rate·weightDecay} exceeds 1 is an error.
     *
     * @throws IllegalArgumentException if weightDecay is not a finite number at least 0
     */
    public AdamW weightDecay(float weightDecay) {
        return new AdamW(adam, weightDecay);
    }

    /**
     * This optimizer with a limit for the update of each tensor; with {@link UpdateClip#rms()} it is StableAdamW.
     *
     * @throws IllegalArgumentException if updateClip is null
     */
    public AdamW updateClip(UpdateClip updateClip) {
        return new AdamW(adam.updateClip(updateClip), weightDecay);
    }

    /** The state is {@code m} and {@code v}. */
    @Override
    public Stepper on(Parameters parameters, Clip clip) {
        return adam.on(parameters, clip, weightDecay);
    }

    @Override
    public String toString() {
        return "AdamW(" + adam.hyperparameters() + ", weight decay " + weightDecay + adam.tail() + ")";
    }
}
