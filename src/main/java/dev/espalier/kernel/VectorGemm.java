package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;

import dev.espalier.internal.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * {@link ScalarGemm} in register tiles, after BLIS (Van Zee and van de Geijn 2015) and LIBXSMM (Heinecke et al. 2016): loops and
 * packing in portable Java, only the tile in vectors.
 *
 * <p>The columns of C are covered by panels as wide as a tile, and what is left by narrower pieces; tiles of four rows go down
 * each. B is first copied, panel by panel, in slices that are KC deep: a panel then stays in L2 while all rows of A pass by it,
 * and its rows lie a constant apart, so that C2 drops the bounds checks on them. Only a product of few rows reads B in place.
 * A is read in place if its rows are contiguous and one slice takes them whole, or B has few columns, or a transposed A few
 * floats. What fills no vector goes through a copy of C, one vector wide. Each element of C is one fma chain over k in ascending order, continued from C from one slice to the next.
 */
final class VectorGemm {
    static final int ROWS = 4;

    /** Vectors in a tile: four need 32 registers (AVX-512, AArch64), three fit 16. */
    static final int VECTORS = VectorLanes.BITS >= 512 || System.getProperty("os.arch", "").equals("aarch64") ? 4 : 3;

    /** Columns of a panel. */
    static final int PANEL = VECTORS * L;

    /** Floats between panels that would else lie a power of two apart, and between rows of a copy of A: a cache line. */
    static final int PAD = 16;

    /** Depth of a slice: 128 KB a panel, which L2 feeds to the tile as quickly as L1; C is read and written once a slice. */
    private static final int KC = (1 << 15) / PANEL;

    /** Rows taken at a time, which bounds the copies of A and of the last columns of C. */
    private static final int MC = 1024;

    /** Floats of B copied at a time: 4 MB. */
    private static final int B_COPIED = 1 << 20;

    /** A product of so few rows does not repay a copy of B. */
    private static final int FEW_ROWS = 8;

    /** Nor does one of so few columns repay a copy of rows of A. */
    private static final int FEW_COLUMNS = 192;

    /** Up to this many floats A is read in place even if its rows are not contiguous. */
    private static final int A_IN_PLACE = 1 << 16;

