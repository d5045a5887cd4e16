package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Activation;
import dev.espalier.tensor.Parameters;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/**
 * Gradients against central differences of the loss in double.
 *
 * <p>A difference with h = 1e-6 is off by h²·f‴/6 + u·f/h, together below 1e-9 here. The gradient under test is made of
 * float chains: each of at most a few hundred roundings of terms of about 1, each wrong by up to 2⁻²⁴ = 6e-8. So 1e-5
 * times the largest gradient (at least 1) leaves room and still sees any wrong term.
 */
@Tag("kernel")
class GradientTest {
    private static final double H = 1e-6;
    private static final double TOLERANCE = 1e-5;

    @Property(tries = 60)
    void denseWithSoftmaxCrossEntropy(
            @ForAll long seed,
            @ForAll Activation first,
            @ForAll Activation second,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 20) int hidden) {
        checkDense(seed, first, second, rows, hidden, true);
    }

    @Property(tries = 60)
    void denseWithMeanSquaredError(
            @ForAll long seed,
            @ForAll Activation first,
            @ForAll Activation second,
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 20) int hidden) {
        checkDense(seed, first, second, rows, hidden, false);
    }

    @Property(tries = 30)
    void aLayerOverTime(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int rows,
            @ForAll @IntRange(min = 1, max = 4) int steps,
            @ForAll @IntRange(min = 1, max = 5) int features,
            @ForAll @IntRange(min = 1, max = 5) int units) {
        // Recurrent twice, so that the second one hands a gradient through time back to the first.
        Sequential model = Sequential.of(
                        steps * features, new Recurrent(features, units), new Recurrent(units, units), Dense.linear(3))
                .initialize(seed);
        SplitMix64 random = new SplitMix64(seed);
        Example example = new Example(random, rows, steps * features, 3);
        Oracle oracle = new Oracle();
        check(model, Loss.softmaxCrossEntropy(), example.labels(), example, oracle, w -> {
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                double[] h = Recurrent.oracle(example.row(i), w, 0, features, units);
                int second = features * units + units * units + units;
                h = Recurrent.oracle(h, w, second, units, units);
                int dense = second + 2 * units * units + units;
                double[] y = oracle.dense(h, w, dense, w, dense + h.length * 3, 3, Activation.LINEAR);
                sum += Oracle.softmaxCrossEntropy(y, example.labels[i]);
            }
            return sum / rows;
        });
    }

    private static void checkDense(
            long seed, Activation first, Activation second, int rows, int hidden, boolean labels) {
        // Zero biases would put a relu behind dead neurons exactly on its kink.
        Initializer bias = Initializer.lecunNormal();
        Sequential model = Sequential.of(
                        4,
                        Dense.of(hidden, first).bias(bias),
                        Dense.of(5, second).bias(bias),
                        Dense.linear(3))
                .initialize(seed);
        SplitMix64 random = new SplitMix64(seed);
        Example example = new Example(random, rows, 4, 3);
        Oracle oracle = new Oracle();
        ToDoubleFunction<double[]> meanLoss = w -> {
            double sum = 0;
            for (int i = 0; i < rows; i++) {
                double[] h = oracle.dense(example.row(i), w, 0, w, 4 * hidden, hidden, first);
                int at = 5 * hidden;
                h = oracle.dense(h, w, at, w, at + hidden * 5, 5, second);
                at += hidden * 5 + 5;
                double[] y = oracle.dense(h, w, at, w, at + 15, 3, Activation.LINEAR);
                sum += labels
                        ? Oracle.softmaxCrossEntropy(y, example.labels[i])
                        : Oracle.meanSquaredError(y, example.values, 3 * i);
            }
            return sum / rows;
        };
        if (labels) {
            check(model, Loss.softmaxCrossEntropy(), example.labels(), example, oracle, meanLoss);
        } else {
            check(model, Loss.meanSquaredError(), example.values(), example, oracle, meanLoss);
        }
    }

    /** Compares the loss and every gradient of the model with those of the oracle, a function of all weights. */
    private static void check(
            Sequential model,
            Loss loss,
            Targets targets,
            Example example,
            Oracle oracle,
            ToDoubleFunction<double[]> meanLoss) {
        Parameters parameters = model.parameters();
        Arrays.fill(parameters.gradients(), Float.NaN);
        Pass pass = model.pass(example.rows + 2, true);
        System.arraycopy(example.features, 0, pass.input().array(), 0, example.features.length);
        pass.forward(example.rows);
        double sum = loss.gradient(pass.output(), targets, example.rows, 1.0 / example.rows, pass.outputGradient());
        pass.backward(example.rows, false);

        double[] w = Oracle.widen(parameters.weights());
        double expected = meanLoss.applyAsDouble(w);
        Assume.that(oracle.nearestKink > 100 * H);
        assertEquals(expected, sum / example.rows, TOLERANCE * Math.max(1, expected));
        double[] numeric = new double[w.length];
        double largest = 1;
        for (int i = 0; i < w.length; i++) {
            numeric[i] = derivative(meanLoss, w, i);
            largest = Math.max(largest, Math.abs(numeric[i]));
        }
        for (int i = 0; i < w.length; i++) {
            assertEquals(
                    numeric[i], parameters.gradients()[i], TOLERANCE * largest, "gradient " + i + " of " + parameters);
        }
    }

    private static double derivative(ToDoubleFunction<double[]> f, double[] w, int i) {
        double kept = w[i];
        w[i] = kept + H;
        double above = f.applyAsDouble(w);
        w[i] = kept - H;
        double below = f.applyAsDouble(w);
        w[i] = kept;
        return (above - below) / (2 * H);
    }

    /** A batch of examples drawn at random. */
    private static final class Example {
        final int rows;
        final int columns;
        final float[] features;
        final int[] labels;
        final float[] values;
        private final int width;

        Example(SplitMix64 random, int rows, int columns, int width) {
            this.rows = rows;
            this.columns = columns;
            this.width = width;
            features = new float[rows * columns];
            labels = new int[rows];
            values = new float[rows * width];
            for (int i = 0; i < features.length; i++) {
                features[i] = (float) random.nextGaussian();
            }
            for (int i = 0; i < rows; i++) {
                labels[i] = random.nextInt(width);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
        }

        double[] row(int i) {
            return Oracle.widen(Arrays.copyOfRange(features, i * columns, (i + 1) * columns));
        }

        Targets labels() {
            return Targets.labels(labels, width);
        }

        Targets values() {
            return Targets.values(values, width);
        }
    }
}
