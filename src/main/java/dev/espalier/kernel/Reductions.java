package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.ParallelReduction.Kind;

/**
 * Reductions of windows of {@code float[]}.
 *
 * <p>Sums are taken in double and have one fixed shape, whatever the backend, the vector width or the number of threads: blocks
 * of 4096 elements, in each block 32 lanes (element i belongs to lane {@code i mod 32}) combined by halving, the last
 * {@code n mod 32} elements added one by one, and the blocks combined by a binary tree whose left subtrees hold a power of two
 * of blocks. The relative error of a sum of n terms of one sign stays below {@code (160 + log₂ n)·2⁻⁵³}, 2.2·10⁻¹⁴.
 * {@link #powerSum} alone is one chain. NaN gives NaN.
 */
public final class Reductions {
    static final int BLOCK = 4096;
    static final int LANES = 32;

    /** The rows of one chain of {@link #columnSumsOfSquares}. */
    static final int ROWS = 256;

    private Reductions() {}

    /** {@code Σ x}, 0 for an empty window. */
    public static double sum(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        return sumTree(x, xOffset, n);
    }

    /**
     * {@code Σ x²}, 0 for an empty window. The square of a float is exact in double, so no finite input overflows or
     * underflows, and the result is non-finite exactly when an element is.
     */
    public static double sumOfSquares(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        return squaresTree(x, xOffset, n);
    }

    /**
     * {@link #sumOfSquares(float[], int, int)} on at most {@code threads} threads, to the same bits: they take whole subtrees of
     * the sum. A window too small to share is summed by the caller alone.
     */
    public static double sumOfSquares(float[] x, int xOffset, int n, int threads) {
        shared(x, xOffset, n, threads);
        return ParallelReduction.pays(n, threads)
                ? ParallelReduction.run(Kind.SQUARES, x, xOffset, n, 1, 0, 0, threads)
                : squaresTree(x, xOffset, n);
    }

    /**
     * {@code Σ min(max(x·factor, low), high)²}: {@link #sumOfSquares(float[], int, int)} of what {@link Elementwise#clip} would
     * leave, without writing it.
     */
    public static double sumOfSquares(float[] x, int xOffset, int n, float factor, float low, float high) {
        window("x", x, xOffset, n);
        Arguments.bounds(low, high);
        return clippedTree(x, xOffset, n, factor, low, high);
    }

    /** {@link #sumOfSquares(float[], int, int, float, float, float)} on at most {@code threads} threads, to the same bits. */
    public static double sumOfSquares(float[] x, int xOffset, int n, float factor, float low, float high, int threads) {
        shared(x, xOffset, n, threads);
        Arguments.bounds(low, high);
        return ParallelReduction.pays(n, threads)
                ? ParallelReduction.run(Kind.CLIPPED_SQUARES, x, xOffset, n, factor, low, high, threads)
                : clippedTree(x, xOffset, n, factor, low, high);
    }

    /** {@code Σ |x|}, 0 for an empty window. */
    public static double sumOfAbs(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        return absTree(x, xOffset, n);
    }

    /** {@link #sumOfAbs(float[], int, int)} on at most {@code threads} threads, to the same bits. */
    public static double sumOfAbs(float[] x, int xOffset, int n, int threads) {
        shared(x, xOffset, n, threads);
        return ParallelReduction.pays(n, threads)
                ? ParallelReduction.run(Kind.ABS, x, xOffset, n, 1, 0, 0, threads)
                : absTree(x, xOffset, n);
    }

    /** {@code Σ (x − y)²} with the difference taken in double. */
    public static double sumOfSquaredDifferences(float[] x, int xOffset, float[] y, int yOffset, int n) {
        window("x", x, xOffset, n);
        window("y", y, yOffset, n);
        return differencesTree(x, xOffset, y, yOffset, n);
    }

