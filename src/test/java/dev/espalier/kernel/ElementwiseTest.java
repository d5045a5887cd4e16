package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.same;
import static dev.espalier.kernel.TestData.ulp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Lengths;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.math.BigDecimal;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Each element against the IEEE formula in plain Java. */
@Tag("kernel")
class ElementwiseTest {
    private interface Unary {
        float of(float x);
    }

    private interface Binary {
        float of(float x, float y);
    }

    private interface InPlace {
        void run(float[] x, int offset, int n);
    }

    private interface TwoToOne {
        void run(float[] x, int xOffset, float[] y, int yOffset, float[] out, int outOffset, int n);
    }

    @Property
    void scaleRoundsTheProductOnce(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll float factor) {
        check(
                n,
                offset,
                mix,
                x -> x * factor,
                (x, o, count) -> Elementwise.scale(x, o, count, factor),
                "scale " + factor);
        // A factor that is a float gives the same bits by the double overload.
        check(
                n,
                offset,
                mix,
                x -> x * factor,
                (x, o, count) -> Elementwise.scale(x, o, count, (double) factor),
                "scale " + factor);
    }

    @Example
    void scaleTakesNonFiniteAndBorderFactors() {
        for (float factor : new float[] {
            Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE
        }) {
            check(67, 3, Mix.ANY, x -> x * factor, (x, o, n) -> Elementwise.scale(x, o, n, factor), "scale " + factor);
            check(
                    67,
                    3,
                    Mix.ANY,
                    x -> x * factor,
                    (x, o, n) -> Elementwise.scale(x, o, n, (double) factor),
                    "scale " + factor);
        }
        for (double factor : new double[] {Double.MIN_VALUE, Double.MAX_VALUE, -1e300, 1e-300}) {
            check(
                    67,
                    3,
                    Mix.ANY,
                    x -> (float) (x * factor),
                    (x, o, n) -> Elementwise.scale(x, o, n, factor),
                    "scale " + factor);
        }
    }

    /**
     * A factor of any magnitude. The product in double is off by 2⁻⁵³ of itself, which is 2⁻²⁹ ulp of the float that it is then
     * rounded to by at most half an ulp.
     */
    @Property
    void scaleByADoubleIsWithinHalfAnUlp(
            @ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll long seed) {
        SplitMix64 random = new SplitMix64(seed);
        double factor = (1 + random.nextDouble()) * Math.scalb(1.0, random.nextInt(320) - 280);
        check(
                n,
                offset,
                Mix.ANY,
                x -> (float) (x * factor),
                (x, o, count) -> Elementwise.scale(x, o, count, factor),
                "scale " + factor);
        int few = Math.min(n, 100);
        float[] before = Mix.FINITE.floats(n, few);
        float[] after = before.clone();
        Elementwise.scale(after, 0, few, factor);
        BigDecimal exactFactor = new BigDecimal(factor);
        for (int i = 0; i < few; i++) {
            BigDecimal exact = new BigDecimal(before[i]).multiply(exactFactor);
            double magnitude = exact.abs().doubleValue();
            if (magnitude >= Float.MAX_VALUE) {
                assertTrue(Math.abs(after[i]) >= Float.MAX_VALUE, before[i] + " x " + factor);
                continue;
            }
            double error = exact.subtract(new BigDecimal(after[i])).abs().doubleValue();
            double bound = (0.5 + 0x1p-29) * ulp(magnitude);
            assertTrue(error <= bound, before[i] + " x " + factor + " = " + after[i] + ", off by " + error);
        }
    }

    @Property
    void axpyRoundsOnce(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int xOffset,
            @ForAll @IntRange(max = 40) int yOffset,
            @ForAll Mix mix,
            @ForAll float alpha) {
        Window x = Window.of(mix.floats(1, n), xOffset);
        Window y = Window.of(mix.floats(2, n), yOffset);
        float[] expected = y.content();
        for (int i = 0; i < n; i++) {
            expected[i] = Math.fma(alpha, x.array()[xOffset + i], expected[i]);
        }
        Elementwise.axpy(x.array(), xOffset, y.array(), yOffset, n, alpha);
        assertSame(expected, y.content(), "axpy " + alpha);
        y.assertOutsideUntouched("axpy");
    }

    @Property
    void addSubtractMultiply(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int xOffset,
            @ForAll @IntRange(max = 40) int yOffset,
            @ForAll @IntRange(max = 40) int outOffset,
            @ForAll Mix mix) {
        check(n, xOffset, yOffset, outOffset, mix, (x, y) -> x + y, Elementwise::add, "add");
        check(n, xOffset, yOffset, outOffset, mix, (x, y) -> x - y, Elementwise::subtract, "subtract");
        check(n, xOffset, yOffset, outOffset, mix, (x, y) -> x * y, Elementwise::multiply, "multiply");
    }

