package dev.espalier.kernel;

import static dev.espalier.kernel.VectorGemm.PAD;
import static dev.espalier.kernel.VectorGemm.PANEL;
import static dev.espalier.kernel.VectorGemm.ROWS;
import static dev.espalier.kernel.VectorGemm.VECTORS;
import static dev.espalier.kernel.VectorGemm.roundUp;
import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The copies of {@link VectorGemm} and {@link VectorPackedGemm}. Each goes through its source as it lies in memory, where that can be, and writes streams that
 * a page and the ways of L1 can hold.
 */
final class VectorPacking {
    /** Four floats: what a tile takes of a column of A, and the side of a block that is transposed in registers. */
    private static final VectorSpecies<Float> Q = FloatVector.SPECIES_128;

    private static final VectorShuffle<Float> ZIP_LOW = VectorShuffle.makeZip(Q, 0);
    private static final VectorShuffle<Float> ZIP_HIGH = VectorShuffle.makeZip(Q, 1);

    /** Rows of a tile of {@link VectorPackedGemm}. */
    private static final int SIX = VectorPackedGemm.ROWS;

    /** Rows of a transposed A that are copied at a time: four columns of their tiles stay in L1. */
    private static final int TILED = 40 * SIX;

    /** Columns transposed at a time: what becomes of them stays in L1 until all rows have come. */
    private static final int TRANSPOSED = 64;

    private VectorPacking() {}

    /** Copies {@code m × k} elements into rows that lie toRow apart. */
    static void rows(float[] x, int at, int rowStride, int m, int k, float[] to, int toRow) {
        for (int i = 0, t = 0; i < m; i++, at += rowStride, t += toRow) {
            System.arraycopy(x, at, to, t, k);
        }
    }

    /**
     * Copies {@code m × k} elements into tiles of four rows, column by column. Eight columns at a time where they are contiguous, too long
     * for C2 to inline.
     */
    static void interleaved(float[] x, int at, int rowStride, int columnStride, int m, int k, float[] to, int tile) {
        int whole = rowStride == 1 ? m - m % ROWS : 0;
        int p = 0;
        for (int s = at; p < k - 7; p += 8, s += 8 * columnStride) {
            int x1 = s + columnStride;
            int x2 = x1 + columnStride;
            int x3 = x2 + columnStride;
            int x4 = x3 + columnStride;
            int x5 = x4 + columnStride;
            int x6 = x5 + columnStride;
            int x7 = x6 + columnStride;
            for (int i = 0, t = p * ROWS; i < whole; i += ROWS, t += tile) {
                FloatVector.fromArray(Q, x, s + i).intoArray(to, t);
                FloatVector.fromArray(Q, x, x1 + i).intoArray(to, t + ROWS);
                FloatVector.fromArray(Q, x, x2 + i).intoArray(to, t + 2 * ROWS);
                FloatVector.fromArray(Q, x, x3 + i).intoArray(to, t + 3 * ROWS);
                FloatVector.fromArray(Q, x, x4 + i).intoArray(to, t + 4 * ROWS);
                FloatVector.fromArray(Q, x, x5 + i).intoArray(to, t + 5 * ROWS);
                FloatVector.fromArray(Q, x, x6 + i).intoArray(to, t + 6 * ROWS);
                FloatVector.fromArray(Q, x, x7 + i).intoArray(to, t + 7 * ROWS);
            }
        }
        for (int s = at + p * columnStride; p < k; p++, s += columnStride) {
            for (int i = 0, t = p * ROWS; i < whole; i += ROWS, t += tile) {
                FloatVector.fromArray(Q, x, s + i).intoArray(to, t);
            }
        }
        for (int i = whole; i < m; i++) {
            int t = i / ROWS * tile + i % ROWS;
            for (int q = 0, s = at + i * rowStride; q < k; q++, s += columnStride, t += ROWS) {
                to[t] = x[s];
            }
        }
    }

