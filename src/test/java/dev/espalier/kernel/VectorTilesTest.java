package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.assertSame;

import dev.espalier.kernel.TestData.Mix;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every tile against one chain of fma per element, called directly: products choose some of them for the registers of the CPU, but
 * the bits of all must be right on each.
 */
@Tag("kernel")
@EnabledIf(value = "dev.espalier.kernel.TwinsTest#vector", disabledReason = TwinsTest.WITHOUT_MODULE)
class VectorTilesTest {
    private interface Body {
        void run(
                int m,
                int k,
                float[] a,
                int aAt,
                int aRow,
                int aStep,
                int aTile,
                float[] b,
                int bAt,
                int bStep,
                float[] from,
                int fAt,
                int fRow,
                float[] c,
                int cAt,
                int cRow);
    }

    /** A tile of so many rows and vectors. Rows of B lie one tile apart where it is packed; where A comes in blocks both lie in one array. */
    private record Tile(String name, int rows, int vectors, boolean packed, Body body) {
        boolean blocks() {
            return name.startsWith("blocked");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Tile> tiles() {
        return Stream.of(
                new Tile(
                        "packed4x4",
                        4,
                        4,
                        true,
                        (m, k, a, a0, ar, as, at, b, b0, bs, f, f0, fr, c, c0, cr) ->
                                VectorTiles.packed4x4(m, k, a, a0, ar, as, at, b, b0, f, f0, fr, c, c0, cr)),
                new Tile(
                        "packed4x3",
                        4,
                        3,
                        true,
                        (m, k, a, a0, ar, as, at, b, b0, bs, f, f0, fr, c, c0, cr) ->
                                VectorTiles.packed4x3(m, k, a, a0, ar, as, at, b, b0, f, f0, fr, c, c0, cr)),
                new Tile(
                        "packed4x2",
                        4,
                        2,
                        true,
                        (m, k, a, a0, ar, as, at, b, b0, bs, f, f0, fr, c, c0, cr) ->
                                VectorTiles.packed4x2(m, k, a, a0, ar, as, at, b, b0, f, f0, fr, c, c0, cr)),
                new Tile(
                        "packed8x1",
                        4,
                        1,
                        true,
                        (m, k, a, a0, ar, as, at, b, b0, bs, f, f0, fr, c, c0, cr) ->
                                VectorTiles.packed8x1(m, k, a, a0, ar, as, at, b, b0, f, f0, fr, c, c0, cr)),
                new Tile(
                        "blocked6x2",
                        6,
                        2,
                        true,
                        blocked((m, k, x, a0, at, b0, f, f0, fr, c, c0, cr) -> VectorTiles.blocked6x2(
                                m, k, x, a0, at, VectorPackedGemm.STEP, b0, f, f0, fr, c, c0, cr))),
                new Tile(
                        "blocked4x2",
                        4,
                        2,
                        true,
                        blocked((m, k, x, a0, at, b0, f, f0, fr, c, c0, cr) ->
                                VectorTiles.blocked4x2(m, k, x, a0, at, 16, b0, f, f0, fr, c, c0, cr))),
                new Tile("inPlace4x4", 4, 4, false, VectorTiles::inPlace4x4),
                new Tile("inPlace4x3", 4, 3, false, VectorTiles::inPlace4x3));
    }

    private interface Blocked {
        void run(
                int m,
                int k,
                float[] x,
                int aAt,
                int aTile,
                int bAt,
                float[] from,
                int fAt,
                int fRow,
                float[] c,
                int cAt,
                int cRow);
    }

    private static Body blocked(Blocked tile) {
        return (m, k, a, a0, ar, as, at, b, b0, bs, f, f0, fr, c, c0, cr) -> {
            float[] x = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, x, a.length, b.length);
            tile.run(m, k, x, a0, at, a.length + b0, f, f0, fr, c, c0, cr);
        };
    }

    @ParameterizedTest
    @MethodSource("tiles")
    void everyElementIsOneChain(Tile tile) {
        int n = tile.vectors * VectorLanes.L;
        // Tiles of six rows are whole.
        int step = tile.rows == 6 ? 6 : 1;
        for (int m = step; m <= 18; m += step) {
            for (int k : new int[] {0, 1, 2, 7, 8}) {
                for (boolean bias : new boolean[] {false, true}) {
                    check(tile, m, n, k, true, bias);
                    if (!tile.blocks()) {
                        check(tile, m, n, k, false, bias);
                    }
                }
            }
        }
    }

