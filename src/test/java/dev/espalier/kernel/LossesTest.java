package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.U;
import static dev.espalier.kernel.TestData.U_DOUBLE;
import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Lengths;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * Softmax and its cross-entropy against StrictMath in double. The bounds add up the roundings of the definition: with
 * {@code d = x − max}, rounding d moves eᵈ by |d|·u relatively, eᵈ itself is rounded by 0.51 ulp, that is at most 1.02·u, and so on.
 */
@Tag("kernel")
class LossesTest {
    /** Largest relative error of a float written as exp or log of 0.51 ulp, in units of u. */
    private static final double ROUNDED = 1.02;

    /** What exp and log lose in double: 2⁻³¹ and 2⁻³³. */
    private static final double SERIES = 0x1p-30;

    @Property
    void softmaxOfModerateLogits(
            @ForAll @IntRange(max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 130) int columns,
            @ForAll @IntRange(max = 20) int spread,
            @ForAll long seed) {
        float[] x = logits(seed, rows * columns, spread);
        checkSoftmax(x, rows, columns);
    }

    @Property
    void softmaxOfLogitsOfAnyFiniteSize(
            @ForAll @IntRange(max = 9) int rows, @ForAll @IntRange(min = 1, max = 130) int columns) {
        checkSoftmax(Mix.FINITE.floats(1, rows * columns), rows, columns);
    }

    /** No row needs no room. */
    @Example
    void aLossOfNoRowsIsZeroHoweverWide() {
        assertEquals(0, Losses.softmaxCrossEntropy(new float[0], 0, new int[0], 0, 0, Integer.MAX_VALUE));
    }

    @Example
    void softmaxOfExtremeLogits() {
        float max = Float.MAX_VALUE;
        assertSame(new float[] {1, 0}, softmax(max, -max), "the largest and the smallest");
        assertSame(new float[] {0.5f, 0.5f}, softmax(max, max), "twice the largest");
        assertSame(new float[] {0.5f, 0.5f}, softmax(-max, -max), "twice the smallest");
        assertSame(new float[] {0, 1, 0}, softmax(Float.NEGATIVE_INFINITY, 3, -max), "a class that is ruled out");
        assertSame(new float[] {1}, softmax(-1e30f), "one class");
        for (int columns : new int[] {1, 2, 3, 31, 32, 33, 47, 100}) {
            float[] equal = new float[columns];
            Arrays.fill(equal, -77);
            float[] expected = new float[columns];
            Arrays.fill(expected, (float) (1.0 / columns));
            assertSame(expected, softmax(equal), columns + " equal logits");
        }
    }