    /** Copies {@code k × width} elements into whole panels. */
    static void panels(float[] x, int at, int rowStride, int columnStride, int k, int width, float[] to, int t) {
        int pitch = PANEL * k + PAD;
        if (columnStride != 1) {
            for (int q = 0; q < width; q += PANEL, t += pitch) {
                transpose(x, at + q * columnStride, columnStride, rowStride, PANEL, k, to, t, PANEL);
            }
            return;
        }
        // Two rows at a time, as B lies in memory, too long for C2 to inline.
        int p = 0;
        for (; p < k - 1; p += 2, at += 2 * rowStride, t += 2 * PANEL) {
            for (int q = at, r = at + rowStride, u = t; q < at + width; q += PANEL, r += PANEL, u += pitch) {
                FloatVector.fromArray(S, x, q).intoArray(to, u);
                FloatVector.fromArray(S, x, q + L).intoArray(to, u + L);
                FloatVector.fromArray(S, x, q + 2 * L).intoArray(to, u + 2 * L);
                if (VECTORS == 4) {
                    FloatVector.fromArray(S, x, q + 3 * L).intoArray(to, u + 3 * L);
                }
                FloatVector.fromArray(S, x, r).intoArray(to, u + PANEL);
                FloatVector.fromArray(S, x, r + L).intoArray(to, u + PANEL + L);
                FloatVector.fromArray(S, x, r + 2 * L).intoArray(to, u + PANEL + 2 * L);
                if (VECTORS == 4) {
                    FloatVector.fromArray(S, x, r + 3 * L).intoArray(to, u + PANEL + 3 * L);
                }
            }
        }
        if (p < k) {
            for (int q = at, u = t; q < at + width; q += PANEL, u += pitch) {
                FloatVector.fromArray(S, x, q).intoArray(to, u);
                FloatVector.fromArray(S, x, q + L).intoArray(to, u + L);
                FloatVector.fromArray(S, x, q + 2 * L).intoArray(to, u + 2 * L);
                if (VECTORS == 4) {
                    FloatVector.fromArray(S, x, q + 3 * L).intoArray(to, u + 3 * L);
                }
            }
        }
    }

    /** Copies {@code k × width} elements into panels of two vectors, pitch apart; the last one may have fewer columns. */
    static void pairs(
            float[] x, int at, int rowStride, int columnStride, int k, int width, float[] to, int t, int pitch) {
        if (columnStride != 1) {
            for (int q = 0; q < width; q += 2 * L, t += pitch) {
                transpose(x, at + q * columnStride, columnStride, rowStride, Math.min(2 * L, width - q), k, to, t, 2 * L);
            }
            return;
        }
        int whole = width - width % (2 * L);
        if (whole < width) {
            pad(x, at + whole, rowStride, to, t + whole / (2 * L) * pitch, 2 * L, k, width - whole);
        }
        // Four rows at a time, as B lies in memory.
        int p = 0;
        for (; p < k - 3; p += 4, at += 4 * rowStride, t += 8 * L) {
            int x1 = at + rowStride;
            int x2 = x1 + rowStride;
            int x3 = x2 + rowStride;
            for (int q = 0, u = t; q < whole; q += 2 * L, u += pitch) {
                FloatVector.fromArray(S, x, at + q).intoArray(to, u);
                FloatVector.fromArray(S, x, at + q + L).intoArray(to, u + L);
                FloatVector.fromArray(S, x, x1 + q).intoArray(to, u + 2 * L);
                FloatVector.fromArray(S, x, x1 + q + L).intoArray(to, u + 3 * L);
                FloatVector.fromArray(S, x, x2 + q).intoArray(to, u + 4 * L);
                FloatVector.fromArray(S, x, x2 + q + L).intoArray(to, u + 5 * L);
                FloatVector.fromArray(S, x, x3 + q).intoArray(to, u + 6 * L);
                FloatVector.fromArray(S, x, x3 + q + L).intoArray(to, u + 7 * L);
            }
        }
        for (; p < k; p++, at += rowStride, t += 2 * L) {
            for (int q = 0, u = t; q < whole; q += 2 * L, u += pitch) {
                FloatVector.fromArray(S, x, at + q).intoArray(to, u);
                FloatVector.fromArray(S, x, at + q + L).intoArray(to, u + L);
            }
        }
    }

    /** Copies {@code k × width} elements, at most a panel; zeros fill a vector. */
    static void piece(
            float[] x, int at, int rowStride, int columnStride, int k, int width, float[] to, int t) {
        if (columnStride != 1) {
            transpose(x, at, columnStride, rowStride, width, k, to, t, roundUp(width, L));
        } else if (width < L) {
            pad(x, at, rowStride, to, t, L, k, width);
        } else {
            // Four rows at a time. That makes the method too long for C2 to inline: within the loops of a product it made objects of these
            // vectors in one JVM of many.
            int p = 0;
            for (; p < k - 3; p += 4, at += 4 * rowStride, t += 4 * width) {
                int x1 = at + rowStride;
                int x2 = x1 + rowStride;
                int x3 = x2 + rowStride;
                int t1 = t + width;
                int t2 = t1 + width;
                int t3 = t2 + width;
                FloatVector.fromArray(S, x, at).intoArray(to, t);
                FloatVector.fromArray(S, x, x1).intoArray(to, t1);
                FloatVector.fromArray(S, x, x2).intoArray(to, t2);
                FloatVector.fromArray(S, x, x3).intoArray(to, t3);
                for (int v = L; v < width; v += L) {
                    FloatVector.fromArray(S, x, at + v).intoArray(to, t + v);
                    FloatVector.fromArray(S, x, x1 + v).intoArray(to, t1 + v);
                    FloatVector.fromArray(S, x, x2 + v).intoArray(to, t2 + v);
                    FloatVector.fromArray(S, x, x3 + v).intoArray(to, t3 + v);
                }
            }
            for (; p < k; p++, at += rowStride, t += width) {
                for (int v = 0; v < width; v += L) {
                    FloatVector.fromArray(S, x, at + v).intoArray(to, t + v);
                }
            }
        }
    }

