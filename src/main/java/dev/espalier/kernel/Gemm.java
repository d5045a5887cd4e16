package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;
import dev.espalier.internal.Parallel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products of strided views; a transpose is a view too.
 *
 * <p>Each element of C is one chain of fused multiply-adds over the inner index in ascending order, whatever the tile, the
 * blocking, the vector width or the number of threads. So the bits are always the same, and
 * {@code |c − exact| ≤ γ_{k+1}·(|beta·c| + |alpha|·Σ|a||b|)} with {@code γ_k = k·u/(1 − k·u), u = 2⁻²⁴}, as long as nothing
 * overflows; where beta·c, alpha·a or a partial sum is subnormal, add {@code 2⁻¹⁵⁰·(k + 1 + Σ|b|)}. And a chain continued by
 * {@code beta = 1} over consecutive blocks of k has the bits of the chain over all of k: accumulating over micro-batches is
 * one large batch, to the bit.
 *
 * <p>C must be row-major ({@code columnStride == 1}, rows apart) and must not overlap A or B, but all may be columns of one
 * row-major matrix, if they have its row stride; with other strides the spans from first to last element must be apart. A bias must not
 * overlap C. NaN and ±∞ follow IEEE arithmetic.
 */
public final class Gemm {
    private Gemm() {}

    /** {@code C ← A·B} on the calling thread. */
    public static void multiply(Matrix a, Matrix b, Matrix c) {
        multiply(a, b, c, 1, 0, 1);
    }

    /**
     * {@code C ← beta·C}, then {@code c_ij ← fma(alpha·a_ip, b_pj, c_ij)} for p = 0, 1, … With {@code beta == 0} C is not read.
     *
     * @param a m × k
     * @param b k × n
     * @param c m × n
     * @param threads how many threads may share the work; small products use fewer
     * @throws IllegalArgumentException if shapes disagree, C is not row-major, or C overlaps A or B
     */
    public static void multiply(Matrix a, Matrix b, Matrix c, float alpha, float beta, int threads) {
        check("a", a, "b", b, "c", c);
        Arguments.positive("threads", threads);
        if (beta != 0 && beta != 1 && c.columns() > 0) {
            for (int i = 0; i < c.rows(); i++) {
                Elementwise.scale(c.array(), c.offset() + i * c.rowStride(), c.columns(), beta);
            }
        }
        run(a, b, c, alpha, null, 0, beta != 0, Activation.LINEAR, threads);
    }

    /**
     * {@code y ← f(x·w + bias)}: a dense layer. The chain of each element starts at its bias; f is applied by the thread that
     * computed it.
     *
     * @param x rows × inputs
     * @param w inputs × outputs
     * @param bias one value per output, at biasOffset
     * @param y rows × outputs
     */
    public static void affine(
            Matrix x, Matrix w, float[] bias, int biasOffset, Matrix y, Activation activation, int threads) {
        check("x", x, "w", w, "y", y);
        window("bias", bias, biasOffset, w.columns());
        Arguments.notNull("activation", activation);
        Arguments.positive("threads", threads);
        apart("bias", bias, biasOffset, biasOffset + (long) w.columns(), "y", y);
        run(x, w, y, 1, bias, biasOffset, false, activation, threads);
    }

    private static void run(
            Matrix a,
            Matrix b,
            Matrix c,
            float alpha,
            float @Nullable [] bias,
            int biasOffset,
            boolean accumulate,
            Activation activation,
            int threads) {
        if (threads > 1 && Parallel.pays(2L * c.rows() * c.columns() * a.columns())) {
            ParallelGemm.run(a, b, c, alpha, bias, biasOffset, accumulate, activation, threads);
        } else {
            block(a, b, c, 0, c.rows(), 0, c.columns(), alpha, bias, biasOffset, accumulate, activation);
        }
    }

