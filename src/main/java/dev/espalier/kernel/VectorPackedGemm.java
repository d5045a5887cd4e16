package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;

import dev.espalier.internal.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * {@link ScalarGemm} for 16 registers and products large enough to repay copies of both operands: the loops of BLIS (Van Zee and van
 * de Geijn 2015) around a tile of six rows by two vectors.
 *
 * <p>A is copied in tiles of six rows and B in panels as wide as a tile, so that all a tile reads lies a constant away from two
 * pointers. That leaves two bounds checks in four steps of its loop: 23 instructions for twelve multiply-adds, where {@link VectorGemm}
 * with A in place takes 36. A core that two threads share brings in half as many instructions, and then they are what counts.
 *
 * <p>Rows that fill no tile of six go into tiles of four, which are copied too. A tile of six reads A where it lies if it is transposed and
 * has few columns.
 *
 * <p>A slice of B is KC deep; a panel of it stays in L2, and the tiles of a block of A pass by it one after the other.
 */
final class VectorPackedGemm {
    /** Rows of a tile. */
    static final int ROWS = 6;

    /** Rows of a tile for what fills none of six. */
    private static final int FOUR = VectorGemm.ROWS;

    /** Columns of a tile and of a panel. */
    static final int PANEL = 2 * L;

    /** From one block of four columns of a copied tile to the next. */
    static final int STEP = 4 * ROWS;

    /** Depth of a slice, a multiple of the four steps that a tile takes at a time: C is read and written once a slice. */
    private static final int KC = 1024;

    /** Rows of A copied at a time, 4 MB at most. */
    private static final int MC = 1020;

    /** Beside a copy of B of at most 256 KB so many floats of A are copied at a time, 128 KB: L2 holds both. */
    private static final int A_SMALL = 1 << 15;

    private static final int B_SMALL = 1 << 16;

    /** Floats of B copied at a time: 8 MB. */
    private static final int B_COPIED = 1 << 21;

    /** From so many rows on the copies pay; at most eleven go into tiles of four. */
    private static final int MIN_ROWS = 12;

    /** So deep a product repays the way into a tile, and so many multiply-adds the rest. */
    private static final int MIN_DEPTH = 32;

    private static final long MIN_MULTIPLY_ADDS = 1 << 16;

    /** Between these depths it pays to read a transposed A in place. */
    private static final int MIN_DEPTH_IN_PLACE = 8;

    private static final int DEPTH_TO_COPY = 96;

    private static final int PAD = VectorGemm.PAD;
    private static final float[] ZEROS = new float[PANEL];

    private VectorPackedGemm() {}

    /** Whether the copies pay, and the columns that fill the last panel cost an eighth of the work at most. */
    static boolean takes(int m, int n, int k, float alpha, int aRow) {
        return VectorGemm.VECTORS == 3
                && m >= MIN_ROWS
                && n >= PANEL
                && k >= (inPlace(k, alpha, aRow) ? MIN_DEPTH_IN_PLACE : MIN_DEPTH)
                && (long) m * n * k >= MIN_MULTIPLY_ADDS
                && 8L * VectorGemm.roundUp(n, PANEL) <= 9L * n;
    }

    /** Whether six rows of A lie side by side, and in few columns. */
    private static boolean inPlace(int k, float alpha, int aRow) {
        return aRow == 1 && alpha == 1 && k < DEPTH_TO_COPY;
    }