    /** Copies rows of a few elements into rows of whole vectors, with zeros behind them. */
    static void pad(float[] x, int at, int xRow, float[] to, int t, int toRow, int rows, int width) {
        for (int v = 0; v < width; v += L) {
            VectorMask<Float> inside = S.indexInRange(v, width);
            for (int i = 0, s = at + v, u = t + v; i < rows; i++, s += xRow, u += toRow) {
                FloatVector.fromArray(S, x, s, inside).intoArray(to, u);
            }
        }
    }

    /** Copies the first elements of rows of whole vectors. */
    static void trim(float[] x, int at, int xRow, float[] to, int t, int toRow, int rows, int width) {
        for (int v = 0; v < width; v += L) {
            VectorMask<Float> inside = S.indexInRange(v, width);
            for (int i = 0, s = at + v, u = t + v; i < rows; i++, s += xRow, u += toRow) {
                FloatVector.fromArray(S, x, s).intoArray(to, u, inside);
            }
        }
    }

    /**
     * Copies {@code m × k} elements, whole tiles of six rows: four floats of each row, one row after the other, then the next
     * four.
     */
    static void tiles(float[] x, int at, int rowStride, int columnStride, int m, int k, float[] to, int tile) {
        int whole = columnStride == 1 || rowStride == 1 ? k - k % 4 : 0;
        if (columnStride == 1) {
            for (int i = 0, t = 0; i < m; i += SIX, t += tile) {
                int x0 = at + i * rowStride;
                int x1 = x0 + rowStride;
                int x2 = x1 + rowStride;
                int x3 = x2 + rowStride;
                int x4 = x3 + rowStride;
                int x5 = x4 + rowStride;
                for (int p = 0; p < whole; p += 4) {
                    FloatVector.fromArray(Q, x, x0 + p).intoArray(to, t + p * SIX);
                    FloatVector.fromArray(Q, x, x1 + p).intoArray(to, t + p * SIX + 4);
                    FloatVector.fromArray(Q, x, x2 + p).intoArray(to, t + p * SIX + 8);
                    FloatVector.fromArray(Q, x, x3 + p).intoArray(to, t + p * SIX + 12);
                    FloatVector.fromArray(Q, x, x4 + p).intoArray(to, t + p * SIX + 16);
                    FloatVector.fromArray(Q, x, x5 + p).intoArray(to, t + p * SIX + 20);
                }
            }
        } else if (rowStride == 1) {
            // Element by element: no slower than transposing four by four in registers into a strip and copying that.
            for (int from = 0, height; from < m; from += height) {
                height = Math.min(TILED, m - from);
                for (int p = 0; p < whole; p += 4) {
                    int x0 = at + from + p * columnStride;
                    int x1 = x0 + columnStride;
                    int x2 = x1 + columnStride;
                    int x3 = x2 + columnStride;
                    int t = from / SIX * tile + p * SIX;
                    for (int i = 0; i < height; i += SIX, t += tile) {
                        to[t] = x[x0 + i];
                        to[t + 1] = x[x1 + i];
                        to[t + 2] = x[x2 + i];
                        to[t + 3] = x[x3 + i];
                        to[t + 4] = x[x0 + i + 1];
                        to[t + 5] = x[x1 + i + 1];
                        to[t + 6] = x[x2 + i + 1];
                        to[t + 7] = x[x3 + i + 1];
                        to[t + 8] = x[x0 + i + 2];
                        to[t + 9] = x[x1 + i + 2];
                        to[t + 10] = x[x2 + i + 2];
                        to[t + 11] = x[x3 + i + 2];
                        to[t + 12] = x[x0 + i + 3];
                        to[t + 13] = x[x1 + i + 3];
                        to[t + 14] = x[x2 + i + 3];
                        to[t + 15] = x[x3 + i + 3];
                        to[t + 16] = x[x0 + i + 4];
                        to[t + 17] = x[x1 + i + 4];
                        to[t + 18] = x[x2 + i + 4];
                        to[t + 19] = x[x3 + i + 4];
                        to[t + 20] = x[x0 + i + 5];
                        to[t + 21] = x[x1 + i + 5];
                        to[t + 22] = x[x2 + i + 5];
                        to[t + 23] = x[x3 + i + 5];
                    }
                }
            }
        }
        for (int p = whole; p < k; p++) {
            for (int i = 0; i < m; i++) {
                to[i / SIX * tile + i % SIX * 4 + (p - p % 4) * SIX + p % 4] = x[at + i * rowStride + p * columnStride];
            }
        }
    }