    @Example
    void nonFiniteLogitsStayInTheirRow() {
        for (int columns : new int[] {3, 10, 40}) {
            for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                float[] x = logits(1, 3 * columns, 2);
                float[] healthy = new float[3 * columns];
                Losses.softmax(x, 0, 3, columns, healthy, 0);
                x[columns + 1] = odd;
                float[] out = new float[3 * columns];
                Losses.softmax(x, 0, 3, columns, out, 0);
                for (int j = 0; j < columns; j++) {
                    assertEquals(healthy[j], out[j]);
                    assertTrue(Float.isNaN(out[columns + j]) || odd > 0 && out[columns + j] == 0, odd + " in the row");
                    assertEquals(healthy[2 * columns + j], out[2 * columns + j]);
                }
                assertTrue(Float.isNaN(out[columns + 1]));
                int[] labels = {0, 0, 0};
                assertTrue(Double.isNaN(Losses.softmaxCrossEntropy(x, 0, labels, 0, 3, columns)));
                assertTrue(Double.isNaN(Losses.softmaxCrossEntropy(x, 0, labels, 0, 3, columns, 1, out, 0)));
            }
        }
    }

    @Property
    void crossEntropyAndGradient(
            @ForAll @IntRange(max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 130) int columns,
            @ForAll @IntRange(max = 20) int spread,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll long seed) {
        checkCrossEntropy(logits(seed, rows * columns, spread), rows, columns, offset, seed);
    }

    @Property
    void crossEntropyOfLogitsOfAnyFiniteSize(
            @ForAll @IntRange(max = 9) int rows, @ForAll @IntRange(min = 1, max = 130) int columns, @ForAll long seed) {
        checkCrossEntropy(Mix.FINITE.floats(seed, rows * columns), rows, columns, 3, seed);
    }

    /** More rows than the loss alone takes at a time, and a row longer than that. */
    @Example
    void crossEntropyOfManyLogits() {
        checkCrossEntropy(logits(1, 300 * 701, 5), 300, 701, 3, 1);
        checkCrossEntropy(logits(2, 2 * 70_001, 5), 2, 70_001, 3, 2);
    }

    /** The exact loss of a hopeless prediction is the difference of the logits, beyond the range of float. */
    @Example
    void crossEntropyOfExtremeLogits() {
        float max = Float.MAX_VALUE;
        float[] gradient = new float[2];
        float[] x = {max, -max};
        int[] wrong = {1};
        int[] right = {0};
        assertSame(2.0 * max, Losses.softmaxCrossEntropy(x, 0, wrong, 0, 1, 2), "wrong");
        assertSame(2.0 * max, Losses.softmaxCrossEntropy(x, 0, wrong, 0, 1, 2, 0.5f, gradient, 0), "wrong");
        assertSame(new float[] {0.5f, -0.5f}, gradient, "gradient of the wrong label");
        assertSame(0.0, Losses.softmaxCrossEntropy(x, 0, right, 0, 1, 2), "right");
        assertSame(0.0, Losses.softmaxCrossEntropy(x, 0, right, 0, 1, 2, 0.5f, gradient, 0), "right");
        assertSame(new float[] {0, 0}, gradient, "gradient of the right label");
        // One class: nothing to learn, whatever the logit.
        assertSame(
                0.0, Losses.softmaxCrossEntropy(new float[] {-3e38f}, 0, right, 0, 1, 1, 1, gradient, 1), "one class");
        assertSame(new float[] {0, 0}, gradient, "gradient of one class");
    }

    @Property
    void squaredError(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int pOffset,
            @ForAll @IntRange(max = 40) int tOffset,
            @ForAll Mix mix,
            @ForAll float scale) {
        Window p = Window.of(mix.floats(1, n), pOffset);
        Window t = Window.of(mix.floats(2, n), tOffset);
        Window gradient = Window.empty(n, 40 - pOffset);
        float[] expected = new float[n];
        double total = 0;
        for (int i = 0; i < n; i++) {
            double d = (double) p.array()[pOffset + i] - t.array()[tOffset + i];
            total += d * d;
        }
        for (int i = 0; i < n; i++) {
            float a = p.array()[pOffset + i];
            float b = t.array()[tOffset + i];
            expected[i] = total >= 0x1p255 ? (float) (2.0 * scale * ((double) a - b)) : (a - b) * (2 * scale);
        }
        double loss = Losses.squaredError(
                p.array(), pOffset, t.array(), tOffset, n, scale, gradient.array(), gradient.offset());
        double sum = Reductions.sumOfSquaredDifferences(p.array(), pOffset, t.array(), tOffset, n);
        assertSame(sum, loss, "loss");
        assertSame(sum, Losses.squaredError(p.array(), pOffset, t.array(), tOffset, n, scale, null, 0), "loss alone");
        assertSame(expected, gradient.content(), "gradient");
        gradient.assertOutsideUntouched("gradient");
    }

    /** A difference beyond all floats, of which scale leaves an ordinary gradient. */
    @Example
    void squaredErrorOfOppositeExtremes() {
        float[] p = {3e38f, 1};
        float[] t = {-3e38f, 0.5f};
        double loss = Losses.squaredError(p, 0, t, 0, 2, 0x1p-20f, p, 0);
        assertWithin(36e76, loss, 1e70, "loss");
        assertSame(new float[] {(float) (3e38f * 0x1p-18), 0x1p-20f}, p, "gradient");
    }

    /** Where the answer is nearly sure, what is left is small, and has all its digits. */
    @Example
    void theGradientOfASureAnswerDoesNotCancel() {
        for (int margin = 1; margin < 80; margin++) {
            float[] gradient = new float[3];
            Losses.softmaxCrossEntropy(new float[] {margin, 0, 0}, 0, new int[1], 0, 1, 3, 0.5f, gradient, 0);
            double rest = 2 * StrictMath.exp(-margin);
            double exact = -0.5 * rest / (1 + rest);
            // The largest float is 1 and sums in double: beyond 36 the rest is rounded away from it.
            assertWithin(exact, gradient[0], Math.abs(exact) * 4 * U + 0x1p-52, "margin " + margin);
        }
    }

    private static float[] softmax(float... x) {
        float[] out = new float[x.length];
        Losses.softmax(x, 0, 1, x.length, out, 0);
        return out;
    }

    private static float[] logits(long seed, int n, int spread) {
        SplitMix64 random = new SplitMix64(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (float) (spread * random.nextGaussian());
        }
        return x;
    }

    private static void checkSoftmax(float[] x, int rows, int columns) {
        Window out = Window.empty(rows * columns, 5);
        Window in = Window.of(x, 11);
        Losses.softmax(in.array(), in.offset(), rows, columns, out.array(), out.offset());
        out.assertOutsideUntouched("softmax");
        float[] actual = out.content();
        for (int i = 0; i < rows; i++) {
            Row row = new Row(x, i * columns, columns);
            double sum = 0;
            for (int j = 0; j < columns; j++) {
                float p = actual[i * columns + j];
                assertTrue(p >= 0 && p <= 1, "a probability: " + p);
                // Rounding of d and of its exponential, the same in the sum, the quotient, the product.
                double bound = row.probability(j) * row.relative(j, 2) + 2 * Float.MIN_VALUE;
                assertWithin(row.probability(j), p, bound, "softmax [" + i + ", " + j + "] of " + columns);
                sum += p;
            }
            assertWithin(1, sum, 1e-6, "sum of row " + i);
        }
    }

    private static void checkCrossEntropy(float[] x, int rows, int columns, int offset, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int[] labels = new int[offset + rows];
        Arrays.fill(labels, -1);
        double loss = 0;
        double bound = 0;
        for (int i = 0; i < rows; i++) {
            labels[offset + i] = random.nextInt(columns);
            Row row = new Row(x, i * columns, columns);
            double term = StrictMath.log(row.sum) + (row.max - x[i * columns + labels[offset + i]]);
            loss += term;
            bound += row.meanShift * U
                    + ROUNDED * U
                    + SERIES * (1 + StrictMath.log(row.sum))
                    + (rows + columns) * U_DOUBLE * (1 + Math.abs(term));
        }
        Window in = Window.of(x, offset);
        double alone = Losses.softmaxCrossEntropy(in.array(), offset, labels, offset, rows, columns);
        assertWithin(loss, alone, bound, "loss");

        float scale = 1 / 32f;
        Window gradient = Window.empty(rows * columns, 40 - offset);
        double withGradient = Losses.softmaxCrossEntropy(
                in.array(), offset, labels, offset, rows, columns, scale, gradient.array(), gradient.offset());
        assertSame(withGradient, alone, "loss with its gradient");
        assertSame(x, in.content(), "logits");
        gradient.assertOutsideUntouched("gradient");
        float[] g = gradient.content();
        for (int i = 0; i < rows; i++) {
            Row row = new Row(x, i * columns, columns);
            for (int j = 0; j < columns; j++) {
                double share = scale * row.probability(j);
                double exact = j == labels[offset + i] ? share - scale : share;
                double allowed = share * row.relative(j, 2) + Math.abs(exact) * U + 2 * Float.MIN_VALUE;
                assertWithin(exact, g[i * columns + j], allowed, "gradient [" + i + ", " + j + "] of " + columns);
            }
        }
    }

    /** One row in double. */
    private static final class Row {
        private final double max;
        private final double[] d;
        private final double sum;

        /** The mean of |d| under the softmax: how far roundings of d move the sum, in units of u. */
        private final double meanShift;

        Row(float[] x, int from, int columns) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < columns; j++) {
                largest = Math.max(largest, x[from + j]);
            }
            max = largest;
            d = new double[columns];
            double total = 0;
            double shift = 0;
            for (int j = 0; j < columns; j++) {
                d[j] = x[from + j] - largest;
                double e = StrictMath.exp(d[j]);
                total += e;
                // Where eᵈ is 0 in double, d may be as large as it likes.
                shift += e == 0 ? 0 : e * -d[j];
            }
            sum = total;
            meanShift = shift / total;
        }

        double probability(int j) {
            return StrictMath.exp(d[j]) / sum;
        }

        /** Relative error of an element, with so many roundings of float after its exponential. */
        double relative(int j, int roundings) {
            double shift = probability(j) == 0 ? 0 : -d[j];
            // Half a percent for products of roundings, and the subnormal exponentials in the sum.
            return 1.005 * (shift + ROUNDED + meanShift + ROUNDED + roundings) * U + d.length * 0x1p-149;
        }
    }
}