    /** Rows {@code [i, i + m)} and columns {@code [j, j + n)} of the product, on the calling thread. */
    static void block(
            Matrix a,
            Matrix b,
            Matrix c,
            int i,
            int m,
            int j,
            int n,
            float alpha,
            float @Nullable [] bias,
            int biasOffset,
            boolean accumulate,
            Activation activation) {
        if (m == 0 || n == 0) {
            return;
        }
        int k = a.columns();
        // Nothing is read where there is nothing to add, and offsets could lie outside.
        int a0 = k == 0 ? 0 : a.offset() + i * a.rowStride();
        int b0 = k == 0 ? 0 : b.offset() + j * b.columnStride();
        int c0 = c.offset() + i * c.rowStride() + j;
        int bias0 = biasOffset + j;
        if (Simd.ON && k > 0 && n > 1) {
            VectorGemm.run(
                    m,
                    n,
                    k,
                    alpha,
                    a.array(),
                    a0,
                    a.rowStride(),
                    a.columnStride(),
                    b.array(),
                    b0,
                    b.rowStride(),
                    b.columnStride(),
                    bias,
                    bias0,
                    accumulate,
                    c.array(),
                    c0,
                    c.rowStride());
        } else if (Simd.ON && k > 0 && alpha == 1 && bias == null && a.rowStride() == 1 && c.rowStride() == 1) {
            // One column of C times a transposed A is one row, whose elements lie side by side: C' = B'A', and
            // fma(a, b, c) = fma(b, a, c).
            VectorGemm.run(
                    1,
                    m,
                    k,
                    alpha,
                    b.array(),
                    b0,
                    b.columnStride(),
                    b.rowStride(),
                    a.array(),
                    a0,
                    a.columnStride(),
                    1,
                    null,
                    0,
                    accumulate,
                    c.array(),
                    c0,
                    m);
        } else {
            for (int row = 0, at = c0; !accumulate && row < m; row++, at += c.rowStride()) {
                if (bias != null) {
                    System.arraycopy(bias, bias0, c.array(), at, n);
                } else {
                    Arrays.fill(c.array(), at, at + n, 0f);
                }
            }
            if (n == 1) {
                ScalarGemm.column(m, k, alpha, a, a0, b, b0, c.array(), c0, c.rowStride());
            } else {
                ScalarGemm.run(m, n, k, alpha, a, a0, b, b0, c.array(), c0, c.rowStride());
            }
        }
        if (activation != Activation.LINEAR) {
            if (c.rowStride() == n) {
                activation.apply(c.array(), c0, m * n);
            } else {
                for (int row = 0; row < m; row++) {
                    activation.apply(c.array(), c0 + row * c.rowStride(), n);
                }
            }
        }
    }

    private static void check(String aName, Matrix a, String bName, Matrix b, String cName, Matrix c) {
        Arguments.notNull(aName, a);
        Arguments.notNull(bName, b);
        Arguments.notNull(cName, c);
        if (a.columns() != b.rows() || a.rows() != c.rows() || b.columns() != c.columns()) {
            throw new IllegalArgumentException("shapes " + shape(a) + " times " + shape(b) + " into " + shape(c)
                    + ": expected (m x k) times (k x n) into (m x n)");
        }
        if ((c.columns() > 1 && c.columnStride() != 1) || (c.rows() > 1 && c.rowStride() < c.columns())) {
            throw new IllegalArgumentException(cName + " has strides " + c.rowStride() + ", " + c.columnStride()
                    + ": expected row-major, column stride 1 and row stride at least " + c.columns());
        }
        if (!interleaved(a, c)) {
            apart(aName, a.array(), a.offset(), end(a), cName, c);
        }
        if (!interleaved(b, c)) {
            apart(bName, b.array(), b.offset(), end(b), cName, c);
        }
    }

    /** Whether x, or its transpose, and C are different columns of one row-major matrix: time steps of a recurrent layer are. */
    private static boolean interleaved(Matrix x, Matrix c) {
        boolean rows = x.columnStride() == 1 && x.rowStride() == c.rowStride();
        boolean columns = x.rowStride() == 1 && x.columnStride() == c.rowStride();
        if (!(rows || columns) || c.rowStride() == 0) {
            return false;
        }
        // Where the columns of x begin behind those of C, in a row that starts at the first element of C.
        int from = Math.floorMod(x.offset() - c.offset(), c.rowStride());
        return from >= c.columns() && (rows ? x.columns() : x.rows()) <= c.rowStride() - from;
    }

    private static void apart(String name, float[] array, long from, long to, String cName, Matrix c) {
        if (from < to && c.offset() < end(c) && array == c.array() && from < end(c) && c.offset() < to) {
            throw new IllegalArgumentException(name + " [" + from + ", " + to + ") overlaps " + cName + " ["
                    + c.offset() + ", " + end(c) + ") of the same array: expected disjoint");
        }
    }

    /** One past the last element; the offset itself for an empty matrix. */
    private static long end(Matrix x) {
        return x.rows() == 0 || x.columns() == 0
                ? x.offset()
                : x.offset() + (x.rows() - 1L) * x.rowStride() + (x.columns() - 1L) * x.columnStride() + 1;
    }

    private static String shape(Matrix x) {
        return x.rows() + " x " + x.columns();
    }
}