    /**
     * Copies {@code m × k} elements into tiles of four rows: blocks of four columns, in each four elements of a row and then of the
     * next. The last row fills the last tile. Eight columns at a time, too long for C2 to inline.
     */
    static void tilesOfFour(float[] x, int at, int rowStride, int columnStride, int m, int k, float[] to, int tile) {
        int whole = columnStride == 1 ? k - k % 8 : 0;
        for (int i = 0, t = 0; i < m; i += ROWS, t += tile) {
            int x0 = at + i * rowStride;
            int x1 = x0 + Math.min(1, m - 1 - i) * rowStride;
            int x2 = x0 + Math.min(2, m - 1 - i) * rowStride;
            int x3 = x0 + Math.min(3, m - 1 - i) * rowStride;
            for (int p = 0, u = t; p < whole; p += 8, u += 8 * ROWS) {
                FloatVector.fromArray(Q, x, x0 + p).intoArray(to, u);
                FloatVector.fromArray(Q, x, x1 + p).intoArray(to, u + 4);
                FloatVector.fromArray(Q, x, x2 + p).intoArray(to, u + 8);
                FloatVector.fromArray(Q, x, x3 + p).intoArray(to, u + 12);
                FloatVector.fromArray(Q, x, x0 + p + 4).intoArray(to, u + 16);
                FloatVector.fromArray(Q, x, x1 + p + 4).intoArray(to, u + 20);
                FloatVector.fromArray(Q, x, x2 + p + 4).intoArray(to, u + 24);
                FloatVector.fromArray(Q, x, x3 + p + 4).intoArray(to, u + 28);
            }
            for (int p = whole, s = whole * columnStride; p < k; p++, s += columnStride) {
                int u = t + (p - p % 4) * ROWS + p % 4;
                to[u] = x[x0 + s];
                to[u + 4] = x[x1 + s];
                to[u + 8] = x[x2 + s];
                to[u + 12] = x[x3 + s];
            }
        }
    }

    /** Four rows, from x0 to x3, become columns, toRow apart; the number of columns is a multiple of four. */
    private static void four(
            float[] x, int x0, int x1, int x2, int x3, int columns, float[] to, int t, int toRow) {
        for (int j = 0; j < columns; j += 4, t += 4 * toRow) {
            FloatVector a = FloatVector.fromArray(Q, x, x0 + j);
            FloatVector b = FloatVector.fromArray(Q, x, x1 + j);
            FloatVector c = FloatVector.fromArray(Q, x, x2 + j);
            FloatVector d = FloatVector.fromArray(Q, x, x3 + j);
            FloatVector acLow = a.rearrange(ZIP_LOW, c);
            FloatVector acHigh = a.rearrange(ZIP_HIGH, c);
            FloatVector bdLow = b.rearrange(ZIP_LOW, d);
            FloatVector bdHigh = b.rearrange(ZIP_HIGH, d);
            acLow.rearrange(ZIP_LOW, bdLow).intoArray(to, t);
            acLow.rearrange(ZIP_HIGH, bdLow).intoArray(to, t + toRow);
            acHigh.rearrange(ZIP_LOW, bdHigh).intoArray(to, t + 2 * toRow);
            acHigh.rearrange(ZIP_HIGH, bdHigh).intoArray(to, t + 3 * toRow);
        }
    }

    /**
     * Element {@code (i, j)} of x, at {@code i·iStride + j·jStride}, goes to {@code j·toRow + i}. Four rows at a
     * time: more streams would evict each other from L1 where they lie a power of two apart.
     */
    private static void transpose(
            float[] x, int at, int iStride, int jStride, int rows, int columns, float[] to, int t, int toRow) {
        for (int from = 0, count; from < columns; from += count) {
            count = Math.min(TRANSPOSED, columns - from);
            int i = 0;
            for (; jStride == 1 && i < rows - 3; i += 4) {
                int x0 = at + from + i * iStride;
                int x1 = x0 + iStride;
                int x2 = x1 + iStride;
                int x3 = x2 + iStride;
                int j = count - count % 4;
                int u = t + from * toRow + i;
                four(x, x0, x1, x2, x3, j, to, u, toRow);
                u += j * toRow;
                for (; j < count; j++, u += toRow) {
                    to[u] = x[x0 + j];
                    to[u + 1] = x[x1 + j];
                    to[u + 2] = x[x2 + j];
                    to[u + 3] = x[x3 + j];
                }
            }
            for (; i < rows; i++) {
                int s = at + i * iStride + from * jStride;
                for (int j = 0, u = t + from * toRow + i; j < count; j++, s += jStride, u += toRow) {
                    to[u] = x[s];
                }
            }
        }
    }
}