    private static final float[] ZEROS = new float[PANEL];

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
        if (VectorPackedGemm.takes(m, n, k, alpha, aRow)) {
            VectorPackedGemm.run(m, n, k, alpha, a, a0, aRow, aColumn, b, b0, bRow, bColumn, bias, biasOffset, accumulate, c, c0, cRow);
            return;
        }
        int slices = (k - 1) / KC + 1;
        int kc = (k - 1) / slices + 1;
        int mc = Math.min(m, MC);
        int nc = Math.min(n, Math.max(B_COPIED / (PANEL * kc), 1) * PANEL);
        boolean copyA = alpha != 1 || (aColumn != 1 ? (long) m * k > A_IN_PLACE : slices > 1 && n > FEW_COLUMNS);
        boolean copyB = bColumn != 1 || m > FEW_ROWS;
        // A copy keeps rows as they are, unless it is columns that are contiguous: then four rows side by side.
        boolean interleaved = copyA && aColumn != 1;
        int aPitch = !copyA ? aRow : interleaved ? 1 : kc + PAD;
        int aStep = !copyA ? aColumn : interleaved ? ROWS : 1;
        int aTile = interleaved ? ROWS * kc + PAD : ROWS * aPitch;
        int bCopy = copyA ? roundUp(mc, ROWS) / ROWS * aTile : 0;
        int biasCopy = bCopy + (copyB ? kc * roundUp(nc, L) + nc / PANEL * PAD : kc * roundUp(n - whole(n), L));
        int cCopy = biasCopy + L;
        boolean edge = n % L != 0;
        float[] scratch = cCopy > L || edge ? Scratch.acquire(cCopy + (edge ? mc * L : 0)) : ZEROS;
        for (int p = 0; k - p > 0; p += kc) {
            int depth = Math.min(kc, k - p);
            for (int j = 0; j < n; j += nc) {
                int width = Math.min(nc, n - j);
                int whole = j + width < n ? width : whole(width);
                int bAt = b0 + p * bRow + j * bColumn;
                int rest = bCopy;
                if (copyB) {
                    VectorPacking.panels(b, bAt, bRow, bColumn, depth, whole, scratch, bCopy);
                    rest += whole * depth + whole / PANEL * PAD;
                }
                for (int q = whole, columns; q < width; q += columns) {
                    columns = piece(width - q);
                    VectorPacking.piece(b, bAt + q * bColumn, bRow, bColumn, depth, columns, scratch, rest + (q - whole) * depth);
                }
                for (int i = 0; i < m; i += mc) {
                    int height = Math.min(mc, m - i);
                    int aAt = a0 + i * aRow + p * aColumn;
                    if (copyA) {
                        if (interleaved) {
                            VectorPacking.interleaved(a, aAt, aRow, aColumn, height, depth, scratch, aTile);
                        } else {
                            VectorPacking.rows(a, aAt, aRow, height, depth, scratch, aPitch);
                        }
                        if (alpha != 1) {
                            VectorElementwise.scale(scratch, 0, bCopy, alpha);
                        }
                        aAt = 0;
                    }
                    int cAt = c0 + i * cRow + j;
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
                    for (int q = 0, columns; q < width; q += columns) {
                        columns = q < whole ? PANEL : piece(width - q);
                        boolean packed = copyB || q >= whole;
                        int at = q < whole
                                ? copyB ? bCopy + q * depth + q / PANEL * PAD : bAt + q
                                : rest + (q - whole) * depth;
                        float[] to = c;
                        int toAt = cAt + q;
                        int toRow = cRow;
                        float[] with = from;
                        int withAt = from == ZEROS ? 0 : fromAt + q;
                        int withRow = fromRow;
                        if (columns < L) {
                            to = scratch;
                            toAt = cCopy;
                            toRow = L;
                            if (from != ZEROS) {
                                with = scratch;
                                withAt = fromRow == 0 ? biasCopy : cCopy;
                                withRow = fromRow == 0 ? 0 : L;
                                VectorPacking.pad(from, fromAt + q, fromRow, scratch, withAt, L, fromRow == 0 ? 1 : height, columns);
                            }
                        }
                        panel(
                                height,
                                columns / L,
                                depth,
                                copyA ? scratch : a,
                                aAt,
                                aPitch,
                                aStep,
                                aTile,
                                packed,
                                packed ? scratch : b,
                                at,
                                bRow,
                                with,
                                withAt,
                                withRow,
                                to,
                                toAt,
                                toRow);
                        if (columns < L) {
                            VectorPacking.trim(scratch, cCopy, L, c, cAt + q, cRow, height, columns);
                        }
                    }
                }
            }
        }
        if (scratch != ZEROS) {
            Scratch.release(scratch);
        }
    }

    /** How many of n columns are covered by whole panels. One vector more than a panel is left to two pieces: one alone is slow. */
    private static int whole(int n) {
        int vectors = n / L;
        int panels = vectors / VECTORS;
        return (panels > 0 && vectors % VECTORS == 1 ? panels - 1 : panels) * PANEL;
    }

    /** The columns of the next piece of so many behind the whole panels: whole vectors, or what is left of one. */
    private static int piece(int left) {
        int vectors = left / L;
        return vectors == 0 ? left : (vectors > VECTORS ? VECTORS - 1 : vectors) * L;
    }

    /** The tiles of one panel, from top to bottom. */
    private static void panel(
            int m,
            int vectors,
            int k,
            float[] a,
            int a0,
            int aRow,
            int aStep,
            int aTile,
            boolean packed,
            float[] b,
            int bAt,
            int bStep,
            float[] from,
            int f0,
            int fRow,
            float[] c,
            int c0,
            int cRow) {
        switch (vectors) {
            case 4 -> {
                if (packed) {
                    VectorTiles.packed4x4(m, k, a, a0, aRow, aStep, aTile, b, bAt, from, f0, fRow, c, c0, cRow);
                } else {
                    VectorTiles.inPlace4x4(m, k, a, a0, aRow, aStep, aTile, b, bAt, bStep, from, f0, fRow, c, c0, cRow);
                }
            }
            case 3 -> {
                if (packed) {
                    VectorTiles.packed4x3(m, k, a, a0, aRow, aStep, aTile, b, bAt, from, f0, fRow, c, c0, cRow);
                } else {
                    VectorTiles.inPlace4x3(m, k, a, a0, aRow, aStep, aTile, b, bAt, bStep, from, f0, fRow, c, c0, cRow);
                }
            }
            case 2 -> VectorTiles.packed4x2(m, k, a, a0, aRow, aStep, aTile, b, bAt, from, f0, fRow, c, c0, cRow);
            default -> VectorTiles.packed8x1(m, k, a, a0, aRow, aStep, aTile, b, bAt, from, f0, fRow, c, c0, cRow);
        }
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
