package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.DEEP;
import static dev.espalier.kernel.TestData.U_DOUBLE;
import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.kernel.TestData.Lengths;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Each sum against its shape written down anew (to the bit) and against a compensated sum (within the stated bound). */
@Tag("kernel")
class ReductionsTest {
    private interface Term {
        double of(float x);
    }

    private interface Sum {
        double of(float[] x, int offset, int n);
    }

    @Property
    void sum(@ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        check(n, offset, mix, x -> x, Reductions::sum, "sum");
    }

    @Property
    void sumOfSquares(
            @ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        check(n, offset, mix, x -> (double) x * x, Reductions::sumOfSquares, "sumOfSquares");
        check(
                n,
                offset,
                mix,
                x -> (double) x * x,
                (x, o, count) -> Reductions.sumOfSquares(x, o, count, 3),
                "sumOfSquares");
    }

    @Property
    void sumOfAbs(@ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        check(n, offset, mix, x -> Math.abs((double) x), Reductions::sumOfAbs, "sumOfAbs");
    }

    /** The square of what a clip would leave, and the very bits of clipping first. */
    @Property
    void sumOfSquaresClipped(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll float factor,
            @ForAll float a,
            @ForAll float b) {
        float low = Math.min(a, b);
        float high = Math.max(a, b);
        Term term = x -> {
            float scaled = x * factor;
            double clipped = scaled < low ? low : scaled > high ? high : scaled;
            return clipped * clipped;
        };
        Sum sum = (x, o, count) -> Reductions.sumOfSquares(x, o, count, factor, low, high);
        check(n, offset, mix, term, sum, "sumOfSquares clipped");
        float[] clipped = mix.floats(1, n);
        double fused = Reductions.sumOfSquares(clipped, 0, n, factor, low, high);
        Elementwise.clip(clipped, 0, n, factor, low, high);
        assertSame(Reductions.sumOfSquares(clipped, 0, n), fused, "clip, then sumOfSquares");
    }

    @Property
    void sumOfSquaredDifferences(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int xOffset,
            @ForAll @IntRange(max = 40) int yOffset,
            @ForAll Mix mix) {
        Window x = Window.of(mix.floats(1, n), xOffset);
        Window y = Window.of(mix.floats(2, n), yOffset);
        double[] terms = new double[n];
        for (int i = 0; i < n; i++) {
            double difference = (double) x.array()[xOffset + i] - y.array()[yOffset + i];
            terms[i] = difference * difference;
        }
        double actual = Reductions.sumOfSquaredDifferences(x.array(), xOffset, y.array(), yOffset, n);
        compare(terms, actual, "sumOfSquaredDifferences");
    }

