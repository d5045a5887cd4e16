package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.ExampleClipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.PerExample;
import dev.espalier.internal.SplitMix64;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.tensor.Tensor;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What one example adds to the mean never exceeds C/N, in exact arithmetic, whatever floats meet. Backward of a batch of one
 * shows the scaled δ of a layer as the gradient of its bias, and what the layer adds is {@code (‖x‖² + 1)·‖δ‖²}.
 */
@Tag("kernel")
class PerExampleBoundTest {
    private static final int INPUTS = 5;
    private static final int HIDDEN = 37;
    private static final int OUTPUTS = 3;
    private static final MathContext DIGITS = new MathContext(40);
    private static final float[] THRESHOLDS = {
        0, Float.MIN_VALUE, 3 * Float.MIN_VALUE, Float.MIN_NORMAL, 1e-30f, 1e-6f, 0.1f, 1, 1.7f, 1e10f, Float.MAX_VALUE
    };

    private final Sequential model = Sequential.of(INPUTS, Dense.relu(HIDDEN), Dense.linear(OUTPUTS));
    private final Pass pass = model.pass(1, true);
    private final SplitMix64 random = new SplitMix64(11);
    private int clipped;
    private int kept;
    private int subnormal;

    /** Any exponent at all, and thresholds of any size. */
    @Test
    void theBoundHoldsForAllFloats() {
        for (int i = 0; i < 1500; i++) {
            int spread = 1 + i % 127;
            float threshold = THRESHOLDS[i % THRESHOLDS.length];
            check(numbers(spread, spread), threshold, 1 + random.nextInt(300));
        }
        assertTrue(clipped > 500 && kept > 100 && subnormal > 300, clipped + ", " + kept + ", " + subnormal);
    }

    /** The threshold within a few units in the last place of the norm: where rounding decides. */
    @Test
    void theBoundHoldsWhereTheThresholdIsTheNorm() {
        for (int i = 0; i < 1500; i++) {
            int spread = i % 20;
            float[] numbers = numbers(spread, spread);
            int examples = 1 + random.nextInt(300);
            float norm = (float) (exactNorm(numbers, Float.POSITIVE_INFINITY, examples) * examples);
            for (int ulp = i % 7 - 3; norm > 0 && ulp != 0; ulp -= Integer.signum(ulp)) {
                norm = ulp > 0 ? Math.nextUp(norm) : Math.nextDown(norm);
            }
            check(numbers, norm, examples);
        }
        assertTrue(clipped > 500 && kept > 300, clipped + ", " + kept);
    }

    /** A norm that a double cannot tell from the threshold. */
    @Test
    void theBoundHoldsWhereTheSumHidesAnElement() {
        for (float threshold : new float[] {1, 0x1p100f, 0x1p-100f}) {
            float[] numbers = new float[INPUTS + model.parameters().size() + OUTPUTS];
            numbers[numbers.length - 1] = threshold;
            numbers[numbers.length - 2] = threshold * 0x1p-30f;
            check(numbers, threshold, 1);
        }
        assertEquals(3, clipped);
    }

    /** All δ of an example are so small that a product may be rounded up to twice its size. */
    @Test
    void theBoundHoldsAmongSubnormals() {
        for (int i = 0; i < 1000; i++) {
            float[] numbers = numbers(2, 0);
            for (int j = numbers.length - OUTPUTS; j < numbers.length; j++) {
                numbers[j] = (1 + random.nextInt(200)) * Float.MIN_VALUE;
            }
            check(numbers, (1 + random.nextInt(3000)) * Float.MIN_VALUE, 1 + random.nextInt(4));
        }
        assertTrue(clipped > 500 && subnormal > 300, clipped + ", " + subnormal);
    }

    /** Inputs, weights and output gradients. */
    private float[] numbers(int inputSpread, int gradientSpread) {
        float[] numbers = new float[INPUTS + model.parameters().size() + OUTPUTS];
        do {
            fill(numbers, inputSpread, gradientSpread);
        } while (!finite(numbers));
        return numbers;
    }

    private void fill(float[] numbers, int inputSpread, int gradientSpread) {
        for (int i = 0; i < numbers.length; i++) {
            boolean weight = i >= INPUTS && i < numbers.length - OUTPUTS;
            int spread = weight ? 3 : i < INPUTS ? inputSpread : gradientSpread;
            int exponent = random.nextInt(2 * spread + 1) - spread;
            numbers[i] = (float) Math.scalb(random.nextGaussian(), exponent);
        }
    }

