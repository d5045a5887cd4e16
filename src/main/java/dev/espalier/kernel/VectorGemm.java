package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;

import dev.espalier.internal.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * {@link ScalarGemm} in register tiles, after BLIS (Van Zee and van de Geijn 2015) and LIBXSMM (Heinecke et al. 2016): loops and
 * packing in portable Java, only the tile in vectors.
 *
 * <p>Small and skinny products read A and B where they are. Larger ones, a transposed B and an alpha other than 1 go through
 * packed copies: B in panels of one tile's columns, A in panels of four rows times alpha. Either way each element of C is one
 * fma chain over k in ascending order, continued from C at block borders.
 */
final class VectorGemm {
    private static final int ROWS = 4;
    /** Vectors in a tile: four need 32 registers, three fit 16. */
    private static final int VECTORS = VectorLanes.BITS >= 512 ? 4 : 3;

    /** Depth of a packed block: a panel of B of this depth and one tile's columns stays in L1 next to its panel of A. */
    static final int KC = 256;

    /** Rows of A packed at a time: KC × MC floats take about a quarter of a megabyte of L2. */
    static final int MC = 192;

    /** Columns of B packed at a time: KC × NC floats, the share of L3. */
    static final int NC = 2048;

    /** Up to this many floats B is read in place: it stays in L2, and packing would cost more than it saves. */
    private static final int IN_PLACE = 1 << 16;

    private static final float[] ZEROS = new float[VECTORS * L];

    private VectorGemm() {}

    /** C = from + A·B, where from is c for accumulation, null for zeros, or a row of n to repeat. */
    static void run(
            Matrix a, Matrix b, Matrix c, float alpha, float @Nullable [] bias, int biasOffset, boolean accumulate) {
        int m = c.rows();
        int n = c.columns();
        int k = a.columns();
        if (alpha == 1 && b.columnStride() == 1 && (k * (long) n <= IN_PLACE || m <= 2 * ROWS)) {
            float[] from = accumulate ? c.array() : bias != null ? bias : ZEROS;
            int fo = accumulate ? c.offset() : bias != null ? biasOffset : 0;
            block(m, n, k, a.array(), a.offset(), a.rowStride(), a.columnStride(), 0, b.array(), b.offset(), b.rowStride(), false,
                    from, fo, accumulate ? c.rowStride() : 0, from != ZEROS, c.array(), c.offset(), c.rowStride());
        } else {
            packed(m, n, k, alpha, a, b, c.array(), c.offset(), c.rowStride(), bias, biasOffset, accumulate);
        }
    }

    private static void packed(
            int m, int n, int k, float alpha, Matrix a, Matrix b, float[] c, int co, int crs, float @Nullable [] bias, int biasOffset, boolean accumulate) {
        int kc = Math.min(k, KC);
        int nc = roundUp(Math.min(n, NC), L);
        int mc = roundUp(Math.min(m, MC), ROWS);
        float[] buffer = Scratch.acquire(kc * (nc + mc));
        int bPanels = 0;
        int aPanels = kc * nc;
        for (int j = 0; j < n; j += NC) {
            int width = Math.min(NC, n - j);
            for (int p = 0; p < k; p += KC) {
                int depth = Math.min(KC, k - p);
                packB(b, p, j, depth, width, buffer, bPanels);
                boolean first = p == 0;
                boolean fromC = accumulate || !first;
                float[] from = fromC ? c : bias != null ? bias : ZEROS;
                for (int i = 0; i < m; i += MC) {
                    int height = Math.min(MC, m - i);
                    packA(a, i, p, height, depth, alpha, buffer, aPanels);
                    int at = co + i * crs + j;
                    block(height, width, depth, buffer, aPanels, 1, ROWS, ROWS * depth, buffer, bPanels, 0, true,
                            from, fromC ? at : from == ZEROS ? 0 : biasOffset + j, fromC ? crs : 0, from != ZEROS, c, at, crs);
                }
            }
        }
        Scratch.release(buffer);
    }

