package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.sameOrDisjoint;
import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;

/**
 * Elementwise operations on windows of {@code float[]}.
 *
 * <p>Each result element depends on the operands at its own index only. Input and output windows may be the same window or
 * disjoint, but {@code spikes}, {@code carryIn}, {@code carryOut} and {@code addBias} need disjoint ones; another overlap is an
 * {@link IllegalArgumentException}. A window outside its array is an
 * {@link IndexOutOfBoundsException}, a null array an {@link IllegalArgumentException}; nothing is written then.
 */
public final class Elementwise {
    private Elementwise() {}

    /** {@code x ← x·factor}. NaN and ±∞ follow IEEE multiplication. */
    public static void scale(float[] x, int xOffset, int n, float factor) {
        window("x", x, xOffset, n);
        if (Simd.ON) {
            VectorElementwise.scale(x, xOffset, n, factor);
        } else {
            ScalarElementwise.scale(x, xOffset, n, factor);
        }
    }

    /**
     * {@code x ← (float)((double)x·factor)}, within 0.5 + 2⁻²⁹ ulp of the product, for factors that a float holds badly or not at
     * all, such as the quotient of a tiny threshold and a huge norm. A factor that is a float gives the bits of {@link #scale(float[], int,
     * int, float)}.
     */
    public static void scale(float[] x, int xOffset, int n, double factor) {
        window("x", x, xOffset, n);
        if ((float) factor == factor) {
            scale(x, xOffset, n, (float) factor);
        } else if (Simd.ON) {
            VectorElementwise.scale(x, xOffset, n, factor);
        } else {
            ScalarElementwise.scale(x, xOffset, n, factor);
        }
    }

    /** {@code y ← fma(alpha, x, y)}, rounded once. */
    public static void axpy(float[] x, int xOffset, float[] y, int yOffset, int n, float alpha) {
        window("x", x, xOffset, n);
        window("y", y, yOffset, n);
        sameOrDisjoint("x", x, xOffset, "y", y, yOffset, n);
        if (Simd.ON) {
            VectorElementwise.axpy(x, xOffset, y, yOffset, n, alpha);
        } else {
            ScalarElementwise.axpy(x, xOffset, y, yOffset, n, alpha);
        }
    }

    /** {@code out ← x + y}. */
    public static void add(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int n) {
        binary(x, xOffset, y, yOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorElementwise.add(x, xOffset, y, yOffset, out, outOffset, n);
        } else {
            ScalarElementwise.add(x, xOffset, y, yOffset, out, outOffset, n);
        }
    }

    /** {@code out ← x − y}. */
    public static void subtract(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int n) {
        binary(x, xOffset, y, yOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorElementwise.subtract(x, xOffset, y, yOffset, out, outOffset, n);
        } else {
            ScalarElementwise.subtract(x, xOffset, y, yOffset, out, outOffset, n);
        }
    }

    /** {@code out ← x · y}. */
    public static void multiply(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int n) {
        binary(x, xOffset, y, yOffset, out, outOffset, n);
        if (Simd.ON) {
            VectorElementwise.multiply(x, xOffset, y, yOffset, out, outOffset, n);
        } else {
            ScalarElementwise.multiply(x, xOffset, y, yOffset, out, outOffset, n);
        }
    }

    /**
     * {@code x ← min(max(x, low), high)}: NaN stays NaN, ±∞ clamps, −0.0 keeps its sign.
     *
     * @throws IllegalArgumentException if a bound is NaN or {@code low > high}
     */
    public static void clamp(float[] x, int xOffset, int n, float low, float high) {
        clip(x, xOffset, n, 1, low, high);
    }

    /**
     * {@code x ← min(max(x·factor, low), high)}: what a clipping plan does to one slice of a gradient. With the neutral factor
     * 1 and infinite bounds not one bit changes, but for the payload of a NaN.
     *
     * @throws IllegalArgumentException if a bound is NaN or {@code low > high}
     */
    public static void clip(float[] x, int xOffset, int n, float factor, float low, float high) {
        window("x", x, xOffset, n);
        Arguments.bounds(low, high);
        if (Simd.ON) {
            VectorElementwise.clip(x, xOffset, n, factor, low, high);
        } else {
            ScalarElementwise.clip(x, xOffset, n, factor, low, high);
        }
    }

    /** {@link #clip(float[], int, int, float, float, float)} on at most {@code threads} threads. */
    public static void clip(float[] x, int xOffset, int n, float factor, float low, float high, int threads) {
        window("x", x, xOffset, n);
        Arguments.bounds(low, high);
        Arguments.positive("threads", threads);
        if (ParallelClip.pays(n, threads)) {
            ParallelClip.run(x, xOffset, n, factor, low, high, threads);
        } else {
            clip(x, xOffset, n, factor, low, high);
        }
    }

    /** {@link #scale(float[], int, int, float)} on at most {@code threads} threads. */
    public static void scale(float[] x, int xOffset, int n, float factor, int threads) {
        clip(x, xOffset, n, factor, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, threads);
    }

    /** {@link #clamp(float[], int, int, float, float)} on at most {@code threads} threads. */
    public static void clamp(float[] x, int xOffset, int n, float low, float high, int threads) {
        clip(x, xOffset, n, 1, low, high, threads);
    }

