package dev.espalier.kernel;

/**
 * The definition of {@link Elementwise}, and the tails of {@link VectorElementwise}.
 *
 * <p>Clamps and rectifiers do not branch on data, since guesses about signs and bounds would often be wrong. They take minima and
 * maxima, which C2 turns into vectors, and not choices, which it does not.
 */
final class ScalarElementwise {
    /** The square of this is finite. */
    static final float SQUARABLE = 0x1p62f;

    private ScalarElementwise() {}

    static void scale(float[] x, int xo, int n, float factor) {
        for (int i = xo; i < xo + n; i++) {
            x[i] *= factor;
        }
    }

    static void scale(float[] x, int xo, int n, double factor) {
        for (int i = xo; i < xo + n; i++) {
            x[i] = (float) (x[i] * factor);
        }
    }

    static void axpy(float[] x, int xo, float[] y, int yo, int n, float alpha) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Math.fma(alpha, x[xo + i], y[yo + i]);
        }
    }

    static void add(float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = x[xo + i] + y[yo + i];
        }
    }

    static void subtract(float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = x[xo + i] - y[yo + i];
        }
    }

    static void multiply(float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = x[xo + i] * y[yo + i];
        }
    }

    static void scaleEach(float[] x, int xo, double[] factors, int fo, int n) {
        for (int i = 0; i < n; i++) {
            x[xo + i] = (float) (x[xo + i] * factors[fo + i]);
        }
    }

    static void clip(float[] x, int xo, int n, float factor, float low, float high) {
        boolean ordered = ordered(low, high);
        for (int i = xo; i < xo + n; i++) {
            x[i] = clamp(x[i] * factor, low, high, ordered);
        }
    }

    /** {@code min(max(x, low), high)}, where x stays what it is if it equals a bound: a zero keeps its sign. */
    static float clamp(float x, float low, float high) {
        float raised = x < low ? low : x;
        return raised > high ? high : raised;
    }

    /** The same without a branch, if the bounds are {@link #ordered}. */
    static float clamp(float x, float low, float high, boolean ordered) {
        return ordered ? Math.min(Math.max(x, low), high) : clamp(x, low, high);
    }

    /** Whether Math.max and Math.min, to which −0 lies below +0, leave a zero its sign: low is not +0, and high is not −0. */
    static boolean ordered(float low, float high) {
        return Float.floatToRawIntBits(low) != 0 && Float.floatToRawIntBits(high) != Integer.MIN_VALUE;
    }

    static int spikes(float[] x, int xo, float[] v, int vo, int n, float rootTheta, float decay) {
        float rest = 1 - decay;
        int outside = 0;
        for (int i = 0; i < n; i++) {
            float old = v[vo + i];
            float bound = old > 0 ? rootTheta * (float) Math.sqrt(old) : Float.POSITIVE_INFINITY;
            float raw = x[xo + i];
            if (Math.abs(raw) > bound) {
                outside++;
            }
            float clipped = clamp(raw, -bound, bound);
            x[xo + i] = clipped;
            float q = clamp(clipped, -SQUARABLE, SQUARABLE);
            float next = Math.fma(rest, Math.fma(q, q, -old), old);
            v[vo + i] = Float.isNaN(next) ? old : ScalarUpdates.flush(next);
        }
        return outside;
    }

    static void carryIn(float[] x, int xo, float[] carry, int co, int n) {
        for (int i = 0; i < n; i++) {
            float raw = x[xo + i];
            float sum = clamp(carry[co + i] == 0 ? raw : raw + carry[co + i], -Float.MAX_VALUE, Float.MAX_VALUE);
            x[xo + i] = sum;
            carry[co + i] = sum;
        }
    }

    static void carryOut(float[] x, int xo, float[] carry, int co, int n, float factor, float low, float high) {
        for (int i = 0; i < n; i++) {
            float rest = carry[co + i] - clamp(x[xo + i] * factor, low, high);
            carry[co + i] = Math.abs(rest) <= Float.MAX_VALUE ? rest : 0;
        }
    }

    static void relu(float[] x, int xo, int n) {
        for (int i = xo; i < xo + n; i++) {
            x[i] = Math.max(x[i], 0f);
        }
    }

    static void reluGradient(float[] y, int yo, float[] dy, int dyo, int n) {
        for (int i = 0; i < n; i++) {
            // All bits where y is positive or NaN, none where it is at most 0.
            int bits = Float.floatToRawIntBits(Math.max(y[yo + i], 0f));
            int mask = (bits | -bits) >> 31;
            dy[dyo + i] = Float.intBitsToFloat(Float.floatToRawIntBits(dy[dyo + i]) & mask);
        }
    }

    static void tanhGradient(float[] y, int yo, float[] dy, int dyo, int n) {
        for (int i = 0; i < n; i++) {
            float f = y[yo + i];
            dy[dyo + i] *= Math.fma(-f, f, 1f);
        }
    }

    static void sigmoidGradient(float[] y, int yo, float[] dy, int dyo, int n) {
        for (int i = 0; i < n; i++) {
            float f = y[yo + i];
            dy[dyo + i] *= Math.fma(-f, f, f);
        }
    }
}