    /** All tiles of one block. aPanel is the distance of packed panels of A, or 0 if A is read in place. */
    private static void block(
            int m, int n, int k,
            float[] a, int ao, int ars, int acs, int aPanel,
            float[] b, int bo, int brs, boolean bPacked,
            float[] from, int fo, int frs, boolean fromMoves,
            float[] c, int co, int crs) {
        for (int j = 0; j < n; ) {
            int vectors = Math.min(VECTORS, (n - j) / L);
            int width = Math.max(vectors, 1) * L;
            int bAt = bPacked ? bo + j * k : bo + j;
            int bStep = bPacked ? width : brs;
            int fj = fromMoves ? fo + j : fo;
            for (int i = 0; i < m; i += ROWS) {
                int last = Math.min(ROWS, m - i) - 1;
                int i1 = Math.min(1, last);
                int i2 = Math.min(2, last);
                int i3 = last;
                int a0 = aPanel == 0 ? ao + i * ars : ao + (i / ROWS) * aPanel;
                int f0 = fj + i * frs;
                int c0 = co + i * crs + j;
                int a1 = a0 + i1 * ars;
                int a2 = a0 + i2 * ars;
                int a3 = a0 + i3 * ars;
                int f1 = f0 + i1 * frs;
                int f2 = f0 + i2 * frs;
                int f3 = f0 + i3 * frs;
                int c1 = c0 + i1 * crs;
                int c2 = c0 + i2 * crs;
                int c3 = c0 + i3 * crs;
                if (vectors == 4) {
                    VectorTiles.tile4x4(k, a, a0, a1, a2, a3, acs, b, bAt, bStep, from, f0, f1, f2, f3, c, c0, c1, c2, c3);
                } else if (vectors == 3) {
                    VectorTiles.tile4x3(k, a, a0, a1, a2, a3, acs, b, bAt, bStep, from, f0, f1, f2, f3, c, c0, c1, c2, c3);
                } else if (vectors == 2) {
                    VectorTiles.tile4x2(k, a, a0, a1, a2, a3, acs, b, bAt, bStep, from, f0, f1, f2, f3, c, c0, c1, c2, c3);
                } else {
                    VectorTiles.tile4x1(k, a, a0, a1, a2, a3, acs, b, bAt, bStep, from, f0, f1, f2, f3, c, c0, c1, c2, c3, Math.min(L, n - j));
                }
            }
            j += width;
        }
    }

    private static void packA(Matrix a, int i0, int p0, int height, int depth, float alpha, float[] to, int at) {
        float[] x = a.array();
        int rs = a.rowStride();
        int cs = a.columnStride();
        for (int i = 0; i < height; i += ROWS, at += ROWS * depth) {
            int last = Math.min(ROWS, height - i) - 1;
            int r0 = a.offset() + (i0 + i) * rs + p0 * cs;
            int r1 = r0 + Math.min(1, last) * rs;
            int r2 = r0 + Math.min(2, last) * rs;
            int r3 = r0 + last * rs;
            for (int p = 0, s = 0, t = at; p < depth; p++, s += cs, t += ROWS) {
                to[t] = alpha * x[r0 + s];
                to[t + 1] = alpha * x[r1 + s];
                to[t + 2] = alpha * x[r2 + s];
                to[t + 3] = alpha * x[r3 + s];
            }
        }
    }

    private static void packB(Matrix b, int p0, int j0, int depth, int width, float[] to, int at) {
        float[] x = b.array();
        int rs = b.rowStride();
        int cs = b.columnStride();
        for (int j = 0; j < width; ) {
            int columns = Math.min(Math.max(1, Math.min(VECTORS, (width - j) / L)) * L, roundUp(width - j, L));
            int inside = Math.min(columns, width - j);
            int from = b.offset() + p0 * rs + (j0 + j) * cs;
            for (int p = 0; p < depth; p++, from += rs, at += columns) {
                if (cs == 1) {
                    System.arraycopy(x, from, to, at, inside);
                } else {
                    for (int q = 0; q < inside; q++) {
                        to[at + q] = x[from + q * cs];
                    }
                }
            }
            j += columns;
        }
    }

    private static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
