package dev.espalier.kernel;

import static dev.espalier.kernel.Reductions.LANES;
import static dev.espalier.kernel.Reductions.ROWS;

import dev.espalier.internal.Scratch;
import java.util.Arrays;

/**
 * The definition of {@link Reductions} for one block, and the tails of {@link VectorReductions}.
 *
 * <p>The 32 lanes are folded 16, 8, 4, 2, 1 apart. Each of four passes runs eight of them side by side, those 4 apart, and folds
 * them as far as they go. A loop over the passes, since C2 would compile a pass as often as it is written.
 */
final class ScalarReductions {
    private ScalarReductions() {}

    static double fold(double r0, double r1, double r2, double r3, double r4, double r5, double r6, double r7) {
        return ((r0 + r4) + (r2 + r6)) + ((r1 + r5) + (r3 + r7));
    }

    static int whole(int n) {
        return n & -LANES;
    }

    static double sum(float[] x, int xo, int n) {
        int whole = whole(n);
        double even = 0;
        double odd = 0;
        for (int j = 0; j < 4; j++) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            double e = 0;
            double f = 0;
            double g = 0;
            double h = 0;
            for (int i = j; i < whole; i += LANES) {
                a += x[xo + i];
                b += x[xo + i + 8];
                c += x[xo + i + 16];
                d += x[xo + i + 24];
                e += x[xo + i + 4];
                f += x[xo + i + 12];
                g += x[xo + i + 20];
                h += x[xo + i + 28];
            }
            double pair = ((a + c) + (b + d)) + ((e + g) + (f + h));
            if ((j & 1) == 0) {
                even += pair;
            } else {
                odd += pair;
            }
        }
        return sumTail(x, xo, whole, n, even + odd);
    }

    /** Adds the elements from {@code whole} on to sum, one by one. */
    static double sumTail(float[] x, int xo, int whole, int n, double sum) {
        for (int i = whole; i < n; i++) {
            sum += x[xo + i];
        }
        return sum;
    }

    static double squares(float[] x, int xo, int n) {
        int whole = whole(n);
        double even = 0;
        double odd = 0;
        for (int j = 0; j < 4; j++) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            double e = 0;
            double f = 0;
            double g = 0;
            double h = 0;
            for (int i = j; i < whole; i += LANES) {
                a += square(x[xo + i]);
                b += square(x[xo + i + 8]);
                c += square(x[xo + i + 16]);
                d += square(x[xo + i + 24]);
                e += square(x[xo + i + 4]);
                f += square(x[xo + i + 12]);
                g += square(x[xo + i + 20]);
                h += square(x[xo + i + 28]);
            }
            double pair = ((a + c) + (b + d)) + ((e + g) + (f + h));
            if ((j & 1) == 0) {
                even += pair;
            } else {
                odd += pair;
            }
        }
        return squaresTail(x, xo, whole, n, even + odd);
    }

    /** Adds the elements from {@code whole} on to sum, one by one. */
    static double squaresTail(float[] x, int xo, int whole, int n, double sum) {
        for (int i = whole; i < n; i++) {
            sum += square(x[xo + i]);
        }
        return sum;
    }

    static double abs(float[] x, int xo, int n) {
        int whole = whole(n);
        double even = 0;
        double odd = 0;
        for (int j = 0; j < 4; j++) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            double e = 0;
            double f = 0;
            double g = 0;
            double h = 0;
            for (int i = j; i < whole; i += LANES) {
                a += Math.abs(x[xo + i]);
                b += Math.abs(x[xo + i + 8]);
                c += Math.abs(x[xo + i + 16]);
                d += Math.abs(x[xo + i + 24]);
                e += Math.abs(x[xo + i + 4]);
                f += Math.abs(x[xo + i + 12]);
                g += Math.abs(x[xo + i + 20]);
                h += Math.abs(x[xo + i + 28]);
            }
            double pair = ((a + c) + (b + d)) + ((e + g) + (f + h));
            if ((j & 1) == 0) {
                even += pair;
            } else {
                odd += pair;
            }
        }
        return absTail(x, xo, whole, n, even + odd);
    }

    /** Adds the elements from {@code whole} on to sum, one by one. */
    static double absTail(float[] x, int xo, int whole, int n, double sum) {
        for (int i = whole; i < n; i++) {
            sum += Math.abs(x[xo + i]);
        }
        return sum;
    }

    /** Clips a copy, which stays in L1, and sums that: C2 turns the clipping into vectors only if the loop does nothing else. */
    static double clippedSquares(float[] x, int xo, int n, float factor, float low, float high) {
        float[] copy = Scratch.acquire(n);
        System.arraycopy(x, xo, copy, 0, n);
        ScalarElementwise.clip(copy, 0, n, factor, low, high);
        double sum = squares(copy, 0, n);
        Scratch.release(copy);
        return sum;
    }

    /** Adds the elements from {@code whole} on to sum, one by one. */
    static double clippedSquaresTail(
            float[] x, int xo, int whole, int n, double sum, float factor, float low, float high) {
        for (int i = whole; i < n; i++) {
            sum += square(ScalarElementwise.clamp(x[xo + i] * factor, low, high));
        }
        return sum;
    }

    static double squaredDifferences(float[] x, int xo, float[] y, int yo, int n) {
        int whole = whole(n);
        double even = 0;
        double odd = 0;
        for (int j = 0; j < 4; j++) {
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            double e = 0;
            double f = 0;
            double g = 0;
            double h = 0;
            for (int i = j; i < whole; i += LANES) {
                a += square((double) x[xo + i] - y[yo + i]);
                b += square((double) x[xo + i + 8] - y[yo + i + 8]);
                c += square((double) x[xo + i + 16] - y[yo + i + 16]);
                d += square((double) x[xo + i + 24] - y[yo + i + 24]);
                e += square((double) x[xo + i + 4] - y[yo + i + 4]);
                f += square((double) x[xo + i + 12] - y[yo + i + 12]);
                g += square((double) x[xo + i + 20] - y[yo + i + 20]);
                h += square((double) x[xo + i + 28] - y[yo + i + 28]);
            }
            double pair = ((a + c) + (b + d)) + ((e + g) + (f + h));
            if ((j & 1) == 0) {
                even += pair;
            } else {
                odd += pair;
            }
        }
        return squaredDifferencesTail(x, xo, y, yo, whole, n, even + odd);
    }

    /** Adds the elements from {@code whole} on to sum, one by one. */
    static double squaredDifferencesTail(float[] x, int xo, float[] y, int yo, int whole, int n, double sum) {
        for (int i = whole; i < n; i++) {
            sum += square((double) x[xo + i] - y[yo + i]);
        }
        return sum;
    }

    private static double square(double x) {
        return x * x;
    }

    static float max(float[] x, int xo, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = xo; i < xo + n; i++) {
            max = Math.max(max, x[i]);
        }
        return max;
    }

    static int maxAbsBits(float[] x, int xo, int n) {
        float max = 0;
        for (int i = xo; i < xo + n; i++) {
            max = Math.max(max, Math.abs(x[i]));
        }
        return Float.floatToIntBits(max);
    }

    static int countOutside(float[] x, int xo, int n, float factor, float low, float high) {
        int count = 0;
        for (int i = xo; i < xo + n; i++) {
            float scaled = x[i] * factor;
            float beyond = Math.abs(scaled - Math.min(Math.max(scaled, low), high));
            // 1 for all that is not 0: the smallest float is 2⁻¹⁴⁹. No branch, and NaN is 0 as an integer.
            count += (int) Math.min(beyond * 0x1p126f * 0x1p23f, 1f);
        }
        return count;
    }

    /** The columns from {@code first} on. */
    static void columnSums(
            float[] x, int xo, int rows, int columns, int first, float[] out, int oo, boolean accumulate) {
        if (!accumulate) {
            Arrays.fill(out, oo + first, oo + columns, 0f);
        }
        // Row by row: each column is still one chain over the rows, and memory is read in order.
        for (int i = 0; i < rows; i++) {
            for (int j = first; j < columns; j++) {
                out[oo + j] += x[xo + i * columns + j];
            }
        }
    }

    /** The columns from {@code first} on. */
    static void columnSumsOfSquares(float[] x, int xo, int rows, int columns, int first, double[] out, int oo) {
        for (int j = first; j < columns; j++) {
            double sum = 0;
            for (int from = 0; rows - from > 0; from += ROWS) {
                double chain = 0;
                int at = xo + from * columns + j;
                for (int i = Math.min(ROWS, rows - from); i > 0; i--, at += columns) {
                    chain += square(x[at]);
                }
                sum += chain;
            }
            out[oo + j] = sum;
        }
    }
}