    /** How many of m rows are left to tiles of four: as many as fill them best, two tiles rather than one of one or two rows. */
    private static int fours(int m) {
        int rest = m % ROWS;
        return rest == 1 || rest == 2 || rest == 5 ? rest + ROWS : rest;
    }

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
        int slices = (k - 1) / KC + 1;
        int kc = VectorGemm.roundUp((k - 1) / slices + 1, 4);
        boolean inPlace = inPlace(k, alpha, aRow);
        int sixes = m - fours(m);
        int nc = Math.min(VectorGemm.roundUp(n, PANEL), Math.max(B_COPIED / (PANEL * kc), 1) * PANEL);
        // Every panel reads the block of A again, and every block all of the copy of B.
        int most = inPlace || nc * kc > B_SMALL ? MC : Math.clamp(A_SMALL / kc, ROWS, MC);
        int blocks = (sixes + most - 1) / most;
        int mc = VectorGemm.roundUp((sixes + blocks - 1) / blocks, ROWS);
        int aTile = ROWS * kc + PAD;
        int bPanel = PANEL * kc + PAD;
        int bCopy = Math.max(mc / ROWS, 2) * aTile;
        int cCopy = bCopy + nc / PANEL * bPanel;
        int edge = n % PANEL;
        int biasCopy = cCopy + Math.max(mc, MIN_ROWS) * PANEL;
        float[] scratch = Scratch.acquire(edge == 0 ? cCopy : biasCopy + PANEL);
        for (int p = 0; k - p > 0; p += kc) {
            int depth = Math.min(kc, k - p);
            for (int j = 0; j < n; j += nc) {
                int width = Math.min(nc, n - j);
                VectorPacking.pairs(b, b0 + p * bRow + j * bColumn, bRow, bColumn, depth, width, scratch, bCopy, bPanel);
                for (int i = 0, height; i < m; i += height) {
                    boolean six = i < sixes;
                    height = six ? Math.min(mc, sixes - i) : m - sixes;
                    int aAt = a0 + i * aRow + p * aColumn;
                    if (!six) {
                        VectorPacking.tilesOfFour(a, aAt, aRow, aColumn, height, depth, scratch, FOUR * kc);
                    } else if (!inPlace) {
                        VectorPacking.tiles(a, aAt, aRow, aColumn, height, depth, scratch, aTile);
                    }
                    if (alpha != 1) {
                        int copied = six ? height / ROWS * aTile : VectorGemm.roundUp(height, FOUR) * kc;
                        VectorElementwise.scale(scratch, 0, copied, alpha);
                    }
                    float[] from = ZEROS;
                    int fromAt = 0;
                    int fromRow = 0;
                    int cAt = c0 + i * cRow + j;
                    if (accumulate || p > 0) {
                        from = c;
                        fromAt = cAt;
                        fromRow = cRow;
                    } else if (bias != null) {
                        from = bias;
                        fromAt = biasOffset + j;
                    }
                    for (int q = 0, at = bCopy; q < width; q += PANEL, at += bPanel, cAt += PANEL) {
                        float[] with = from;
                        int withAt = from == ZEROS ? 0 : fromAt + q;
                        int withRow = fromRow;
                        float[] to = c;
                        int toAt = cAt;
                        int toRow = cRow;
                        boolean whole = q <= width - PANEL;
                        if (!whole) {
                            // Stores are whole: a copy of C takes those of the last columns.
                            to = scratch;
                            toAt = cCopy;
                            toRow = PANEL;
                            if (from != ZEROS) {
                                with = scratch;
                                withAt = fromRow == 0 ? biasCopy : cCopy;
                                withRow = fromRow == 0 ? 0 : PANEL;
                                VectorPacking.pad(from, fromAt + q, fromRow, scratch, withAt, PANEL, fromRow == 0 ? 1 : height, width - q);
                            }
                        }
                        if (six && inPlace) {
                            VectorTiles.transposed6x2(height, depth, a, aAt, aColumn, scratch, at, with, withAt, withRow, to, toAt, toRow);
                        } else if (six) {
                            VectorTiles.blocked6x2(height, depth, scratch, 0, aTile, STEP, at, with, withAt, withRow, to, toAt, toRow);
                        } else {
                            VectorTiles.blocked4x2(height, depth, scratch, 0, FOUR * kc, 4 * FOUR, at, with, withAt, withRow, to, toAt, toRow);
                        }
                        if (!whole) {
                            VectorPacking.trim(scratch, cCopy, PANEL, c, cAt, cRow, height, width - q);
                        }
                    }
                }
            }
        }
        Scratch.release(scratch);
    }
}
