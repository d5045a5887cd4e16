package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;

import dev.espalier.internal.Scratch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/**
 * {@link ScalarGemm} in register tiles, after BLIS (Van Zee and van de Geijn 2015) and LIBXSMM (Heinecke et al. 2016): loops and
 * packing in portable Java, only the tile in vectors.
 *
 * <p>C is covered in panels of one tile's columns, and a panel in tiles of four rows. The slice of B behind a panel, KC deep,
 * stays in L2 (64 KB) while all rows of A pass by it; a slice that is far apart in memory, transposed or narrower than a vector
 * is first copied together, and so is C where it is narrower than a vector. A is read in place if its rows are contiguous; otherwise MC rows of it are first copied into panels of four rows. Each
 * element of C is one fma chain over k in ascending order, continued from C from one slice to the next.
 */
final class VectorGemm {
    private static final int ROWS = 4;

    /** Vectors in a tile: four need 32 registers (AVX-512, AArch64), three fit 16. */
    private static final int VECTORS =
            VectorLanes.BITS >= 512 || System.getProperty("os.arch", "").equals("aarch64") ? 4 : 3;

    /** Depth of a slice: KC rows of 64 columns are 64 KB, a small share of L2. */
    private static final int KC = 256;

    /** Rows taken at a time: KC × MC floats of A are 1 MB, and a copied slice of B serves this many rows. */
    private static final int MC = 1024;

    /** Up to this many floats B is read in place: its rows stay in L2 and the TLB covers them. */
    private static final int B_IN_PLACE = 1 << 16;

    /** A product with fewer rows does not repay a copy of B. */
    private static final int ROWS_IN_PLACE = 12;

    /** Up to this many floats A is read in place even if its rows are not contiguous. */
    private static final int A_IN_PLACE = 1 << 16;

    private static final float[] ZEROS = new float[VECTORS * L];

    private VectorGemm() {}

    /** {@code C ← from + alpha·A·B}, where from is C to accumulate, else the bias row, else zero. */
    static void run(
            int m,
            int n,
            int k,
            float alpha,
            float[] a,
            int a0,
            int aRow,
            int aColumn,
            float[] b,
            int b0,
            int bRow,
            int bColumn,
            float @Nullable [] bias,
            int biasOffset,
            boolean accumulate,
            float[] c,
            int c0,
            int cRow) {
        long sizeA = (long) m * k;
        long sizeB = (long) k * n;
        boolean copyB = bColumn != 1 || (sizeB > B_IN_PLACE && m > ROWS_IN_PLACE);
        boolean copyA = alpha != 1 || (aColumn != 1 && sizeA > A_IN_PLACE);
        int kc = copyA || copyB || sizeB > B_IN_PLACE ? Math.min(k, KC) : k;
        int mc = kc < k || copyA ? Math.min(m, MC) : m;
        int panel = VECTORS * L;
        boolean edge = n % L != 0;
        int aCopy = 0;
        int bCopy = aCopy + (copyA ? roundUp(mc, ROWS) * kc : 0);
        int biasCopy = bCopy + (copyB || edge ? panel * kc : 0);
        int cCopy = biasCopy + L;
        float[] scratch = copyA || copyB || edge ? Scratch.acquire(cCopy + (edge ? mc * L : 0)) : ZEROS;
        for (int i = 0; i < m; i += mc) {
            int height = Math.min(mc, m - i);
            for (int p = 0; p < k; p += kc) {
                int depth = Math.min(kc, k - p);
                int aAt = a0 + i * aRow + p * aColumn;
                if (copyA) {
                    copyRows(a, aAt, aRow, aColumn, height, depth, alpha, scratch, aCopy);
                }
                for (int j = 0, width; j < n; j += width) {
                    // As many whole vectors as a tile takes; in the end what is left of one.
                    int left = Math.min(panel, n - j);
                    width = left < L ? left : left - left % L;
                    boolean whole = width >= L;
                    int bAt = b0 + p * bRow + j * bColumn;
                    boolean copied = copyB || !whole;
                    if (copied) {
                        copyColumns(b, bAt, bRow, bColumn, depth, width, scratch, bCopy);
                    }
                    int cAt = c0 + i * cRow + j;
                    float[] to = c;
                    int toAt = cAt;
                    int toRow = cRow;
                    float[] from = ZEROS;
                    int fromAt = 0;
                    int fromRow = 0;
                    if (accumulate || p > 0) {
                        from = c;
                        fromAt = cAt;
                        fromRow = cRow;
                    } else if (bias != null) {
                        from = bias;
                        fromAt = biasOffset + j;
                    }
                    if (!whole) {
                        to = scratch;
                        toAt = cCopy;
                        toRow = L;
                        if (from != ZEROS) {
                            int rows = fromRow == 0 ? 1 : height;
                            int at = fromRow == 0 ? biasCopy : cCopy;
                            pad(from, fromAt, fromRow, scratch, at, rows, width);
                            from = scratch;
                            fromAt = at;
                            fromRow = fromRow == 0 ? 0 : L;
                        }
                    }
                    panel(
                            height,
                            width,
                            depth,
                            copyA ? scratch : a,
                            copyA ? aCopy : aAt,
                            copyA ? 1 : aRow,
                            copyA ? ROWS : aColumn,
                            copyA ? ROWS * depth : ROWS * aRow,
                            copied ? scratch : b,
                            copied ? bCopy : bAt,
                            copied ? roundUp(width, L) : bRow,
                            from,
                            fromAt,
                            fromRow,
                            to,
                            toAt,
                            toRow);
                    if (!whole) {
                        trim(scratch, cCopy, c, cAt, cRow, height, width);
                    }
                }
            }
        }
        if (scratch != ZEROS) {
            Scratch.release(scratch);
        }
    }

