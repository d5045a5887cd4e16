package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.sameOrDisjoint;
import static dev.espalier.internal.Arguments.window;

/**
 * Transcendental functions of windows of {@code float[]}.
 *
 * <p>Evaluated in double by own polynomials and rounded once to float: at most 0.51 ulp from the exact value, monotone where
 * the function is, exact at 0 and at the limits, over all floats. Library functions would differ between platforms. NaN gives
 * NaN. Input and output may be the same window or disjoint.
 */
public final class Transcendental {
    private Transcendental() {}

    /** {@code out ← eˣ}: 0 at −∞, +∞ above 88.72283, subnormal results included. */
    public static void exp(float[] x, int xOffset, float[] out, int outOffset, int n) {
        check(x, xOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorTranscendental.exp(x, xOffset, out, outOffset, n);
        } else {
            ScalarTranscendental.exp(x, xOffset, out, outOffset, n);
        }
    }

    /** {@code out ← ln x}: −∞ at ±0, NaN below 0, +∞ at +∞, subnormal arguments included. */
    public static void log(float[] x, int xOffset, float[] out, int outOffset, int n) {
        check(x, xOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorTranscendental.log(x, xOffset, out, outOffset, n);
        } else {
            ScalarTranscendental.log(x, xOffset, out, outOffset, n);
        }
    }

    /** {@code out ← tanh x}: odd to the bit, ±1 at ±∞. */
    public static void tanh(float[] x, int xOffset, float[] out, int outOffset, int n) {
        check(x, xOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorTranscendental.tanh(x, xOffset, out, outOffset, n);
        } else {
            ScalarTranscendental.tanh(x, xOffset, out, outOffset, n);
        }
    }

    /** {@code out ← 1/(1 + e⁻ˣ)}: 0 at −∞, 1 at +∞. */
    public static void sigmoid(float[] x, int xOffset, float[] out, int outOffset, int n) {
        check(x, xOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorTranscendental.sigmoid(x, xOffset, out, outOffset, n);
        } else {
            ScalarTranscendental.sigmoid(x, xOffset, out, outOffset, n);
        }
    }

    private static void check(float[] x, int xOffset, float[] out, int outOffset, int n) {
        window("x", x, xOffset, n);
        window("out", out, outOffset, n);
        sameOrDisjoint("x", x, xOffset, "out", out, outOffset, n);
    }
}