    /** Whether no number on the way exceeds all floats. */
    private boolean finite(float[] numbers) {
        return run(numbers, Float.POSITIVE_INFINITY, 1).nonFinite() == 0;
    }

    private double exactNorm(float[] numbers, float threshold, int examples) {
        return backward(numbers, threshold, examples).sqrt(DIGITS).doubleValue();
    }

    private void check(float[] numbers, float threshold, int examples) {
        BigDecimal before = backward(numbers, Float.POSITIVE_INFINITY, examples);
        BigDecimal after = backward(numbers, threshold, examples);
        String what = "C = " + threshold + ", N = " + examples + ", norm " + before + " -> " + after;
        BigDecimal bound = exact(threshold).divide(exact(examples), new MathContext(60));
        BigDecimal squaredBound = exact(threshold).multiply(exact(threshold));
        BigDecimal squaredSum = after.multiply(exact(examples).pow(2));
        assertTrue(squaredSum.compareTo(squaredBound) <= 0, what);
        if (before.compareTo(after) == 0) {
            kept++;
            return;
        }
        clipped++;
        // No more than rounding asks for: 2⁻²² of the bound, and twice what the smallest floats are off by.
        double norm = after.sqrt(DIGITS).doubleValue();
        assertTrue(norm >= bound.doubleValue() * (1 - 0x1p-22) - 2 * 0x1p-150 * unit(numbers), what);
        assertTrue(before.compareTo(bound.pow(2).multiply(exact(1 - 0x1p-38))) > 0, "clipped without need: " + what);
    }

    /** {@code Σ (‖x‖² + 1)·‖δ‖²} over the layers, after clipping. */
    private BigDecimal backward(float[] numbers, float threshold, int examples) {
        ExampleClipper clipper = run(numbers, threshold, examples);
        assertEquals(0, clipper.nonFinite());
        for (float g : model.parameters().gradients()) {
            subnormal += g != 0 && Math.abs(g) < Float.MIN_NORMAL && clipper.clipped() > 0 ? 1 : 0;
            // What was left as it is may exceed all floats as a product; what was clipped cannot.
            assertTrue(Float.isFinite(g) || clipper.clipped() == 0);
        }
        BigDecimal first =
                squares(pass.input().array(), 0, INPUTS).add(BigDecimal.ONE).multiply(squares(bias(0)));
        return first.add(squares(hidden()).add(BigDecimal.ONE).multiply(squares(bias(1))));
    }

    private ExampleClipper run(float[] numbers, float threshold, int examples) {
        System.arraycopy(numbers, 0, pass.input().array(), 0, INPUTS);
        System.arraycopy(
                numbers,
                INPUTS,
                model.parameters().weights(),
                0,
                model.parameters().size());
        ExampleClipper clipper = PerExample.norm(threshold).on(model.parameters(), NonFinite.THROW);
        pass.forward(1);
        System.arraycopy(
                numbers, numbers.length - OUTPUTS, pass.outputGradient().array(), 0, OUTPUTS);
        clipper.begin(examples);
        pass.backward(1, false, clipper::choose);
        return clipper;
    }

    private double unit(float[] numbers) {
        backward(numbers, Float.POSITIVE_INFINITY, 1);
        double x = squares(pass.input().array(), 0, INPUTS).doubleValue();
        return Math.sqrt((x + 1) * HIDDEN + (squares(hidden()).doubleValue() + 1) * OUTPUTS);
    }

    /** What flows into the second layer. */
    private float[] hidden() {
        Sequential first = Sequential.of(INPUTS, Dense.relu(HIDDEN));
        System.arraycopy(
                model.parameters().weights(),
                0,
                first.parameters().weights(),
                0,
                first.parameters().size());
        Tensor x = Tensor.of(pass.input().array().clone(), 1, INPUTS);
        return first.predict(x).array();
    }

    private float[] bias(int layer) {
        Tensor bias = model.parameters().gradient(2 * layer + 1);
        float[] copy = new float[bias.size()];
        System.arraycopy(bias.array(), bias.offset(), copy, 0, copy.length);
        return copy;
    }

    private static BigDecimal squares(float[] x) {
        return squares(x, 0, x.length);
    }

    private static BigDecimal squares(float[] x, int offset, int n) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = offset; i < offset + n; i++) {
            sum = sum.add(exact(x[i]).multiply(exact(x[i])));
        }
        return sum;
    }

    private static BigDecimal exact(double x) {
        return new BigDecimal(x);
    }
}
