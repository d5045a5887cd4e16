package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Updates;
import dev.espalier.tensor.Parameters;

/** {@link Adam} at work, and with a weight decay {@link AdamW}. */
final class AdamStepper extends Stepper {
    private final float[] m = state("m");
    private final float[] v = state("v");
    private final float beta1;
    private final float beta2;
    private final float epsilon;
    private final float weightDecay;

    private float stepSize;
    private float rootCorrection;
    private float decay;

    AdamStepper(
            Parameters parameters,
            Clip clip,
            LearningRate rate,
            float beta1,
            float beta2,
            float epsilon,
            float weightDecay) {
        super(parameters, clip, rate, true, "m", "v");
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.weightDecay = weightDecay;
    }

    @Override
    void prepare(float rate, long t) {
        double shrink = (double) rate * weightDecay;
        if (shrink > 1) {
            throw Arguments.expected(
                    "learning rate x weight decay at step " + (t - 1),
                    shrink,
                    "at most 1, or weights would change their sign");
        }
        double size = rate / (1 - Powers.power(beta1, t));
        stepSize = (float) Math.min(size, Float.MAX_VALUE);
        rootCorrection = (float) (1 / Math.sqrt(1 - Powers.power(beta2, t)));
        decay = (float) (1 - shrink);
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
                limit,
                beta1,
                beta2,
                epsilon,
                stepSize,
                rootCorrection,
                decay);
    }
}
