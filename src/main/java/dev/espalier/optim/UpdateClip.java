package dev.espalier.optim;

import dev.espalier.internal.Arguments;

/**
 * A limit for the update of each tensor, measured before the weights move; {@link Adam#updateClip} and {@link AdamW#updateClip} take
 * one. A {@link dev.espalier.clip.Clip} limits what goes into the moments, this one what comes out: it also helps where a second
 * moment is out of date and an ordinary gradient makes a large step. Both may be used. The factor of each tensor is in
 * {@link Stepper#updateFactor}.
 *
 * <p>Costs one more pass, which reads gradients, moments and, for {@link #clippy}, weights. Has no state: the moments go on as
 * without it. Immutable.
 */
public abstract sealed class UpdateClip {
    private UpdateClip() {}

    /** {@link #rms(float)} with the threshold 1 of the paper. */
    public static UpdateClip rms() {
        return rms(1);
    }

    /**
     * {@code rate ← rate/max(1, RMS/threshold)} with {@code RMS = √mean(ĝ²/max(v̂, ε²))} over each tensor (Wortsman et al.: Stable and
     * low-precision training for large-scale vision-language models, 2023; after Shazeer and Stern: Adafactor, 2018). ĝ is the clipped
     * gradient of this step and v̂ the second moment with it. As in StableAdamW, weight decay shrinks with the rate.
     *
     * @throws IllegalArgumentException if threshold is not a finite number above 0
     */
    public static UpdateClip rms(float threshold) {
        return new Rms(Arguments.positiveFinite("threshold", threshold));
    }

    /** {@link #clippy(float, float)} with the 0.5 and 0.01 of the paper. */
    public static UpdateClip clippy() {
        return clippy(0.5f, 0.01f);
    }

    /**
     * {@code u ← u·min(1, minᵢ (relative·|wᵢ| + absolute)/|uᵢ|)} for the update u of each tensor, learning rate included (Tang et al.:
     * Improving training stability for multitask ranking models in recommender systems, 2023, algorithm Clippy): the largest
     * factor with which no weight changes by more than {@code relative·|w| + absolute}, up to rounding. The direction of u stays. Weight
     * decay is no part of u and is done in full. Where a factor would make the step size subnormal, below some 10⁻³⁵ with usual rates, the weights of the tensor stay as they are.
     *
     * @throws IllegalArgumentException if relative is not a finite number at least 0, or absolute is not a finite number above 0
     */
    public static UpdateClip clippy(float relative, float absolute) {
        return new Clippy(
                Arguments.notNegativeFinite("relative", relative), Arguments.positiveFinite("absolute", absolute));
    }

    /** The factor for the tensor at {@code [offset, offset + n)}. Writes nothing. */
    abstract double factor(AdamStepper adam, int offset, int n, float factor, float low, float high);

    /** How much of the weight decay goes with a factor. */
    abstract double decayFactor(double factor);

    private static final class Rms extends UpdateClip {
        private final float threshold;

        Rms(float threshold) {
            this.threshold = threshold;
        }

        @Override
        double factor(AdamStepper adam, int offset, int n, float factor, float low, float high) {
            double rms = Math.sqrt(adam.squares(offset, n, factor, low, high) / n);
            return rms > threshold ? threshold / rms : 1;
        }

        @Override
        double decayFactor(double factor) {
            return factor;
        }

        @Override
        public String toString() {
            return "rms(" + threshold + ")";
        }
    }

    private static final class Clippy extends UpdateClip {
        private final float relative;
        private final float absolute;

        Clippy(float relative, float absolute) {
            this.relative = relative;
            this.absolute = absolute;
        }

        @Override
        double factor(AdamStepper adam, int offset, int n, float factor, float low, float high) {
            double share = adam.share(offset, n, factor, low, high, relative, absolute);
            return share > 1 ? 1 / share : 1;
        }

        @Override
        double decayFactor(double factor) {
            return 1;
        }

        @Override
        public String toString() {
            return "clippy(" + relative + ", " + absolute + ")";
        }
    }
}