    /**
     * {@code x ← min(max(x, −b), b)} with {@code b = rootTheta·√v}, no bound where {@code v = 0}, and then
     * {@code v ← flush(fma(1 − decay, fma(q, q, −v), v))} with {@code q = min(max(x, −2⁶²), 2⁶²)}: elements that stand out of the
     * average of their own squares. Where v would become NaN it stays as it was. {@code flush} replaces subnormal numbers by 0.
     *
     * @param v not negative
     * @return how many elements lay outside their bounds
     */
    public static int spikes(float[] x, int xOffset, float[] v, int vOffset, int n, float rootTheta, float decay) {
        window("x", x, xOffset, n);
        window("v", v, vOffset, n);
        Arguments.disjoint("x", x, xOffset, n, "v", v, vOffset, n);
        return Simd.ON
                ? VectorElementwise.spikes(x, xOffset, v, vOffset, n, rootTheta, decay)
                : ScalarElementwise.spikes(x, xOffset, v, vOffset, n, rootTheta, decay);
    }

    /**
     * {@code x ← s}, {@code carry ← s} with {@code s = x + carry}, saturated at ±{@link Float#MAX_VALUE}. Where carry is 0 a zero in x
     * keeps its sign.
     */
    public static void carryIn(float[] x, int xOffset, float[] carry, int carryOffset, int n) {
        window("x", x, xOffset, n);
        window("carry", carry, carryOffset, n);
        Arguments.disjoint("x", x, xOffset, n, "carry", carry, carryOffset, n);
        if (Simd.ON) {
            VectorElementwise.carryIn(x, xOffset, carry, carryOffset, n);
        } else {
            ScalarElementwise.carryIn(x, xOffset, carry, carryOffset, n);
        }
    }

    /**
     * {@code carry ← carry − min(max(x·factor, low), high)}, and 0 where that is NaN or ±∞: what a clip has cut off.
     *
     * @throws IllegalArgumentException if a bound is NaN or {@code low > high}
     */
    public static void carryOut(
            float[] x, int xOffset, float[] carry, int carryOffset, int n, float factor, float low, float high) {
        window("x", x, xOffset, n);
        window("carry", carry, carryOffset, n);
        Arguments.disjoint("x", x, xOffset, n, "carry", carry, carryOffset, n);
        Arguments.bounds(low, high);
        if (Simd.ON) {
            VectorElementwise.carryOut(x, xOffset, carry, carryOffset, n, factor, low, high);
        } else {
            ScalarElementwise.carryOut(x, xOffset, carry, carryOffset, n, factor, low, high);
        }
    }

    /**
     * {@code x_i ← 0} where {@code x_i} is NaN or ±∞.
     *
     * @return how many elements were replaced
     */
    public static int zeroNonFinite(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        int replaced = 0;
        // Jump from block to block: in a healthy gradient there is nothing to replace, and the search runs at the speed
        // of memory.
        for (int at = 0; n - at > 0; at += Reductions.BLOCK) {
            int length = Math.min(Reductions.BLOCK, n - at);
            int first = Reductions.firstNonFinite(x, xOffset + at, length);
            for (int i = first < 0 ? length : first; i < length; i++) {
                if (!Float.isFinite(x[xOffset + at + i])) {
                    x[xOffset + at + i] = 0;
                    replaced++;
                }
            }
        }
        return replaced;
    }

    /** {@code x_ij ← x_ij + b_j} for a row-major {@code rows × columns} window x. */
    public static void addBias(float[] x, int xOffset, int rows, int columns, float[] bias, int biasOffset) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        int n = Arguments.product("rows x columns", rows, columns);
        window("x", x, xOffset, n);
        window("bias", bias, biasOffset, columns);
        Arguments.disjoint("x", x, xOffset, n, "bias", bias, biasOffset, columns);
        for (int i = 0, at = xOffset; i < rows; i++, at += columns) {
            if (Simd.ON) {
                VectorElementwise.add(x, at, bias, biasOffset, x, at, columns);
            } else {
                ScalarElementwise.add(x, at, bias, biasOffset, x, at, columns);
            }
        }
    }

    /**
     * {@code x_ij ← (float)((double)x_ij·factor_i)} for a row-major {@code rows × columns} window x, as {@link #scale(float[], int,
     * int, double)} rounds it. Rows with factor 1 are not written.
     */
    public static void scaleRows(float[] x, int xOffset, int rows, int columns, double[] factors, int factorOffset) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        window("x", x, xOffset, Arguments.product("rows x columns", rows, columns));
        window("factors", factors, factorOffset, rows);
        for (int i = 0, at = xOffset; i < rows; i++, at += columns) {
            double factor = factors[factorOffset + i];
            if (factor == 1) {
                continue;
            }
            if (Simd.ON) {
                VectorElementwise.scale(x, at, columns, factor);
            } else {
                ScalarElementwise.scale(x, at, columns, factor);
            }
        }
    }

    /**
     * {@code x_ij ← (float)((double)x_ij·factor_j)} for a row-major {@code rows × columns} window x, as {@link
     * #scale(float[], int, int, double)} rounds it. A column whose factor is 1 keeps every bit, but for the payload of a NaN.
     */
    public static void scaleColumns(
            float[] x, int xOffset, int rows, int columns, double[] factors, int factorsOffset) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        window("x", x, xOffset, Arguments.product("rows x columns", rows, columns));
        window("factors", factors, factorsOffset, columns);
        for (int i = 0, at = xOffset; i < rows; i++, at += columns) {
            if (Simd.ON) {
                VectorElementwise.scaleEach(x, at, factors, factorsOffset, columns);
            } else {
                ScalarElementwise.scaleEach(x, at, factors, factorsOffset, columns);
            }
        }
    }

    private static void binary(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int n) {
        window("x", x, xOffset, n);
        window("y", y, yOffset, n);
        window("out", out, outOffset, n);
        sameOrDisjoint("x", x, xOffset, "out", out, outOffset, n);
        sameOrDisjoint("y", y, yOffset, "out", out, outOffset, n);
    }
}
