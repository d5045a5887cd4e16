package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.espalier.internal.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@Tag("kernel")
class PassTest {
    private static final Loss LOSS = Loss.softmaxCrossEntropy();

    @Test
    void backwardWritesAndDoesNotAdd() {
        Sequential model = model();
        float[] expected = gradients(model, 20, 20).clone();
        Arrays.fill(model.parameters().gradients(), Float.NaN);
        assertArrayEquals(expected, gradients(model, 20, 20));
    }

    @Test
    void microBatchesHaveTheBitsOfOneLargeBatch() {
        Sequential[] models = {
            model(), Sequential.of(30, new Recurrent(10, 7), new Recurrent(7, 6), Dense.sigmoid(5), Dense.linear(10)),
        };
        for (Sequential model : models) {
            float[] large = gradients(model, 20, 20).clone();
            for (int batch : new int[] {1, 3, 5, 7, 19}) {
                Arrays.fill(model.parameters().gradients(), Float.NaN);
                assertArrayEquals(large, gradients(model, 20, batch), model + " in batches of " + batch);
            }
        }
    }

    @Test
    void rowsDoNotDependOnEachOther() {
        Sequential model = model();
        Pass all = forward(model, 9);
        float[] outputs = all.output().array().clone();
        Pass one = model.pass(1, false);
        for (int i = 0; i < 9; i++) {
            System.arraycopy(all.input().array(), i * 30, one.input().array(), 0, 30);
            one.forward(1);
            assertArrayEquals(
                    Arrays.copyOfRange(outputs, i * 10, i * 10 + 10),
                    one.output().array());
        }
    }

    @Test
    void rowsBeyondTheBatchAreNotTouched() {
        Sequential model = model();
        Pass pass = forward(model, 9);
        Arrays.fill(pass.output().array(), Float.NaN);
        Arrays.fill(pass.outputGradient().array(), Float.NaN);
        pass.forward(4);
        for (int i = 0; i < pass.output().array().length; i++) {
            assertEquals(i >= 40, Float.isNaN(pass.output().array()[i]));
        }
        LOSS.gradient(pass.output(), Targets.labels(new int[9], 10), 4, 0.25, pass.outputGradient());
        pass.backward(4, false);
        for (float g : model.parameters().gradients()) {
            assertEquals(0, g - g, "gradients are finite");
        }
    }

    @Test
    void theNumberOfThreadsDoesNotShow() {
        // Large enough that the kernels do split it.
        Sequential model = Sequential.of(512, Dense.tanh(256), Dense.linear(130));
        float[] outputs = null;
        float[] gradients = null;
        for (int threads : new int[] {1, 2, 3, 7}) {
            Pass pass = model.pass(96, true, threads);
            Arrays.fill(model.parameters().gradients(), Float.NaN);
            fill(pass.input().array(), 1);
            pass.forward(96);
            fill(pass.outputGradient().array(), 2);
            pass.backward(96, false);
            if (outputs == null) {
                outputs = pass.output().array();
                gradients = model.parameters().gradients().clone();
            }
            assertArrayEquals(outputs, pass.output().array());
            assertArrayEquals(gradients, model.parameters().gradients());
        }
    }

    @Test
    void misuseIsNamed() {
        Sequential model = model();
        Pass pass = model.pass(4, true);
        refused(IllegalArgumentException.class, "rows = 0: expected in [1, 4]", () -> pass.forward(0));
        refused(IllegalArgumentException.class, "rows = 5: expected in [1, 4]", () -> pass.forward(5));
        String noForward = "backward of rows = %d: expected the rows of the forward just before, %d";
        refused(IllegalStateException.class, noForward.formatted(4, 0), () -> pass.backward(4, false));
        pass.forward(3);
        refused(IllegalStateException.class, noForward.formatted(4, 3), () -> pass.backward(4, false));
        pass.backward(3, false);
        refused(IllegalStateException.class, noForward.formatted(3, 0), () -> pass.backward(3, false));
        Pass predicting = model.pass(4, false);
        predicting.forward(2);
        refused(
                IllegalStateException.class,
                "backward in a pass without buffers for gradients: expected pass(maxRows, true)",
                () -> predicting.backward(2, false));
        assertEquals(0, predicting.outputGradient().maxRows());
        refused(IllegalArgumentException.class, "maxRows = 0: expected at least 1", () -> model.pass(0, true));
        refused(IllegalArgumentException.class, "threads = 0: expected at least 1", () -> model.pass(1, true, 0));
        refused(
                IllegalArgumentException.class,
                "maxRows x columns = 2147483647 x 30 = 64424509410: expected at most 2147483647",
                () -> model.pass(Integer.MAX_VALUE, true));
    }

