package dev.espalier.kernel;

import dev.espalier.internal.Scratch;

/**
 * The definition of {@link Gemm}: {@code c_ij ← fma(alpha·a_ip, b_pj, c_ij)} for p ascending, from what C holds.
 *
 * <p>Eight rows of B at a time are copied into arrays of their own, and so is each row of C that they are added to. Then all
 * operands have the same index, and C2 turns the sweep into vectors by itself; with offsets that differ it would have to
 * assume that a store may hit a later load. Without the incubator module this is all there is.
 */
final class ScalarGemm {
    private static final int DEPTH = 8;

    /** Columns swept at a time: nine rows of them fit L1. */
    private static final int WIDTH = 512;

    private ScalarGemm() {}

    static void run(int m, int n, int k, float alpha, Matrix a, int ao, Matrix b, int bo, float[] c, int co, int crs) {
        int width = Math.min(WIDTH, n);
        float[] sum = Scratch.acquire(DEPTH, width);
        float[] b0 = Scratch.acquire(0, width);
        float[] b1 = Scratch.acquire(1, width);
        float[] b2 = Scratch.acquire(2, width);
        float[] b3 = Scratch.acquire(3, width);
        float[] b4 = Scratch.acquire(4, width);
        float[] b5 = Scratch.acquire(5, width);
        float[] b6 = Scratch.acquire(6, width);
        float[] b7 = Scratch.acquire(7, width);
        float[] x = a.array();
        int step = a.columnStride();
        for (int j = 0; j < n; j += width) {
            int columns = Math.min(width, n - j);
            int p = 0;
            for (; p < k - DEPTH + 1; p += DEPTH) {
                copyRows(b, bo + p * b.rowStride() + j * b.columnStride(), columns, b0, b1, b2, b3, b4, b5, b6, b7);
                addRows(m, columns, alpha, a, ao + p * step, b0, b1, b2, b3, b4, b5, b6, b7, sum, c, co + j, crs);
            }
            for (; p < k; p++) {
                copyRow(b, bo + p * b.rowStride() + j * b.columnStride(), columns, b0);
                for (int i = 0; i < m; i++) {
                    float s = alpha * x[ao + i * a.rowStride() + p * step];
                    int to = co + i * crs + j;
                    for (int q = 0; q < columns; q++) {
                        c[to + q] = Math.fma(s, b0[q], c[to + q]);
                    }
                }
            }
        }
        Scratch.release(DEPTH, sum);
        Scratch.release(0, b0);
        Scratch.release(1, b1);
        Scratch.release(2, b2);
        Scratch.release(3, b3);
        Scratch.release(4, b4);
        Scratch.release(5, b5);
        Scratch.release(6, b6);
        Scratch.release(7, b7);
    }

    /**
     * C is one column. Eight rows at a time: eight independent chains hide the latency of the fused multiply-add, and A is read
     * once, in order.
     */
    static void column(int m, int k, float alpha, Matrix a, int ao, Matrix b, int bo, float[] c, int co, int crs) {
        float[] x = a.array();
        float[] y = b.array();
        int row = a.rowStride();
        int step = a.columnStride();
        int i = 0;
        for (; i < m - 7; i += 8) {
            int at = ao + i * row;
            int to = co + i * crs;
            float c0 = c[to];
            float c1 = c[to + crs];
            float c2 = c[to + 2 * crs];
            float c3 = c[to + 3 * crs];
            float c4 = c[to + 4 * crs];
            float c5 = c[to + 5 * crs];
            float c6 = c[to + 6 * crs];
            float c7 = c[to + 7 * crs];
            for (int p = 0, ap = at, bp = bo; p < k; p++, ap += step, bp += b.rowStride()) {
                float s = y[bp];
                c0 = Math.fma(alpha * x[ap], s, c0);
                c1 = Math.fma(alpha * x[ap + row], s, c1);
                c2 = Math.fma(alpha * x[ap + 2 * row], s, c2);
                c3 = Math.fma(alpha * x[ap + 3 * row], s, c3);
                c4 = Math.fma(alpha * x[ap + 4 * row], s, c4);
                c5 = Math.fma(alpha * x[ap + 5 * row], s, c5);
                c6 = Math.fma(alpha * x[ap + 6 * row], s, c6);
                c7 = Math.fma(alpha * x[ap + 7 * row], s, c7);
            }
            c[to] = c0;
            c[to + crs] = c1;
            c[to + 2 * crs] = c2;
            c[to + 3 * crs] = c3;
            c[to + 4 * crs] = c4;
            c[to + 5 * crs] = c5;
            c[to + 6 * crs] = c6;
            c[to + 7 * crs] = c7;
        }
        for (; i < m; i++) {
            float sum = c[co + i * crs];
            for (int p = 0, ap = ao + i * row, bp = bo; p < k; p++, ap += step, bp += b.rowStride()) {
                sum = Math.fma(alpha * x[ap], y[bp], sum);
            }
            c[co + i * crs] = sum;
        }
    }

