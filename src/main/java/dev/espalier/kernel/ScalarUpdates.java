package dev.espalier.kernel;

import static dev.espalier.kernel.ScalarElementwise.clamp;
import static dev.espalier.kernel.ScalarElementwise.ordered;

/** The definition of {@link Updates}, and the tails of {@link VectorUpdates}. */
final class ScalarUpdates {
    private ScalarUpdates() {}

    static void sgd(
            float[] w,
            float[] g,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate) {
        boolean ordered = ordered(low, high);
        for (int i = offset; i < offset + n; i++) {
            float clipped = clamp(g[i] * factor, low, high, ordered);
            w[i] = keep(Math.fma(-learningRate, clipped, w[i]), w[i], limit);
        }
    }

    static void momentum(
            float[] w,
            float[] g,
            float[] velocity,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float momentum,
            boolean nesterov) {
        boolean ordered = ordered(low, high);
        for (int i = offset; i < offset + n; i++) {
            float clipped = clamp(g[i] * factor, low, high, ordered);
            float u = flush(saturate(Math.fma(momentum, velocity[i], clipped), limit));
            velocity[i] = u;
            float d = nesterov ? saturate(Math.fma(momentum, u, clipped), limit) : u;
            w[i] = keep(Math.fma(-learningRate, d, w[i]), w[i], limit);
        }
    }

    static void rmsProp(
            float[] w,
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float rho,
            float epsilon) {
        float rest = 1 - rho;
        boolean ordered = ordered(low, high);
        for (int i = offset; i < offset + n; i++) {
            float clipped = clamp(g[i] * factor, low, high, ordered);
            float s = flush(Math.fma(rest, Math.fma(clipped, clipped, -v[i]), v[i]));
            v[i] = s;
            float d = clipped / ((float) Math.sqrt(s) + epsilon);
            w[i] = keep(Math.fma(-learningRate, d, w[i]), w[i], limit);
        }
    }

    static void rmsPropMomentum(
            float[] w,
            float[] g,
            float[] v,
            float[] velocity,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float rho,
            float epsilon,
            float momentum) {
        float rest = 1 - rho;
        boolean ordered = ordered(low, high);
        for (int i = offset; i < offset + n; i++) {
            float clipped = clamp(g[i] * factor, low, high, ordered);
            float s = flush(Math.fma(rest, Math.fma(clipped, clipped, -v[i]), v[i]));
            v[i] = s;
            float d = clipped / ((float) Math.sqrt(s) + epsilon);
            float u = flush(saturate(Math.fma(momentum, velocity[i], d), limit));
            velocity[i] = u;
            w[i] = keep(Math.fma(-learningRate, u, w[i]), w[i], limit);
        }
    }

    static void adam(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float weightDecay) {
        float rest1 = 1 - beta1;
        float rest2 = 1 - beta2;
        // Nothing exceeds infinity.
        boolean keeps = limit < Float.POSITIVE_INFINITY;
        for (int i = offset; i < offset + n; i++) {
            // Not clamp: the sign of a zero is lost in both averages.
            float clipped = Math.min(Math.max(g[i] * factor, low), high);
            float mean = Math.fma(rest1, clipped - m[i], m[i]);
            mean = keeps ? flush(mean) : flushByProduct(mean);
            m[i] = mean;
            float square = Math.fma(rest2, Math.fma(clipped, clipped, -v[i]), v[i]);
            square = keeps ? flush(square) : flushByProduct(square);
            v[i] = square;
            float d = mean / Math.fma((float) Math.sqrt(square), rootCorrection, epsilon);
            float next = Math.fma(-stepSize, Math.fma(weightDecay, w[i], d), w[i]);
            w[i] = keeps ? keep(next, w[i], limit) : next;
        }
    }

    static void adamRatios(
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection,
            float[] out,
            int outOffset) {
        float rest2 = 1 - beta2;
        boolean ordered = ordered(low, high);
        for (int i = 0; i < n; i++) {
            float clipped = clamp(g[offset + i] * factor, low, high, ordered);
            float old = v[offset + i];
            float square = flush(Math.fma(rest2, Math.fma(clipped, clipped, -old), old));
            float root = (float) Math.sqrt(square) * rootCorrection;
            out[outOffset + i] = clipped / (root < epsilon ? epsilon : root);
        }
    }

    static float adamShare(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float relative,
            float absolute) {
        float rest1 = 1 - beta1;
        float rest2 = 1 - beta2;
        float most = 0;
        boolean ordered = ordered(low, high);
        for (int i = offset; i < offset + n; i++) {
            float clipped = clamp(g[i] * factor, low, high, ordered);
            float mean = flush(Math.fma(rest1, clipped - m[i], m[i]));
            float square = flush(Math.fma(rest2, Math.fma(clipped, clipped, -v[i]), v[i]));
            float d = mean / Math.fma((float) Math.sqrt(square), rootCorrection, epsilon);
            float share = Math.abs(d * stepSize) / Math.fma(relative, Math.abs(w[i]), absolute);
            most = share > most ? share : most;
        }
        return most;
    }

    private static float saturate(float x, float limit) {
        return clamp(x, -limit, limit);
    }

    private static float keep(float x, float old, float limit) {
        return Math.abs(x) > limit ? old : x;
    }

    static float flush(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? 0 : x;
    }

    /**
     * {@link #flush} in arithmetic that C2 turns into vectors, which it does not do with a choice: x times 1, or times 0 where
     * {@code |x|·2¹²⁶ < 1}. No float lies between {@code 1 − 2⁻²³}, the largest of those, and 1.
     */
    private static float flushByProduct(float x) {
        float normal = Math.fma(Math.abs(x), 0x1p126f, -(1 - 0x1p-24f)) * 0x1p24f;
        return Math.fma(x, Math.min(1f, Math.max(0f, normal)), 0f);
    }
}