    /**
     * {@code Σ (|x|/scale)ᵖ}, each term as {@code exp(p·ln(|x|/scale))} by StrictMath, in ascending order. StrictMath.pow would
     * allocate. Where a term is neither 0 nor ∞ its exponent is below 746, so its relative error is below
     * 3·10⁻¹³ + p·2⁻⁵³; the additions add n·2⁻⁵³.
     * With {@code scale = max |x|} nothing overflows.
     *
     * @throws IllegalArgumentException if p is below 1, infinite or NaN, or scale is not a finite number above 0
     */
    public static double powerSum(float[] x, int xOffset, int n, double p, double scale) {
        window("x", x, xOffset, n);
        if (!(p >= 1 && p < Double.POSITIVE_INFINITY)) {
            throw Arguments.expected("p", p, "a finite number at least 1");
        }
        if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
            throw Arguments.expected("scale", scale, "a finite number above 0");
        }
        double sum = 0;
        for (int i = xOffset; i < xOffset + n; i++) {
            sum += StrictMath.exp(p * StrictMath.log(Math.abs((double) x[i]) / scale));
        }
        return sum;
    }

    /** {@code max x}, −∞ for an empty window; −0.0 is below +0.0. */
    public static float max(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        return Simd.ON ? VectorReductions.max(x, xOffset, n) : ScalarReductions.max(x, xOffset, n);
    }

    /** {@code max |x|}, 0 for an empty window, NaN if an element is NaN. */
    public static float maxAbs(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        return Float.intBitsToFloat(maxAbsBits(x, xOffset, n));
    }

    /** {@link #maxAbs(float[], int, int)} on at most {@code threads} threads. */
    public static float maxAbs(float[] x, int xOffset, int n, int threads) {
        shared(x, xOffset, n, threads);
        return ParallelReduction.pays(n, threads)
                ? (float) ParallelReduction.run(Kind.MAX_ABS, x, xOffset, n, 1, 0, 0, threads)
                : Float.intBitsToFloat(maxAbsBits(x, xOffset, n));
    }

    /** The index, counted from xOffset, of the first NaN or ±∞; −1 if all elements are finite. */
    public static int firstNonFinite(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        // n - at also ends the loop if at has passed the largest int.
        for (int at = 0; n - at > 0; at += BLOCK) {
            int length = Math.min(BLOCK, n - at);
            // Bits of |x| order as |x| does, with ∞ and then NaN on top.
            if (maxAbsBits(x, xOffset + at, length) >= Float.floatToRawIntBits(Float.POSITIVE_INFINITY)) {
                while (Float.isFinite(x[xOffset + at])) {
                    at++;
                }
                return at;
            }
        }
        return -1;
    }

    /** {@link #firstNonFinite(float[], int, int)} on at most {@code threads} threads. */
    public static int firstNonFinite(float[] x, int xOffset, int n, int threads) {
        shared(x, xOffset, n, threads);
        boolean healthy = ParallelReduction.pays(n, threads)
                && ParallelReduction.run(Kind.MAX_ABS, x, xOffset, n, 1, 0, 0, threads) < Double.POSITIVE_INFINITY;
        return healthy ? -1 : firstNonFinite(x, xOffset, n);
    }

    /** How many {@code x·factor} lie below low or above high. NaN lies nowhere. */
    public static int countOutside(float[] x, int xOffset, int n, float factor, float low, float high) {
        window("x", x, xOffset, n);
        Arguments.bounds(low, high);
        return outside(x, xOffset, n, factor, low, high);
    }

    /** {@link #countOutside(float[], int, int, float, float, float)} on at most {@code threads} threads. */
    public static int countOutside(float[] x, int xOffset, int n, float factor, float low, float high, int threads) {
        shared(x, xOffset, n, threads);
        Arguments.bounds(low, high);
        return ParallelReduction.pays(n, threads)
                ? (int) ParallelReduction.run(Kind.OUTSIDE, x, xOffset, n, factor, low, high, threads)
                : outside(x, xOffset, n, factor, low, high);
    }

    /**
     * The index, counted from xOffset, of the first largest element; −1 for an empty window. NaN counts as largest, as in numpy and
     * PyTorch.
     */
    public static int argMax(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        if (n == 0) {
            return -1;
        }
        int best = 0;
        float largest = x[xOffset];
        // Ends at a NaN: nothing is comparable to it.
        for (int i = 1; i < n && !Float.isNaN(largest); i++) {
            float next = x[xOffset + i];
            if (!(next <= largest)) {
                best = i;
                largest = next;
            }
        }
        return best;
    }

    /**
     * {@code out_j ← (accumulate ? out_j : 0) + Σ_i x_ij} for a row-major {@code rows × columns} window x: one float chain over
     * i in ascending order, so sums over consecutive batches have the bits of one sum over all of them.
     */
    public static void columnSums(
            float[] x, int xOffset, int rows, int columns, float[] out, int outOffset, boolean accumulate) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        int n = Arguments.product("rows x columns", rows, columns);
        window("x", x, xOffset, n);
        window("out", out, outOffset, columns);
        Arguments.disjoint("x", x, xOffset, n, "out", out, outOffset, columns);
        if (Simd.ON) {
            VectorReductions.columnSums(x, xOffset, rows, columns, out, outOffset, accumulate);
        } else {
            ScalarReductions.columnSums(x, xOffset, rows, columns, 0, out, outOffset, accumulate);
        }
    }

    /**
     * {@code out_i ← Σ_j x_ij²} for a row-major {@code rows × columns} window x: for each row the bits of
     * {@link #sumOfSquares(float[], int, int)}.
     */
    public static void rowSumsOfSquares(float[] x, int xOffset, int rows, int columns, double[] out, int outOffset) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        window("x", x, xOffset, Arguments.product("rows x columns", rows, columns));
        window("out", out, outOffset, rows);
        for (int i = 0; i < rows; i++) {
            out[outOffset + i] = squaresTree(x, xOffset + i * columns, columns);
        }
    }

    /**
     * {@code out_j ← Σ_i x_ij²} for a row-major {@code rows × columns} window x: what {@link #sumOfSquares} is for a window, for
     * each of its columns. In double, where the squares are exact: no finite input overflows or underflows, and a sum is
     * non-finite exactly when an element of its column is.
     *
     * <p>One fixed shape: chains over 256 rows in ascending order, added one after the other. The relative error stays below
     * {@code (256 + rows/256)·2⁻⁵³}.
     */
    public static void columnSumsOfSquares(float[] x, int xOffset, int rows, int columns, double[] out, int outOffset) {
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        window("x", x, xOffset, Arguments.product("rows x columns", rows, columns));
        window("out", out, outOffset, columns);
        if (Simd.ON) {
            VectorReductions.columnSumsOfSquares(x, xOffset, rows, columns, out, outOffset);
        } else {
            ScalarReductions.columnSumsOfSquares(x, xOffset, rows, columns, 0, out, outOffset);
        }
    }

    private static int maxAbsBits(float[] x, int xo, int n) {
        return Simd.ON ? VectorReductions.maxAbsBits(x, xo, n) : ScalarReductions.maxAbsBits(x, xo, n);
    }

    static int outside(float[] x, int xo, int n, float factor, float low, float high) {
        return Simd.ON
                ? VectorReductions.countOutside(x, xo, n, factor, low, high)
                : ScalarReductions.countOutside(x, xo, n, factor, low, high);
    }

    private static void shared(float[] x, int xOffset, int n, int threads) {
        window("x", x, xOffset, n);
        Arguments.positive("threads", threads);
    }

    /** Elements in the left subtree over n > BLOCK elements: the largest power of two of blocks that leaves a right one. */
    static int leftOf(int n) {
        return BLOCK * Integer.highestOneBit((n - 1) / BLOCK);
    }

    private static double sumTree(float[] x, int xo, int n) {
        if (n <= BLOCK) {
            return Simd.ON ? VectorReductions.sum(x, xo, n) : ScalarReductions.sum(x, xo, n);
        }
        int left = leftOf(n);
        return sumTree(x, xo, left) + sumTree(x, xo + left, n - left);
    }

    static double squaresTree(float[] x, int xo, int n) {
        if (n <= BLOCK) {
            return Simd.ON ? VectorReductions.squares(x, xo, n) : ScalarReductions.squares(x, xo, n);
        }
        int left = leftOf(n);
        return squaresTree(x, xo, left) + squaresTree(x, xo + left, n - left);
    }

    static double absTree(float[] x, int xo, int n) {
        if (n <= BLOCK) {
            return Simd.ON ? VectorReductions.abs(x, xo, n) : ScalarReductions.abs(x, xo, n);
        }
        int left = leftOf(n);
        return absTree(x, xo, left) + absTree(x, xo + left, n - left);
    }

    static double clippedTree(float[] x, int xo, int n, float factor, float low, float high) {
        if (n <= BLOCK) {
            return Simd.ON
                    ? VectorReductions.clippedSquares(x, xo, n, factor, low, high)
                    : ScalarReductions.clippedSquares(x, xo, n, factor, low, high);
        }
        int left = leftOf(n);
        return clippedTree(x, xo, left, factor, low, high) + clippedTree(x, xo + left, n - left, factor, low, high);
    }

    private static double differencesTree(float[] x, int xo, float[] y, int yo, int n) {
        if (n <= BLOCK) {
            return Simd.ON
                    ? VectorReductions.squaredDifferences(x, xo, y, yo, n)
                    : ScalarReductions.squaredDifferences(x, xo, y, yo, n);
        }
        int left = leftOf(n);
        return differencesTree(x, xo, y, yo, left) + differencesTree(x, xo + left, y, yo + left, n - left);
    }
}