    @Test
    void aForwardThatThrewHasNoBackward() {
        boolean[] fails = new boolean[1];
        Layer refusing = new Layer() {
            @Override
            public String kind() {
                return "refusing";
            }

            @Override
            public int outputs(int inputs) {
                return inputs;
            }

            @Override
            public void declare(int inputs, Declaration to) {}

            @Override
            public Node bind(Binding binding) {
                return new Node() {
                    @Override
                    public void forward(int rows) {
                        if (fails[0]) {
                            throw new IllegalStateException("refused");
                        }
                    }

                    @Override
                    public void propagate(int rows) {}

                    @Override
                    public void gradients(int rows, boolean accumulate) {}
                };
            }
        };
        Pass pass = Sequential.of(2, refusing, Dense.linear(2)).pass(3, true);
        pass.forward(3);
        fails[0] = true;
        refused(IllegalStateException.class, "refused", () -> pass.forward(3));
        refused(
                IllegalStateException.class,
                "backward of rows = 3: expected the rows of the forward just before, 0",
                () -> pass.backward(3, false));
    }

    @Test
    void theNormsOfExamplesAreMeasuredAnewInEveryBackward() {
        Pass pass = Sequential.of(2, Dense.linear(3)).pass(2, true);
        List<double[]> seen = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Arrays.fill(pass.input().array(), 1);
            pass.forward(2);
            Arrays.fill(pass.outputGradient().array(), 1);
            pass.backward(2, false, (rows, squares, units, factors) -> {
                seen.add(squares.clone());
                seen.add(units.clone());
                Arrays.fill(factors, 0, rows, 1);
            });
        }
        // A gradient of nine ones: six weights and three biases.
        for (double[] each : seen) {
            assertArrayEquals(new double[] {9, 9}, each);
        }
    }

    @Test
    void weightsAreSharedWithTheModelNotCopied() {
        Sequential model = model();
        Pass pass = forward(model, 2);
        float[] before = pass.output().array().clone();
        model.initialize(5);
        pass.forward(2);
        assertNotEquals(before[0], pass.output().array()[0]);
    }

    private static Sequential model() {
        return Sequential.of(30, Dense.relu(33), Dense.tanh(7), Dense.linear(10));
    }

    private static Pass forward(Sequential model, int rows) {
        Pass pass = model.pass(rows, true);
        fill(pass.input().array(), 7);
        pass.forward(rows);
        return pass;
    }

    /** The gradients of the mean loss over the same {@code rows} examples, taken in batches. */
    private static float[] gradients(Sequential model, int rows, int batch) {
        float[] features = new float[rows * 30];
        fill(features, 3);
        int[] labels = new int[rows];
        for (int i = 0; i < rows; i++) {
            labels[i] = i * 7 % 10;
        }
        Pass pass = model.pass(batch, true);
        for (int from = 0; from < rows; from += batch) {
            int count = Math.min(batch, rows - from);
            System.arraycopy(features, from * 30, pass.input().array(), 0, count * 30);
            pass.forward(count);
            Targets targets = Targets.labels(Arrays.copyOfRange(labels, from, from + count), 10);
            LOSS.gradient(pass.output(), targets, count, 1.0 / rows, pass.outputGradient());
            pass.backward(count, from > 0);
        }
        return model.parameters().gradients();
    }

    private static void fill(float[] x, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < x.length; i++) {
            x[i] = 2 * random.nextFloat() - 1;
        }
    }

    private static void refused(Class<? extends RuntimeException> type, String message, Executable call) {
        assertEquals(message, assertThrows(type, call).getMessage());
    }
}