    /** The tiles of one panel, from top to bottom. aTile is the distance between tiles of four rows of A. */
    private static void panel(
            int m,
            int columns,
            int k,
            float[] a,
            int a0,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            int bStep,
            float[] from,
            int f0,
            int fRow,
            float[] c,
            int c0,
            int cRow) {
        int vectors = Math.max(columns / L, 1);
        // Eight rows of a packed A are two tiles of four, not one of eight.
        int tile = vectors == 1 && aTile == ROWS * aRow ? 2 * ROWS : ROWS;
        for (int i = 0; i < m; i += tile) {
            int rows = Math.min(tile, m - i);
            int at = a0 + i / ROWS * aTile;
            int f = f0 + i * fRow;
            int to = c0 + i * cRow;
            switch (vectors) {
                case 4 -> VectorTiles.tile4x4(rows, k, a, at, aRow, aStep, b, bAt, bStep, from, f, fRow, c, to, cRow);
                case 3 -> VectorTiles.tile4x3(rows, k, a, at, aRow, aStep, b, bAt, bStep, from, f, fRow, c, to, cRow);
                case 2 -> VectorTiles.tile4x2(rows, k, a, at, aRow, aStep, b, bAt, bStep, from, f, fRow, c, to, cRow);
                default -> VectorTiles.tile8x1(rows, k, a, at, aRow, aStep, b, bAt, bStep, from, f, fRow, c, to, cRow);
            }
        }
    }

    /** Copies alpha times {@code m × k} elements into tiles of four rows, column by column; the last tile repeats its last row. */
    private static void copyRows(float[] x, int at, int rowStride, int columnStride, int m, int k, float alpha, float[] to, int t) {
        int i = rowStride == 1 ? copySideBySide(x, at, columnStride, m, k, alpha, to, t) : 0;
        t += i * k;
        for (; i < m; i += ROWS) {
            int last = Math.min(ROWS, m - i) - 1;
            int r0 = at + i * rowStride;
            int r1 = r0 + Math.min(1, last) * rowStride;
            int r2 = r0 + Math.min(2, last) * rowStride;
            int r3 = r0 + last * rowStride;
            for (int p = 0, s = 0; p < k; p++, s += columnStride, t += ROWS) {
                to[t] = alpha * x[r0 + s];
                to[t + 1] = alpha * x[r1 + s];
                to[t + 2] = alpha * x[r2 + s];
                to[t + 3] = alpha * x[r3 + s];
            }
        }
    }