    @Property
    void clampAndClip(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll float factor,
            @ForAll float a,
            @ForAll float b) {
        float low = Math.min(a, b);
        float high = Math.max(a, b);
        // Math.min and max order −0.0 below 0.0; a clamp leaves the sign of a zero alone.
        Unary clamp = x -> x < low ? low : x > high ? high : x;
        check(
                n,
                offset,
                mix,
                clamp,
                (x, o, count) -> Elementwise.clamp(x, o, count, low, high),
                "clamp " + low + " " + high);
        check(
                n,
                offset,
                mix,
                x -> clamp.of(x * factor),
                (x, o, count) -> Elementwise.clip(x, o, count, factor, low, high),
                "clip " + factor + " " + low + " " + high);
    }

    @Example
    void clampKeepsSignsOfZeroAndNaNAndTakesInfiniteBounds() {
        float inf = Float.POSITIVE_INFINITY;
        float[] x = {Float.NaN, inf, -inf, -0f, 0f, 2, -2, Float.MIN_VALUE};
        float[] clamped = repeat(x, 9);
        Elementwise.clamp(clamped, 0, clamped.length, 0f, 1);
        assertSame(repeat(new float[] {Float.NaN, 1, 0, -0f, 0, 1, 0, Float.MIN_VALUE}, 9), clamped, "clamp to [0, 1]");
        float[] negative = repeat(x, 9);
        Elementwise.clamp(negative, 0, negative.length, -1, -0f);
        assertSame(repeat(new float[] {Float.NaN, -0f, -1, -0f, 0, -0f, -1, -0f}, 9), negative, "clamp to [-1, -0]");
        float[] same = repeat(x, 9);
        Elementwise.clip(same, 0, same.length, 1, -inf, inf);
        assertSame(repeat(x, 9), same, "neutral clip");
        float[] point = repeat(x, 9);
        Elementwise.clamp(point, 0, point.length, 3, 3);
        assertSame(repeat(new float[] {Float.NaN, 3, 3, 3, 3, 3, 3, 3}, 9), point, "clamp to a point");
    }

    @Property
    void zeroNonFiniteReplacesAndCounts(
            @ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        Window window = Window.of(mix.floats(5, n), offset);
        float[] expected = window.content();
        int count = 0;
        for (int i = 0; i < n; i++) {
            if (Float.isNaN(expected[i]) || Float.isInfinite(expected[i])) {
                expected[i] = 0;
                count++;
            }
        }
        assertEquals(count, Elementwise.zeroNonFinite(window.array(), offset, n));
        assertSame(expected, window.content(), "zeroNonFinite");
        window.assertOutsideUntouched("zeroNonFinite");
    }

    @Example
    void zeroNonFiniteTakesAWindowFullOfThem() {
        Window window = Window.of(repeat(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 5000), 3);
        assertEquals(10_000, Elementwise.zeroNonFinite(window.array(), 3, 10_000));
        assertSame(new float[10_000], window.content(), "zeroNonFinite");
    }

    @Property
    void addBias(
            @ForAll @IntRange(max = 40) int rows,
            @ForAll @IntRange(max = 70) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix) {
        Window x = Window.of(mix.floats(6, rows * columns), offset);
        Window bias = Window.of(mix.floats(7, columns), 40 - offset);
        float[] expected = x.content();
        for (int i = 0; i < expected.length; i++) {
            expected[i] += bias.array()[bias.offset() + i % columns];
        }
        Elementwise.addBias(x.array(), x.offset(), rows, columns, bias.array(), bias.offset());
        assertSame(expected, x.content(), "addBias");
        x.assertOutsideUntouched("addBias");
    }

