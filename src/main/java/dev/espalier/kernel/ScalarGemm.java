package dev.espalier.kernel;

import dev.espalier.internal.Scratch;

/**
 * The definition of {@link Gemm}: {@code c_ij ← fma(alpha·a_ip, b_pj, c_ij)} for p ascending, from what C holds.
 *
 * <p>Rows of B are swept left to right, four at a time, a form which C2 turns into vectors by itself: without the incubator module
 * this is all there is.
 */
final class ScalarGemm {
    /** Rows of B taken together: C is read and written once for all of them. */
    private static final int DEPTH = 4;

    /** Columns swept at a time, so that the slices of four rows of B and of C stay in L1. */
    private static final int WIDTH = 1024;

    /** Rows of B kept in L2 while all rows of C pass over them. */
    private static final int KC = 64;

    private ScalarGemm() {}

    static void run(int m, int n, int k, float alpha, Matrix a, Matrix b, float[] c, int co, int crs) {
        if (b.columnStride() == 1) {
            inRows(m, n, k, alpha, a, b, c, co, crs);
            return;
        }
        float[] rows = Scratch.acquire(k * n);
        for (int p = 0; p < k; p++) {
            for (int j = 0, from = b.offset() + p * b.rowStride(); j < n; j++, from += b.columnStride()) {
                rows[p * n + j] = b.array()[from];
            }
        }
        inRows(m, n, k, alpha, a, Matrix.of(rows, 0, k, n), c, co, crs);
        Scratch.release(rows);
    }

    private static void inRows(int m, int n, int k, float alpha, Matrix a, Matrix b, float[] c, int co, int crs) {
        for (int j = 0; j < n; j += WIDTH) {
            int width = Math.min(WIDTH, n - j);
            for (int p = 0; p < k; p += KC) {
                int depth = Math.min(KC, k - p);
                for (int i = 0; i < m; i++) {
                    int ai = a.offset() + i * a.rowStride() + p * a.columnStride();
                    int bi = b.offset() + p * b.rowStride() + j;
                    row(width, depth, alpha, a.array(), ai, a.columnStride(), b.array(), bi, b.rowStride(), c, co + i * crs + j);
                }
            }
        }
    }

    private static void row(
            int n, int k, float alpha, float[] a, int ai, int acs, float[] b, int bi, int brs, float[] c, int ci) {
        int p = 0;
        for (; p < k - DEPTH + 1; p += DEPTH, ai += DEPTH * acs, bi += DEPTH * brs) {
            four(
                    n,
                    alpha * a[ai],
                    alpha * a[ai + acs],
                    alpha * a[ai + 2 * acs],
                    alpha * a[ai + 3 * acs],
                    b,
                    bi,
                    bi + brs,
                    bi + 2 * brs,
                    bi + 3 * brs,
                    c,
                    ci);
        }
        for (; p < k; p++, ai += acs, bi += brs) {
            float s = alpha * a[ai];
            for (int j = 0; j < n; j++) {
                c[ci + j] = Math.fma(s, b[bi + j], c[ci + j]);
            }
        }
    }

    private static void four(
            int n, float s0, float s1, float s2, float s3, float[] b, int b0, int b1, int b2, int b3, float[] c, int ci) {
        for (int j = 0; j < n; j++) {
            float sum = Math.fma(s0, b[b0 + j], c[ci + j]);
            sum = Math.fma(s1, b[b1 + j], sum);
            sum = Math.fma(s2, b[b2 + j], sum);
            c[ci + j] = Math.fma(s3, b[b3 + j], sum);
        }
    }
}