    /** Tiles of six rows of a transposed A, which have all their rows. */
    @ParameterizedTest
    @ValueSource(ints = {6, 12, 30})
    void everyElementOfATransposedAIsOneChain(int m) {
        int n = 2 * VectorLanes.L;
        for (int k : new int[] {0, 1, 2, 7}) {
            for (boolean bias : new boolean[] {false, true}) {
                int aStep = m + 3;
                float[] a = Mix.FINITE.floats(1, 3 + k * aStep);
                float[] b = Mix.FINITE.floats(2, 2 + k * n);
                int fRow = bias ? 0 : n + 1;
                int cRow = n + 2;
                float[] from = Mix.FINITE.floats(3, 5 + (m - 1) * fRow + n);
                float[] c = Mix.FINITE.floats(4, 7 + (m - 1) * cRow + n + 20);
                float[] expected = c.clone();
                for (int i = 0; i < m; i++) {
                    for (int j = 0; j < n; j++) {
                        float chain = from[5 + i * fRow + j];
                        for (int p = 0; p < k; p++) {
                            chain = Math.fma(a[3 + p * aStep + i], b[2 + p * n + j], chain);
                        }
                        expected[7 + i * cRow + j] = chain;
                    }
                }
                VectorTiles.transposed6x2(m, k, a, 3, aStep, b, 2, from, 5, fRow, c, 7, cRow);
                assertSame(expected, c, "m=%d k=%d %s".formatted(m, k, bias ? "bias" : "C"));
            }
        }
    }

    private static void check(Tile tile, int m, int n, int k, boolean interleaved, boolean bias) {
        boolean blocks = tile.blocks();
        int aRow = interleaved ? 1 : k + 3;
        int aStep = interleaved ? tile.rows : 1;
        int aTile =
                blocks ? tile.rows * VectorGemm.roundUp(k, 4) + 5 : interleaved ? tile.rows * k + 5 : tile.rows * aRow;
        int bStep = tile.packed ? n : n + 3;
        int fRow = bias ? 0 : n + 1;
        int cRow = n + 2;
        int aAt = 3;
        int bAt = 2;
        int fAt = 5;
        int tiles = VectorGemm.roundUp(m, tile.rows) / tile.rows;
        float[] content = Mix.FINITE.floats(1, m * k);
        float[] a = TestData.sentinels(aAt + tiles * aTile);
        for (int i = 0; i < tiles * tile.rows; i++) {
            for (int p = 0; p < k; p++) {
                int from = aAt + i / tile.rows * aTile;
                int at =
                        blocks ? (p - p % 4) * tile.rows + i % tile.rows * 4 + p % 4 : i % tile.rows * aRow + p * aStep;
                // Blocks are filled up with the last row; elsewhere nothing is read behind it.
                if (i < m || blocks) {
                    a[from + at] = content[Math.min(i, m - 1) * k + p];
                }
            }
        }
        float[] b = Mix.FINITE.floats(2, bAt + k * bStep);
        float[] from = Mix.FINITE.floats(3, fAt + (m - 1) * fRow + n);
        // Between the rows of C, and around them, stands what a tile must not touch.
        float[] c = Mix.FINITE.floats(4, 7 + (m - 1) * cRow + n + 20);
        float[] expected = c.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float chain = from[fAt + i * fRow + j];
                for (int p = 0; p < k; p++) {
                    chain = Math.fma(content[i * k + p], b[bAt + p * bStep + j], chain);
                }
                expected[7 + i * cRow + j] = chain;
            }
        }
        tile.body.run(m, k, a, aAt, aRow, aStep, aTile, b, bAt, bStep, from, fAt, fRow, c, 7, cRow);
        String what =
                "%s m=%d k=%d %s %s".formatted(tile, m, k, interleaved ? "interleaved" : "rows", bias ? "bias" : "C");
        assertSame(expected, c, what);
    }
}