    @Property
    void scaleColumns(
            @ForAll @IntRange(max = 40) int rows,
            @ForAll @IntRange(max = 70) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix) {
        Window x = Window.of(mix.floats(8, rows * columns), offset);
        double[] factors = new double[columns + 1];
        for (int j = 0; j < columns; j++) {
            factors[j + 1] = j % 2 == 0 ? 1 : Math.scalb(1 / (j + 1.5), -4 * j);
        }
        float[] expected = x.content();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = i % columns % 2 == 0 ? expected[i] : (float) (expected[i] * factors[1 + i % columns]);
        }
        Elementwise.scaleColumns(x.array(), offset, rows, columns, factors, 1);
        assertSame(expected, x.content(), "scaleColumns");
        x.assertOutsideUntouched("scaleColumns");
    }

    @Property
    void scaleRows(
            @ForAll @IntRange(max = 40) int rows,
            @ForAll @IntRange(max = 70) int columns,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix) {
        Window x = Window.of(mix.floats(9, rows * columns), offset);
        double[] some = {1, 0.3, 0, 1e-42 / 3, -2};
        double[] factors = new double[rows + 1];
        for (int i = 0; i < rows; i++) {
            factors[i + 1] = some[i % some.length];
        }
        float[] expected = x.content();
        for (int i = 0; i < expected.length; i++) {
            double factor = factors[1 + i / columns];
            expected[i] = factor == 1 ? expected[i] : (float) (expected[i] * factor);
        }
        Elementwise.scaleRows(x.array(), offset, rows, columns, factors, 1);
        assertSame(expected, x.content(), "scaleRows");
        x.assertOutsideUntouched("scaleRows");
    }

    @Property
    void activations(@ForAll(supplier = Lengths.class) int n, @ForAll @IntRange(max = 40) int offset, @ForAll Mix mix) {
        check(n, offset, mix, x -> x, Activation.LINEAR::apply, "linear");
        check(n, offset, mix, z -> z <= 0 ? 0 : z, Activation.RELU::apply, "relu");
        check(n, offset, mix, z -> one(Transcendental::tanh, z), Activation.TANH::apply, "tanh");
        check(n, offset, mix, z -> one(Transcendental::sigmoid, z), Activation.SIGMOID::apply, "sigmoid");
    }

    @Property
    void gradients(
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int yOffset,
            @ForAll @IntRange(max = 40) int dyOffset,
            @ForAll Mix mix) {
        gradient(n, yOffset, dyOffset, mix, Activation.LINEAR, (y, dy) -> dy);
        gradient(n, yOffset, dyOffset, mix, Activation.RELU, (y, dy) -> y <= 0 ? 0 : dy);
        gradient(n, yOffset, dyOffset, mix, Activation.TANH, (y, dy) -> dy * Math.fma(-y, y, 1f));
        gradient(n, yOffset, dyOffset, mix, Activation.SIGMOID, (y, dy) -> dy * Math.fma(-y, y, y));
    }

    /** {@code 1 − y²} and {@code y − y²} are rounded once, their product with dy once more. */
    @Property
    void gradientsAreWithinTwoRoundings(@ForAll long seed) {
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < 50; i++) {
            float y = random.nextFloat();
            float dy = (float) random.nextGaussian();
            float[] gradient = {dy, dy};
            Activation.TANH.gradient(new float[] {y}, 0, gradient, 0, 1);
            Activation.SIGMOID.gradient(new float[] {y}, 0, gradient, 1, 1);
            double tanh = dy * (1 - (double) y * y);
            double sigmoid = dy * (y - (double) y * y);
            double roundings = 2.01 * TestData.U;
            TestData.assertWithin(tanh, gradient[0], roundings * Math.abs(tanh) + Float.MIN_VALUE, "tanh' at " + y);
            TestData.assertWithin(
                    sigmoid, gradient[1], roundings * Math.abs(sigmoid) + Float.MIN_VALUE, "sigmoid' at " + y);
        }
    }

    private static void gradient(int n, int yOffset, int dyOffset, Mix mix, Activation activation, Binary formula) {
        Window y = Window.of(mix.floats(8, n), yOffset);
        Window dy = Window.of(mix.floats(9, n), dyOffset);
        float[] expected = dy.content();
        float[] outputs = y.content();
        for (int i = 0; i < n; i++) {
            expected[i] = formula.of(outputs[i], expected[i]);
        }
        activation.gradient(y.array(), yOffset, dy.array(), dyOffset, n);
        assertSame(expected, dy.content(), activation + " gradient");
        dy.assertOutsideUntouched(activation + " gradient");
        assertSame(outputs, y.content(), activation + " output");
    }

    private static void check(int n, int offset, Mix mix, Unary formula, InPlace kernel, String what) {
        Window window = Window.of(mix.floats(3, n), offset);
        float[] expected = window.content();
        for (int i = 0; i < n; i++) {
            expected[i] = formula.of(expected[i]);
        }
        kernel.run(window.array(), offset, n);
        assertSame(expected, window.content(), what);
        window.assertOutsideUntouched(what);
    }

    private static void check(
            int n, int xOffset, int yOffset, int outOffset, Mix mix, Binary formula, TwoToOne kernel, String what) {
        Window x = Window.of(mix.floats(1, n), xOffset);
        Window y = Window.of(mix.floats(2, n), yOffset);
        Window out = Window.empty(n, outOffset);
        float[] expected = new float[n];
        float[] xs = x.content();
        float[] ys = y.content();
        for (int i = 0; i < n; i++) {
            expected[i] = formula.of(xs[i], ys[i]);
        }
        kernel.run(x.array(), xOffset, y.array(), yOffset, out.array(), outOffset, n);
        assertSame(expected, out.content(), what);
        out.assertOutsideUntouched(what);
        assertTrue(n == 0 || same(xs[0], x.content()[0]), what);
    }

    private interface Function {
        void run(float[] x, int xOffset, float[] out, int outOffset, int n);
    }

    private static float one(Function function, float x) {
        float[] result = {x};
        function.run(result, 0, result, 0, 1);
        return result[0];
    }

    private static float[] repeat(float[] x, int times) {
        float[] result = new float[x.length * times];
        for (int i = 0; i < result.length; i++) {
            result[i] = x[i % x.length];
        }
        return result;
    }
}
