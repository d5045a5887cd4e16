package dev.espalier.nn;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.internal.SplitMix64;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Norms and sums of the gradients of single examples, against these gradients, made one by one. */
@Tag("kernel")
class ExampleFactorsTest {
    private static final int ROWS = 13;
    private static final int INPUTS = 70;
    private static final double U = 0x1p-24;

    private final Sequential model = Sequential.of(
                    INPUTS, Dense.relu(40), Dense.tanh(33), Dense.sigmoid(9), Dense.linear(10))
            .initialize(5);

    @Test
    void normsAreThoseOfTheGradientsOfSingleExamples() {
        double[] squares = new double[ROWS];
        run(model.pass(ROWS, true), ROWS, false, (rows, s, units, factors) -> {
            System.arraycopy(s, 0, squares, 0, rows);
            Arrays.fill(factors, 1);
        });
        for (int i = 0; i < ROWS; i++) {
            double expected = 0;
            for (float g : single(i)) {
                expected += (double) g * g;
            }
            // An element of the gradient of one example is rounded once.
            assertEquals(expected, squares[i], expected * 2.1 * U, "example " + i);
            assertTrue(expected > 0);
        }
    }

    @Test
    void unitsAreTheSquaresOfANormWhoseDeltasAreOne() {
        Sequential one = Sequential.of(3, Dense.linear(4)).initialize(1);
        Pass pass = one.pass(2, true);
        System.arraycopy(new float[] {1, 2, 3, 0, 0, 0}, 0, pass.input().array(), 0, 6);
        pass.forward(2);
        pass.backward(2, false, (rows, squares, units, factors) -> {
            assertEquals(4 * (14 + 1), units[0]);
            assertEquals(4 * (0 + 1), units[1]);
            assertEquals(0, squares[0]);
            Arrays.fill(factors, 1);
        });
    }

    @Test
    void factorsOfOneAreThePlainGradient() {
        Pass pass = model.pass(ROWS, true);
        start(pass, 0, ROWS);
        pass.backward(ROWS, false);
        float[] plain = gradients();
        run(model.pass(ROWS, true), ROWS, false, (rows, squares, units, factors) -> Arrays.fill(factors, 1));
        Bits.assertSame(plain, gradients());
    }

    @Test
    void theSumIsThatOfTheScaledGradients() {
        double[] k = factorsOfExamples();
        run(
                model.pass(ROWS, true),
                ROWS,
                false,
                (rows, squares, units, factors) -> System.arraycopy(k, 0, factors, 0, rows));
        float[] actual = gradients();
        double[] expected = new double[actual.length];
        double[] magnitude = new double[actual.length];
        for (int i = 0; i < ROWS; i++) {
            float[] single = single(i);
            for (int j = 0; j < single.length; j++) {
                expected[j] += k[i] * single[j];
                magnitude[j] += k[i] * Math.abs(single[j]);
            }
        }
        for (int j = 0; j < actual.length; j++) {
            assertEquals(expected[j], actual[j], (ROWS + 3) * U * magnitude[j] + Float.MIN_VALUE, "element " + j);
        }
    }

    @Test
    void microBatchesHaveTheBitsOfOneLargeBatch() {
        double[] k = factorsOfExamples();
        run(
                model.pass(ROWS, true),
                ROWS,
                false,
                (rows, squares, units, factors) -> System.arraycopy(k, 0, factors, 0, rows));
        float[] large = gradients();
        for (int batch : new int[] {1, 3, 5, 12}) {
            Pass pass = model.pass(batch, true);
            for (int from = 0; from < ROWS; from += batch) {
                int at = from;
                int rows = Math.min(batch, ROWS - from);
                start(pass, from, rows);
                pass.backward(rows, from > 0, (n, squares, units, factors) -> System.arraycopy(k, at, factors, 0, n));
            }
            Bits.assertSame("batches of " + batch, large, gradients());
        }
    }