    /**
     * Four tiles at a time of rows that lie side by side: columns can be a power of two apart and evict each other, so what a
     * cache line holds is taken at once. Returns how many rows it has copied.
     */
    private static int copySideBySide(float[] x, int at, int columnStride, int m, int k, float alpha, float[] to, int t) {
        int i = 0;
        for (; i < m - 4 * ROWS + 1; i += 4 * ROWS) {
            int t0 = t + i * k;
            int t1 = t0 + ROWS * k;
            int t2 = t1 + ROWS * k;
            int t3 = t2 + ROWS * k;
            for (int p = 0, s = at + i, u = 0; p < k; p++, s += columnStride, u += ROWS) {
                FloatVector.fromArray(FloatVector.SPECIES_128, x, s).mul(alpha).intoArray(to, t0 + u);
                FloatVector.fromArray(FloatVector.SPECIES_128, x, s + ROWS).mul(alpha).intoArray(to, t1 + u);
                FloatVector.fromArray(FloatVector.SPECIES_128, x, s + 2 * ROWS).mul(alpha).intoArray(to, t2 + u);
                FloatVector.fromArray(FloatVector.SPECIES_128, x, s + 3 * ROWS).mul(alpha).intoArray(to, t3 + u);
            }
        }
        return i;
    }

    /** Copies {@code k × width} elements row by row; rows are rounded up to whole vectors, of which a tile uses width lanes. */
    private static void copyColumns(float[] x, int at, int rowStride, int columnStride, int k, int width, float[] to, int t) {
        int step = roundUp(width, L);
        if (columnStride != 1) {
            copyTransposed(x, at, rowStride, columnStride, k, width, to, t, step);
        } else if (width == step) {
            for (int p = 0; p < k; p++, at += rowStride, t += step) {
                for (int q = 0; q < width; q += L) {
                    FloatVector.fromArray(S, x, at + q).intoArray(to, t + q);
                }
            }
        } else {
            pad(x, at, rowStride, to, t, k, width);
        }
    }

    /** Copies rows that fill no vector into rows of one vector, with zeros behind them. */
    private static void pad(float[] x, int at, int xRow, float[] to, int t, int rows, int width) {
        VectorMask<Float> inside = S.indexInRange(0, width);
        for (int i = 0; i < rows; i++, at += xRow, t += L) {
            FloatVector.fromArray(S, x, at, inside).intoArray(to, t);
        }
    }

    /** Copies the first elements of rows of one vector. */
    private static void trim(float[] x, int at, float[] to, int t, int toRow, int rows, int width) {
        VectorMask<Float> inside = S.indexInRange(0, width);
        for (int i = 0; i < rows; i++, at += L, t += toRow) {
            FloatVector.fromArray(S, x, at).intoArray(to, t, inside);
        }
    }

    /** Eight columns at a time: eight streams stay in L1 also where columns lie a power of two apart. */
    private static void copyTransposed(
            float[] x, int at, int rowStride, int columnStride, int k, int width, float[] to, int t, int step) {
        int q = 0;
        for (; q < width - 7; q += 8) {
            int x0 = at + q * columnStride;
            int x1 = x0 + columnStride;
            int x2 = x1 + columnStride;
            int x3 = x2 + columnStride;
            int x4 = x3 + columnStride;
            int x5 = x4 + columnStride;
            int x6 = x5 + columnStride;
            int x7 = x6 + columnStride;
            for (int p = 0, s = 0, u = t + q; p < k; p++, s += rowStride, u += step) {
                to[u] = x[x0 + s];
                to[u + 1] = x[x1 + s];
                to[u + 2] = x[x2 + s];
                to[u + 3] = x[x3 + s];
                to[u + 4] = x[x4 + s];
                to[u + 5] = x[x5 + s];
                to[u + 6] = x[x6 + s];
                to[u + 7] = x[x7 + s];
            }
        }
        for (; q < width; q++) {
            for (int p = 0, s = at + q * columnStride, u = t + q; p < k; p++, s += rowStride, u += step) {
                to[u] = x[s];
            }
        }
    }

    private static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
