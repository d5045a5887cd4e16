package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Updates;
import dev.espalier.tensor.Parameters;
import org.jspecify.annotations.Nullable;

/** {@link Adam} at work, and with a weight decay {@link AdamW}. */
final class AdamStepper extends Stepper {
    private final float[] m = state("m");
    private final float[] v = state("v");
    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final float weightDecay;
    private final @Nullable UpdateClip updateClip;

    private double size;
    private double shrink;
    private float stepSize;
    private float rootCorrection;

    /** How much of a weight is added to its direction. */
    private float decay;

    AdamStepper(
            Parameters parameters,
            Clip clip,
            LearningRate rate,
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay,
            @Nullable UpdateClip updateClip) {
        super(parameters, clip, rate, true, "m", "v");
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
        this.updateClip = updateClip;
    }

    @Override
    void prepare(float rate, long t) {
        shrink = (double) rate * weightDecay;
        if (shrink > 1) {
            throw Arguments.expected(
                    "learning rate x weight decay at step " + (t - 1),
                    shrink,
                    "at most 1, or weights would change their sign");
        }
        size = rate / (1 - Powers.power(beta1, t));
        scaleUpdate(1, 1);
        rootCorrection = (float) (1 / Math.sqrt(1 - Powers.power(beta2, t)));
    }

    @Override
    boolean tensorByTensor() {
        return updateClip != null;
    }

    @Override
    double clipUpdate(int offset, int n, float factor, float low, float high) {
        if (updateClip == null || n == 0) {
            return 1;
        }
        scaleUpdate(1, 1);
        // The update does so as well; what is measured must be what it will do.
        forget(beta1, m, offset, n);
        forget(beta2, v, offset, n);
        double updateFactor = updateClip.factor(this, offset, n, factor, low, high);
        scaleUpdate(updateFactor, updateClip.decayFactor(updateFactor));
        return updateFactor;
    }

    /** {@code Σ ĝ²/max(v̂, ε²)}. */
    double squares(int offset, int n, float factor, float low, float high) {
        return Updates.adamSquares(
                gradients, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, threads());
    }

    /** The largest {@code |u|/(relative·|w| + absolute)} of updates u. */
    double share(int offset, int n, float factor, float low, float high, float relative, float absolute) {
        return Updates.adamShare(
                weights,
                gradients,
                m,
                v,
                offset,
                n,
                factor,
                low,
                high,
                beta1,
                beta2,
                epsilon,
                stepSize,
                rootCorrection,
                relative,
                absolute,
                threads());
    }

    private void scaleUpdate(double updateFactor, double decayFactor) {
        double scaled = Math.min(size * updateFactor, Float.MAX_VALUE);
        // A limited update must not grow by rounding, which among the subnormals it could by half.
        stepSize = updateFactor < 1 && scaled < Float.MIN_NORMAL ? 0 : (float) scaled;
        // Relative to stepSize: as a factor of the weight, 1 − shrink, a small decay would round to 1.
        decay = stepSize == 0 ? 0 : (float) Math.min(shrink * decayFactor / stepSize, Float.MAX_VALUE);
    }

    @Override
    void update(float rate, int offset, int n, float factor, float low, float high) {
        forget(beta1, m, offset, n);
        forget(beta2, v, offset, n);
        Updates.adam(
                weights,
                gradients,
                m,
                v,
                offset,
                n,
                factor,
                low,
                high,
                canOverflow() ? limit : Float.POSITIVE_INFINITY,
                beta1,
                beta2,
                epsilon,
                stepSize,
                rootCorrection,
                decay);
    }

    /**
     * Whether a sum of weight and update could exceed all floats. |m| stays within the limit of the gradients, so an update is at
     * most {@code stepSize·limit/ε}; less than a quarter of the last place of the largest float is rounded away there. With usual
     * hyperparameters it is 2⁷⁹, and the update need not look at what it stores. A decay of at most 1/2 leaves
     * {@code decay·w} beside a direction below all floats, too.
     */
    private boolean canOverflow() {
        return !((double) stepSize * SQUARES_STAY_FINITE / epsilon < 0x1p102) || decay > 0.5f;
    }
}