    @Test
    void theNumberOfThreadsDoesNotShow() {
        Sequential large = Sequential.of(512, Dense.tanh(256), Dense.linear(130));
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 7}) {
            Pass pass = large.pass(96, true, threads);
            Arrays.fill(large.parameters().gradients(), Float.NaN);
            fill(pass.input().array(), 1);
            pass.forward(96);
            fill(pass.outputGradient().array(), 2);
            pass.backward(96, false, (rows, squares, units, factors) -> {
                for (int i = 0; i < rows; i++) {
                    factors[i] = Math.min(1, 20 / Math.sqrt(squares[i]));
                }
            });
            float[] actual = large.parameters().gradients().clone();
            expected = expected == null ? actual : expected;
            Bits.assertSame(threads + " threads", expected, actual);
        }
    }

    @Test
    void factorZeroRemovesWhatIsNotFinite() {
        float[] without = null;
        for (float bad : new float[] {0, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (boolean inDelta : new boolean[] {false, true}) {
                Pass pass = model.pass(ROWS, true);
                fill(pass.input().array(), 1);
                if (!inDelta) {
                    pass.input().array()[4 * INPUTS + 3] = bad;
                }
                pass.forward(ROWS);
                fill(pass.outputGradient().array(), 2);
                if (inDelta) {
                    pass.outputGradient().array()[4 * 10 + 2] = bad;
                }
                boolean finite = bad == 0;
                pass.backward(ROWS, false, (rows, squares, units, factors) -> {
                    for (int i = 0; i < rows; i++) {
                        assertEquals(i != 4 || finite, Double.isFinite(squares[i]), "example " + i);
                        factors[i] = i == 4 ? 0 : 1;
                    }
                });
                without = without == null ? gradients() : without;
                Bits.assertSame("with " + bad, without, gradients());
            }
        }
    }

    @Test
    void gradientsBeyondAllFloatsHaveNorms() {
        Sequential one = Sequential.of(2, Dense.linear(1)).initialize(1);
        Pass pass = one.pass(1, true);
        Arrays.fill(pass.input().array(), Float.MAX_VALUE);
        Arrays.fill(one.parameters().weights(), 0);
        pass.forward(1);
        pass.outputGradient().array()[0] = Float.MAX_VALUE;
        double max = Float.MAX_VALUE;
        pass.backward(1, false, (rows, squares, units, factors) -> {
            assertEquals(max * max * max * max * 2, squares[0], squares[0] * 1e-15);
            factors[0] = 1 / Math.sqrt(squares[0]);
        });
        float[] g = one.parameters().gradients();
        assertEquals(Math.sqrt(0.5), g[0], 1e-6);
        assertEquals(Math.sqrt(0.5), g[1], 1e-6);
        assertEquals((float) (1 / (max * Math.sqrt(2))), g[2], Float.MIN_VALUE);
    }

    /** A layer that is part of another one may read some columns of a wider batch. */
    @Test
    void inputsMayBeColumnsOfAWiderBatch() {
        Sequential one = Sequential.of(4, Dense.linear(3)).initialize(1);
        Batch wide = new Batch(2, 10);
        fill(wide.array(), 1);
        float[] before = wide.array().clone();
        Batch dy = new Batch(2, 3);
        fill(dy.array(), 2);
        Layer.ExampleNode node = (Layer.ExampleNode) Dense.linear(3)
                .bind(new Binding(
                        one.parameters(), 0, 2, wide.columns(3, 4), new Batch(2, 3), new Batch(0, 4), dy, true, 1));
        double[] squares = new double[2];
        double[] units = new double[2];
        node.addSquares(2, squares, units);
        for (int i = 0; i < 2; i++) {
            double x = squares(wide.array(), i * 10 + 3, 4);
            double d = squares(dy.array(), i * 3, 3);
            assertEquals((x + 1) * d, squares[i], 1e-14 * squares[i]);
            assertEquals((x + 1) * 3, units[i], 1e-14 * units[i]);
        }
        node.scaleExamples(2, new double[] {1, 0});
        Arrays.fill(before, 13, 17, 0);
        assertArrayEquals(before, wide.array());
        assertEquals(0, squares(dy.array(), 3, 3));
        assertTrue(squares(dy.array(), 0, 3) > 0);
    }

    private static double squares(float[] x, int offset, int n) {
        double sum = 0;
        for (int i = offset; i < offset + n; i++) {
            sum += (double) x[i] * x[i];
        }
        return sum;
    }

    @Test
    void aLayerThatCannotIsNamed() {
        Sequential recurrent = Sequential.of(30, Dense.relu(20), new Recurrent(10, 7), Dense.linear(3));
        assertIllegal(recurrent::checkExamples, "layer recurrent1", "Layer.ExampleNode");
        model.checkExamples();
        Pass pass = recurrent.pass(2, true);
        pass.forward(2);
        assertIllegal(() -> pass.backward(2, false, (rows, squares, units, factors) -> {}), "layer recurrent1");
        // Nothing has happened: the plain way is still open.
        pass.backward(2, false);
    }

    @Test
    void callsOutOfOrder() {
        ExampleFactors none = (rows, squares, units, factors) -> {};
        Pass pass = model.pass(4, true);
        assertThrows(IllegalStateException.class, () -> pass.backward(4, false, none));
        pass.forward(3);
        assertThrows(IllegalStateException.class, () -> pass.backward(4, false, none));
        assertIllegal(() -> pass.backward(3, false, null), "chooser is null");
        pass.backward(3, false, none);
        assertThrows(IllegalStateException.class, () -> pass.backward(3, false, none));
        Pass prediction = model.pass(4, false);
        prediction.forward(4);
        assertThrows(IllegalStateException.class, () -> prediction.backward(4, false, none));
    }

    @Test
    void rowsBeyondTheBatchAreNotTouched() {
        Pass pass = model.pass(ROWS, true);
        start(pass, 0, ROWS);
        pass.forward(ROWS);
        float[] input = pass.input().array().clone();
        Arrays.fill(input, 4 * INPUTS, input.length, Float.NaN);
        System.arraycopy(input, 0, pass.input().array(), 0, input.length);
        pass.forward(4);
        Arrays.fill(pass.outputGradient().array(), 40, ROWS * 10, Float.NaN);
        pass.backward(4, false, (rows, squares, units, factors) -> {
            assertEquals(4, rows);
            Arrays.fill(factors, 0.5);
            assertEquals(0, squares[4]);
        });
        assertArrayEquals(input, pass.input().array());
        for (float g : gradients()) {
            assertTrue(Float.isFinite(g));
        }
    }

    private double[] factorsOfExamples() {
        double[] k = new double[ROWS];
        for (int i = 0; i < ROWS; i++) {
            k[i] = i % 4 == 0 ? 1 : 1.0 / (1 + 0.37 * i);
        }
        return k;
    }

    private void run(Pass pass, int rows, boolean accumulate, ExampleFactors factors) {
        start(pass, 0, rows);
        pass.backward(rows, accumulate, factors);
    }

    /** Forward and the gradient of the output, for so many examples. */
    private void start(Pass pass, int from, int rows) {
        float[] inputs = new float[ROWS * INPUTS];
        float[] gradients = new float[ROWS * 10];
        fill(inputs, 1);
        fill(gradients, 2);
        System.arraycopy(inputs, from * INPUTS, pass.input().array(), 0, rows * INPUTS);
        pass.forward(rows);
        System.arraycopy(gradients, from * 10, pass.outputGradient().array(), 0, rows * 10);
    }

    /** The gradient of one example, by plain backward of a batch of one. */
    private float[] single(int example) {
        Pass pass = model.pass(1, true);
        start(pass, example, 1);
        pass.backward(1, false);
        return gradients();
    }

    private float[] gradients() {
        return model.parameters().gradients().clone();
    }

    private static void fill(float[] array, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < array.length; i++) {
            array[i] = (float) random.nextGaussian();
        }
    }
}