    /** A norm is finite for every finite input, and not finite exactly when an element is not. */
    @Property
    void sumOfSquaresShowsWhatIsNotFinite(
            @ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 12_000) int at, @ForAll boolean infinite) {
        float[] x = Mix.FINITE.floats(3, n);
        assertTrue(Double.isFinite(Reductions.sumOfSquares(x, 0, n)));
        Arrays.fill(x, Float.MAX_VALUE);
        double largest = n * ((double) Float.MAX_VALUE * Float.MAX_VALUE);
        assertWithin(largest, Reductions.sumOfSquares(x, 0, n), bound(n) * largest, "largest");
        Arrays.fill(x, Float.MIN_VALUE);
        assertSame(n * 0x1p-298, Reductions.sumOfSquares(x, 0, n), "smallest");
        if (at < n) {
            x[at] = infinite ? Float.NEGATIVE_INFINITY : Float.NaN;
            assertSame(
                    infinite ? Double.POSITIVE_INFINITY : Double.NaN, Reductions.sumOfSquares(x, 0, n), "not finite");
        }
    }

    /** 10⁸ elements in the deep profile, else 10⁷. The values are multiples of 2⁻¹⁰, so the exact sums are integers times a power of two. */
    @Example
    void largeSumsAreWithin1eMinus12OfTheExactValue() {
        int n = DEEP ? 100_000_000 : 10_000_019;
        float[] x = new float[n];
        BigInteger squares = BigInteger.ZERO;
        BigInteger values = BigInteger.ZERO;
        long partOfSquares = 0;
        long partOfValues = 0;
        for (int i = 0; i < n; i++) {
            // One large element among a thousand of all sizes: the small ones must not get lost.
            int value = i % 1000 == 7 ? 10_000_019 : i % 4099 * 31 % 4099;
            x[i] = (i % 3 == 0 ? -value : value) * 0x1p-10f;
            partOfSquares += (long) value * value;
            partOfValues += i % 3 == 0 ? -value : value;
            if (i % 10_000 == 9_999 || i == n - 1) {
                squares = squares.add(BigInteger.valueOf(partOfSquares));
                values = values.add(BigInteger.valueOf(partOfValues));
                partOfSquares = 0;
                partOfValues = 0;
            }
        }
        BigDecimal exact = new BigDecimal(squares).divide(BigDecimal.valueOf(1 << 20));
        double sumOfSquares = Reductions.sumOfSquares(x, 0, n);
        double sum = Reductions.sum(x, 0, n);
        assertRelative(exact, sumOfSquares);
        assertRelative(new BigDecimal(values).divide(BigDecimal.valueOf(1 << 10)), sum);
        BigDecimal norm = exact.sqrt(new MathContext(30));
        assertRelative(
                norm, Clip.globalNorm(Float.POSITIVE_INFINITY).on(x).plan().normBefore());
        assertRelative(norm, Clip.norm(Float.POSITIVE_INFINITY).on(x).plan().tensorNorm(0));
        if (DEEP) {
            System.out.printf(
                    "deep: sum of squares of %,d: relative error %.1e, sum %.1e%n",
                    n,
                    relative(exact, sumOfSquares),
                    relative(new BigDecimal(values).divide(BigDecimal.valueOf(1 << 10)), sum));
        }
    }

    /** All of one value, which is where a running sum drifts: the exact result is n times its square. */
    @Example
    void manyEqualElementsDoNotDrift() {
        int n = DEEP ? 100_000_000 : 10_000_019;
        float[] x = new float[n];
        for (float value : new float[] {0.1f, 1 / 3f, 1e-45f, 3.4e38f}) {
            Arrays.fill(x, value);
            BigDecimal exact = new BigDecimal(value).pow(2).multiply(BigDecimal.valueOf(n));
            assertRelative(exact, Reductions.sumOfSquares(x, 0, n));
            assertRelative(exact, Reductions.sumOfSquares(x, 0, n, 2));
            assertRelative(new BigDecimal(value).multiply(BigDecimal.valueOf(n)), Reductions.sumOfAbs(x, 0, n));
            if (DEEP) {
                System.out.printf(
                        "deep: sum of squares of %,d times %s: relative error %.1e%n",
                        n, value, relative(exact, Reductions.sumOfSquares(x, 0, n)));
            }
        }
    }

    @Example
    void threadsDoNotShow() {
        // Sharing begins at half a million elements; the last length ends in the middle of a block.
        for (int n : new int[] {499_999, 500_000, 4 * 64 * Reductions.BLOCK, 1_300_003}) {
            float[] x = TestData.unrepeated(n, n + 5);
            float low = -0.25f;
            float high = 1.5f;
            for (int threads : new int[] {1, 2, 3, 7, 100}) {
                String what = n + " on " + threads + " threads";
                assertSame(Reductions.sumOfSquares(x, 5, n), Reductions.sumOfSquares(x, 5, n, threads), what);
                assertSame(
                        Reductions.sumOfSquares(x, 5, n, 0.5f, low, high),
                        Reductions.sumOfSquares(x, 5, n, 0.5f, low, high, threads),
                        what);
                assertSame(Reductions.sumOfAbs(x, 5, n), Reductions.sumOfAbs(x, 5, n, threads), what);
                assertSame(Reductions.maxAbs(x, 5, n), Reductions.maxAbs(x, 5, n, threads), what);
                assertEquals(
                        Reductions.countOutside(x, 5, n, 0.5f, low, high),
                        Reductions.countOutside(x, 5, n, 0.5f, low, high, threads),
                        what);
                assertEquals(-1, Reductions.firstNonFinite(x, 5, n, threads), what);
            }
            x[5 + n / 2] = Float.NaN;
            x[5 + n - 1] = Float.POSITIVE_INFINITY;
            for (int threads : new int[] {1, 2, 7}) {
                assertEquals(n / 2, Reductions.firstNonFinite(x, 5, n, threads));
                assertTrue(Float.isNaN(Reductions.maxAbs(x, 5, n, threads)));
                assertTrue(Double.isNaN(Reductions.sumOfSquares(x, 5, n, threads)));
            }
        }
    }

    /** Any split into consecutive trees at a power of two of blocks is a subtree: what a parallel caller relies on. */
    @Example
    void blocksJoinAsABinaryTree() {
        float[] x = Mix.MODERATE.floats(4, 7 * Reductions.BLOCK + 11);
        double first = Reductions.sumOfSquares(x, 0, 4 * Reductions.BLOCK);
        double second = Reductions.sumOfSquares(x, 4 * Reductions.BLOCK, x.length - 4 * Reductions.BLOCK);
        assertSame(first + second, Reductions.sumOfSquares(x, 0, x.length), "seven blocks and a bit");
    }

    @Property
    void powerSum(
            @ForAll @IntRange(max = 300) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll boolean cube) {
        Window window = Window.of(mix.floats(5, n), offset);
        double p = cube ? 3 : 1.25;
        double scale = Math.max(Reductions.maxAbs(Mix.FINITE.floats(5, n), 0, n), Float.MIN_VALUE);
        double expected = 0;
        for (int i = 0; i < n; i++) {
            expected += StrictMath.exp(p * StrictMath.log(Math.abs((double) window.array()[offset + i]) / scale));
        }
        assertSame(expected, Reductions.powerSum(window.array(), offset, n, p, scale), "powerSum " + p);
        if (cube && mix == Mix.FINITE) {
            BigDecimal exact = BigDecimal.ZERO;
            for (float x : window.content()) {
                exact = exact.add(new BigDecimal(x).abs().pow(3));
            }
            BigDecimal quotient = exact.divide(new BigDecimal(scale).pow(3), new MathContext(40));
            assertRelative(quotient, Reductions.powerSum(window.array(), offset, n, p, scale));
        }
    }

    /** With so large a p the rounding of the quotient is what counts. */
    @Example
    void powerSumOfALargePower() {
        float x = Math.nextDown(3f);
        double sum = Reductions.powerSum(new float[] {3, x}, 0, 2, 1e6, 3);
        BigDecimal exact = new BigDecimal(x)
                .divide(BigDecimal.valueOf(3), new MathContext(60))
                .pow(1_000_000, new MathContext(60));
        assertWithin(
                1 + exact.doubleValue(), sum, (3e-13 + 1e6 * U_DOUBLE + 2 * U_DOUBLE) * 2, "3 and the float below");
    }

    @Property
    void maxima(@ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        Window window = Window.of(mix.floats(6, n), offset);
        float max = Float.NEGATIVE_INFINITY;
        float maxAbs = 0;
        int first = -1;
        for (int i = 0; i < n; i++) {
            float x = window.array()[offset + i];
            max = Math.max(max, x);
            maxAbs = Math.max(maxAbs, Math.abs(x));
            first = first < 0 && !Float.isFinite(x) ? i : first;
        }
        assertSame(max, Reductions.max(window.array(), offset, n), "max");
        assertSame(maxAbs, Reductions.maxAbs(window.array(), offset, n), "maxAbs");
        assertEquals(first, Reductions.firstNonFinite(window.array(), offset, n));
    }

    /** One odd element at a known place: the lane and the tail it falls into must not hide it. */
    @Property
    void oneElementIsFoundAnywhere(@ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 12_300) int place) {
        int at = n == 0 ? 0 : place % n;
        Window window = Window.of(new float[n], 3);
        float[] x = window.array();
        assertEquals(-1, Reductions.firstNonFinite(x, 3, n));
        for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            if (n > 0) {
                x[3 + at] = odd;
                assertEquals(at, Reductions.firstNonFinite(x, 3, n));
                assertSame(Math.abs(odd), Reductions.maxAbs(x, 3, n), "maxAbs");
            }
        }
        Arrays.fill(x, 3, 3 + n, -2f);
        if (n > 0) {
            x[3 + at] = -1;
            assertSame(-1, Reductions.max(x, 3, n), "max");
            assertEquals(at, Reductions.argMax(x, 3, n));
            assertEquals(1, Reductions.countOutside(x, 3, n, 1, -3, -1.5f));
            x[3 + at] = -2.5f;
            assertSame(2.5f, Reductions.maxAbs(x, 3, n), "maxAbs");
            assertEquals(1, Reductions.countOutside(x, 3, n, 1, -2, 0));
        }
    }

    @Example
    void maximaOfZerosNaNsAndNothing() {
        for (int n = 1; n < 70; n++) {
            float[] zeros = new float[n];
            Arrays.fill(zeros, -0f);
            assertSame(-0f, Reductions.max(zeros, 0, n), "max of −0.0");
            assertSame(0f, Reductions.maxAbs(zeros, 0, n), "maxAbs of −0.0");
            zeros[n / 2] = 0f;
            assertSame(0f, Reductions.max(zeros, 0, n), "max of −0.0 and 0.0");
            zeros[n - 1] = Float.NaN;
            zeros[n / 3] = Float.POSITIVE_INFINITY;
            assertSame(n == 1 ? Float.POSITIVE_INFINITY : Float.NaN, Reductions.max(zeros, 0, n), "max with NaN");
        }
        assertSame(Float.NEGATIVE_INFINITY, Reductions.max(new float[0], 0, 0), "max of nothing");
        assertSame(0f, Reductions.maxAbs(new float[0], 0, 0), "maxAbs of nothing");
        assertEquals(-1, Reductions.argMax(new float[0], 0, 0));
    }

    @Property
    void countOutside(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll float factor,
            @ForAll float a,
            @ForAll float b) {
        float low = Math.min(a, b);
        float high = Math.max(a, b);
        Window window = Window.of(mix.floats(7, n), offset);
        int expected = 0;
        int inverse = 0;
        for (float x : window.content()) {
            expected += x * factor < low || x * factor > high ? 1 : 0;
            inverse += x < -1 || x > 1 ? 1 : 0;
        }
        assertEquals(expected, Reductions.countOutside(window.array(), offset, n, factor, low, high));
        assertEquals(inverse, Reductions.countOutside(window.array(), offset, n, 1, -1, 1));
    }

    @Property
    void argMaxIsTheFirstLargest(
            @ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        float[] x = mix.floats(8, n);
        Window window = Window.of(x, offset);
        int expected = n == 0 ? -1 : 0;
        for (int i = 1; i < n; i++) {
            // NaN counts as largest, as in numpy and PyTorch.
            expected = !Float.isNaN(x[expected]) && !(x[i] <= x[expected]) ? i : expected;
        }
        assertEquals(expected, Reductions.argMax(window.array(), offset, n));
    }

    @Property
    void columnSums(
            @ForAll @IntRange(max = 40) int rows,
            @ForAll @IntRange(max = 70) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll boolean accumulate,
            @ForAll Mix mix) {
        Window x = Window.of(mix.floats(9, rows * columns), offset);
        Window out = accumulate ? Window.of(mix.floats(10, columns), 40 - offset) : Window.empty(columns, 40 - offset);
        float[] expected = accumulate ? out.content() : new float[columns];
        for (int i = 0; i < rows * columns; i++) {
            expected[i % columns] += x.array()[offset + i];
        }
        Reductions.columnSums(x.array(), offset, rows, columns, out.array(), out.offset(), accumulate);
        assertSame(expected, out.content(), "columnSums");
        out.assertOutsideUntouched("columnSums");
    }

    @Property
    void columnSumsOfBatchesAreOneChain(
            @ForAll @IntRange(max = 40) int rows,
            @ForAll @IntRange(max = 40) int cut,
            @ForAll @IntRange(max = 70) int columns) {
        float[] x = Mix.MODERATE.floats(11, rows * columns);
        int first = Math.min(rows, cut);
        float[] whole = new float[columns];
        float[] parts = new float[columns];
        Reductions.columnSums(x, 0, rows, columns, whole, 0, false);
        Reductions.columnSums(x, 0, first, columns, parts, 0, false);
        Reductions.columnSums(x, first * columns, rows - first, columns, parts, 0, true);
        assertSame(whole, parts, "columnSums in two batches");
    }

    @Property
    void columnSumsOfSquaresAreTheExactSums(
            @ForAll @IntRange(max = 600) int rows,
            @ForAll @IntRange(max = 40) int columns,
            @ForAll @IntRange(max = 40) int offset) {
        float[] x = Mix.FINITE.floats(12, offset + rows * columns);
        double[] out = new double[columns];
        Reductions.columnSumsOfSquares(x, offset, rows, columns, out, 0);
        for (int j = 0; j < columns; j++) {
            BigDecimal exact = BigDecimal.ZERO;
            for (int i = 0; i < rows; i++) {
                BigDecimal element = new BigDecimal(x[offset + i * columns + j]);
                exact = exact.add(element.multiply(element));
            }
            double expected = exact.doubleValue();
            assertWithin(expected, out[j], 260 * U_DOUBLE * expected, "column " + j);
        }
    }

    @Property
    void columnSumsOfSquaresHaveTheirShape(
            @ForAll @IntRange(max = 600) int rows,
            @ForAll @IntRange(max = 40) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix) {
        float[] x = mix.floats(13, offset + rows * columns);
        double[] out = new double[columns];
        Reductions.columnSumsOfSquares(x, offset, rows, columns, out, 0);
        for (int j = 0; j < columns; j++) {
            double expected = 0;
            double chain = 0;
            for (int i = 0; i < rows; i++) {
                double element = x[offset + i * columns + j];
                chain += element * element;
                if (i % 256 == 255 || i == rows - 1) {
                    expected += chain;
                    chain = 0;
                }
            }
            assertSame(expected, out[j], "column " + j);
        }
    }

    @Property
    void rowSumsOfSquaresAreThoseOfTheRows(
            @ForAll @IntRange(max = 20) int rows,
            @ForAll(supplier = Lengths.class) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix) {
        float[] x = mix.floats(14, offset + rows * columns);
        double[] out = new double[rows + 1];
        Reductions.rowSumsOfSquares(x, offset, rows, columns, out, 1);
        for (int i = 0; i < rows; i++) {
            assertSame(Reductions.sumOfSquares(x, offset + i * columns, columns), out[1 + i], "row " + i);
        }
    }

    private static void check(int n, int offset, Mix mix, Term term, Sum sum, String what) {
        Window window = Window.of(mix.floats(1, n), offset);
        double[] terms = new double[n];
        for (int i = 0; i < n; i++) {
            terms[i] = term.of(window.array()[offset + i]);
        }
        compare(terms, sum.of(window.array(), offset, n), what);
    }

    private static void compare(double[] terms, double actual, String what) {
        assertSame(tree(terms, 0, terms.length), actual, what + " of " + terms.length);
        // Neumaier's compensated sum is off by at most n·2⁻¹⁰⁶ Σ|t| more than one rounding.
        double sum = 0;
        double rest = 0;
        double magnitude = 0;
        for (double t : terms) {
            double next = sum + t;
            rest += Math.abs(sum) >= Math.abs(t) ? (sum - next) + t : (t - next) + sum;
            sum = next;
            magnitude += Math.abs(t);
        }
        if (Double.isFinite(magnitude)) {
            assertWithin(sum + rest, actual, bound(terms.length) * magnitude, what + " of " + terms.length);
        }
    }

    /** Relative to Σ|t|: what the javadoc of {@link Reductions} promises, and far below the contract of 10⁻¹². */
    private static double bound(int n) {
        return (160 + Math.log(Math.max(n, 1)) / Math.log(2)) * U_DOUBLE;
    }

    /** The shape as docs/numerics.md has it. */
    private static double tree(double[] terms, int from, int to) {
        int n = to - from;
        if (n > 4096) {
            int left = 4096;
            while (2 * left < n) {
                left *= 2;
            }
            return tree(terms, from, from + left) + tree(terms, from + left, to);
        }
        double[] lanes = new double[32];
        int whole = n / 32 * 32;
        for (int i = 0; i < whole; i++) {
            lanes[i % 32] += terms[from + i];
        }
        for (int distance = 16; distance > 0; distance /= 2) {
            for (int lane = 0; lane < distance; lane++) {
                lanes[lane] += lanes[lane + distance];
            }
        }
        double sum = lanes[0];
        for (int i = whole; i < n; i++) {
            sum += terms[from + i];
        }
        return sum;
    }

    private static double relative(BigDecimal exact, double actual) {
        return exact.subtract(new BigDecimal(actual))
                .abs()
                .divide(exact.abs(), MathContext.DECIMAL32)
                .doubleValue();
    }

    private static void assertRelative(BigDecimal exact, double actual) {
        BigDecimal error = exact.subtract(new BigDecimal(actual)).abs();
        BigDecimal bound = exact.abs().multiply(new BigDecimal("1e-12"));
        assertTrue(error.compareTo(bound) <= 0, actual + ", expected " + exact.doubleValue() + ", off by " + error);
    }
}