    private static void copyRow(Matrix b, int at, int columns, float[] to) {
        if (b.columnStride() == 1) {
            System.arraycopy(b.array(), at, to, 0, columns);
        } else {
            for (int q = 0; q < columns; q++, at += b.columnStride()) {
                to[q] = b.array()[at];
            }
        }
    }

    private static void copyRows(
            Matrix b,
            int at,
            int columns,
            float[] b0,
            float[] b1,
            float[] b2,
            float[] b3,
            float[] b4,
            float[] b5,
            float[] b6,
            float[] b7) {
        float[] x = b.array();
        int row = b.rowStride();
        if (b.columnStride() == 1) {
            System.arraycopy(x, at, b0, 0, columns);
            System.arraycopy(x, at + row, b1, 0, columns);
            System.arraycopy(x, at + 2 * row, b2, 0, columns);
            System.arraycopy(x, at + 3 * row, b3, 0, columns);
            System.arraycopy(x, at + 4 * row, b4, 0, columns);
            System.arraycopy(x, at + 5 * row, b5, 0, columns);
            System.arraycopy(x, at + 6 * row, b6, 0, columns);
            System.arraycopy(x, at + 7 * row, b7, 0, columns);
        } else {
            for (int q = 0; q < columns; q++, at += b.columnStride()) {
                b0[q] = x[at];
                b1[q] = x[at + row];
                b2[q] = x[at + 2 * row];
                b3[q] = x[at + 3 * row];
                b4[q] = x[at + 4 * row];
                b5[q] = x[at + 5 * row];
                b6[q] = x[at + 6 * row];
                b7[q] = x[at + 7 * row];
            }
        }
    }

    /** Adds to each of m rows of C the eight rows of B, times eight elements of A. */
    private static void addRows(
            int m,
            int columns,
            float alpha,
            Matrix a,
            int at,
            float[] b0,
            float[] b1,
            float[] b2,
            float[] b3,
            float[] b4,
            float[] b5,
            float[] b6,
            float[] b7,
            float[] sum,
            float[] c,
            int to,
            int crs) {
        float[] x = a.array();
        int step = a.columnStride();
        for (int i = 0; i < m; i++, at += a.rowStride(), to += crs) {
            System.arraycopy(c, to, sum, 0, columns);
            float s0 = alpha * x[at];
            float s1 = alpha * x[at + step];
            float s2 = alpha * x[at + 2 * step];
            float s3 = alpha * x[at + 3 * step];
            float s4 = alpha * x[at + 4 * step];
            float s5 = alpha * x[at + 5 * step];
            float s6 = alpha * x[at + 6 * step];
            float s7 = alpha * x[at + 7 * step];
            for (int j = 0; j < columns; j++) {
                float t = Math.fma(s3, b3[j], Math.fma(s2, b2[j], Math.fma(s1, b1[j], Math.fma(s0, b0[j], sum[j]))));
                sum[j] = Math.fma(s7, b7[j], Math.fma(s6, b6[j], Math.fma(s5, b5[j], Math.fma(s4, b4[j], t))));
            }
            System.arraycopy(sum, 0, c, to, columns);
        }
    }
}
