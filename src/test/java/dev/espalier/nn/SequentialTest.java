package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Activation;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SequentialTest {
    @Test
    void parametersAreNamedByKindAndNumber() {
        Sequential model = Sequential.of(6, new Recurrent(2, 3), Dense.relu(4), new Recurrent(2, 5), Dense.linear(1));
        Parameters parameters = model.parameters();
        String[] names = {
            "recurrent1.weight [2, 3]",
            "recurrent1.recurrent [3, 3]",
            "recurrent1.bias [3]",
            "dense1.weight [9, 4]",
            "dense1.bias [4]",
            "recurrent2.weight [2, 5]",
            "recurrent2.recurrent [5, 5]",
            "recurrent2.bias [5]",
            "dense2.weight [10, 1]",
            "dense2.bias [1]",
        };
        assertEquals(names.length, parameters.count());
        for (int i = 0; i < names.length; i++) {
            Parameters.Slice slice = parameters.slice(i);
            assertEquals(names[i], slice.name() + " " + Arrays.toString(slice.shape()));
        }
        assertEquals(6, model.inputs());
        assertEquals(1, model.outputs());
    }

    @Test
    void parametersAreSeenAsTensors() {
        Parameters parameters = Sequential.of(3, Dense.relu(4), Dense.linear(2)).parameters();
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            for (Tensor t : new Tensor[] {parameters.weight(i), parameters.weight(slice.name())}) {
                assertSame(parameters.weights(), t.array());
                assertEquals(slice.offset(), t.offset());
                assertArrayEquals(slice.shape(), t.shape());
            }
            for (Tensor t : new Tensor[] {parameters.gradient(i), parameters.gradient(slice.name())}) {
                assertSame(parameters.gradients(), t.array());
                assertEquals(slice.offset(), t.offset());
                assertArrayEquals(slice.shape(), t.shape());
            }
        }
        illegal(
                "name = \"dense3.weight\": expected one of [dense1.weight, dense1.bias, dense2.weight, dense2.bias]",
                () -> parameters.weight("dense3.weight"));
    }

    @Test
    void textNamesLayersAndSize() {
        assertEquals(
                "Sequential[784, dense relu 64, dense linear 10: 50890 weights]",
                Sequential.of(784, Dense.relu(64), Dense.linear(10)).toString());
    }

    @Test
    void weightsStartWithSeedZeroAndBiasesAtZero() {
        Sequential model = Sequential.of(3, Dense.sigmoid(4));
        float[] weights = model.parameters().weights().clone();
        assertArrayEquals(
                weights,
                Sequential.of(3, Dense.of(4, Activation.SIGMOID)).parameters().weights());
        assertSame(model, model.initialize(1));
        assertNotEquals(weights[0], model.parameters().weights()[0]);
        assertArrayEquals(weights, model.initialize(0).parameters().weights());
        for (int i = 12; i < 16; i++) {
            assertEquals(0, weights[i]);
        }
    }

    @Test
    void layersCanBeSharedByModels() {
        Dense layer = Dense.tanh(3);
        Sequential one = Sequential.of(3, layer, layer);
        Sequential other = Sequential.of(3, layer, layer).initialize(1);
        assertEquals("dense2.bias", one.parameters().slice(3).name());
        assertNotEquals(one.parameters().weights()[0], other.parameters().weights()[0]);
    }

    @Test
    void theLayersAreCopied() {
        Layer[] layers = {Dense.linear(3), Dense.linear(2)};
        Sequential model = Sequential.of(2, layers);
        String before = model.toString();
        layers[0] = Dense.relu(4);
        layers[1] = null;
        assertEquals(before, model.toString());
        assertArrayEquals(new int[] {1, 2}, model.predict(Tensor.zeros(1, 2)).shape());
    }

    @Test
    void initializersAreKeptPerLayer() {
        Sequential model = Sequential.of(
                2,
                Dense.linear(2).weights(ones()).bias(Initializer.zeros()),
                Dense.linear(1).bias(ones()));
        assertArrayEquals(
                new float[] {1, 1, 1, 1, 0, 0}, Arrays.copyOf(model.parameters().weights(), 6));
        assertEquals(1, model.parameters().weights()[8]);
    }

    @Test
    void initializersCanBeGivenInAnyOrder() {
        Initializer twos = (parameter, fanIn, fanOut, seed) -> parameter.fill(2);
        for (Dense dense : List.of(
                Dense.linear(2).weights(ones()).bias(twos),
                Dense.linear(2).bias(twos).weights(ones()))) {
            assertArrayEquals(
                    new float[] {1, 1, 2, 2},
                    Sequential.of(1, dense).parameters().weights());
        }
    }

    @Test
    void predictionsAreThoseOfThePass() {
        Sequential model = Sequential.of(6, Dense.relu(9), Dense.linear(3));
        Pass pass = model.pass(1, false);
        for (int rows : new int[] {1, 2, 255, 256, 257, 600}) {
            Tensor x = examples(rows + 1, 6).rows(1, rows + 1);
            Tensor y = model.predict(x);
            assertArrayEquals(new int[] {rows, 3}, y.shape());
            for (int i = 0; i < rows; i++) {
                System.arraycopy(x.array(), x.offset() + i * 6, pass.input().array(), 0, 6);
                pass.forward(1);
                assertArrayEquals(pass.output().array(), y.row(i).copy().array());
            }
            assertArrayEquals(y.array(), model.predict(x.reshape(rows, 2, 3), 2).array());
        }
        assertEquals(0, model.predict(Tensor.zeros(0, 6)).size());
    }

    @Test
    void theInputOfPredictIsNotWritten() {
        Tensor x = examples(10, 4);
        float[] before = x.array().clone();
        Sequential.of(4, Dense.linear(4)).predict(x);
        assertArrayEquals(before, x.array());
    }

    @Test
    void wrongModelsAreNamed() {
        illegal("inputs = 0: expected at least 1", () -> Sequential.of(0, Dense.linear(1)));
        illegal("number of layers = 0: expected at least 1", () -> Sequential.of(1));
        illegal("layers is null", () -> Sequential.of(1, (Layer[]) null));
        illegal("layers[1] is null", () -> Sequential.of(1, Dense.linear(1), null));
        illegal("outputs = 0: expected at least 1", () -> Dense.relu(0));
        illegal("outputs = -3: expected at least 1", () -> Dense.tanh(-3));
        illegal("activation is null", () -> Dense.of(3, null));
        illegal("initializer is null", () -> Dense.linear(3).weights(null));
        illegal("initializer is null", () -> Dense.linear(3).bias(null));
        illegal(
                "inputs = 5: expected a multiple of the features of a time step, 2",
                () -> Sequential.of(5, new Recurrent(2, 1)));
        illegal(
                "size of dense1.weight = 100000 x 100000 = 10000000000: expected at most 2147483647",
                () -> Sequential.of(100_000, Dense.linear(100_000)));
    }

    @Test
    void whatALayerDeclaresIsChecked() {
        Initializer zeros = Initializer.zeros();
        illegal("outputs of x1 = 0: expected at least 1", () -> Sequential.of(4, new Declared(0, zeros, 1, 1)));
        illegal(
                "outputs of x2 = -1: expected at least 1",
                () -> Sequential.of(4, new Declared(2, zeros, 1, 1), new Declared(-1, zeros, 1, 1)));
        illegal("initializer of x1.gain is null", () -> Sequential.of(4, new Declared(2, null, 1, 1)));
        illegal(
                "fanIn of x1.gain = 0: expected at least 1",
                () -> Sequential.of(4, new Declared(2, Initializer.heNormal(), 0, 4)));
        illegal("fanOut of x1.gain = -4: expected at least 1", () -> Sequential.of(4, new Declared(2, zeros, 1, -4)));
    }

    @Test
    void aLayerReachesItsOwnParametersAlone() {
        for (int index : new int[] {-1, 1}) {
            Declared asking = new Declared(2, Initializer.zeros(), 1, 1);
            Sequential model = Sequential.of(4, Dense.linear(3), asking, Dense.linear(2));
            model.pass(1, false);
            assertEquals(List.of(false), asking.training);
            model.pass(1, true);
            assertEquals(List.of(false, true), asking.training);
            assertEquals(model.parameters().weight(2).offset(), asking.seen.offset());
            asking.index = index;
            var error = assertThrows(IndexOutOfBoundsException.class, () -> model.pass(1, true));
            assertEquals(
                    "index = " + index + ": expected within [0, 1), the parameters that the layer has declared",
                    error.getMessage());
        }
    }

    @Test
    void aLayerWithoutAKindIsNamed() {
        Layer nameless = new Layer() {
            @Override
            public String kind() {
                return null;
            }

            @Override
            public int outputs(int inputs) {
                return inputs;
            }

            @Override
            public void declare(int inputs, Declaration to) {}

            @Override
            public Node bind(Binding binding) {
                throw new AssertionError();
            }
        };
        illegal("kind of layers[1] is null", () -> Sequential.of(4, Dense.linear(2), nameless));
    }

    @Test
    void wrongExamplesAreNamed() {
        Sequential model = Sequential.of(4, Dense.linear(2));
        illegal("x is null", () -> model.predict(null));
        illegal(
                "x has shape [3, 5]: expected [rows, …] with 4 features per row",
                () -> model.predict(Tensor.zeros(3, 5)));
        illegal("x has shape [4]: expected [rows, …] with 4 features per row", () -> model.predict(Tensor.zeros(4)));
        illegal("x has shape []: expected [rows, …] with 4 features per row", () -> model.predict(Tensor.zeros()));
        illegal("threads = 0: expected at least 1", () -> model.predict(Tensor.zeros(1, 4), 0));
    }

    /** A layer of one parameter that looks at parameter {@code index} when it is bound. */
    private static final class Declared implements Layer {
        private final int outputs;
        private final Initializer initializer;
        private final int fanIn;
        private final int fanOut;
        private int index;
        private Tensor seen = Tensor.zeros(1);
        private final List<Boolean> training = new ArrayList<>();

        Declared(int outputs, Initializer initializer, int fanIn, int fanOut) {
            this.outputs = outputs;
            this.initializer = initializer;
            this.fanIn = fanIn;
            this.fanOut = fanOut;
        }

        @Override
        public String kind() {
            return "x";
        }

        @Override
        public int outputs(int inputs) {
            return outputs;
        }

        @Override
        public void declare(int inputs, Declaration to) {
            to.parameter("gain", initializer, fanIn, fanOut, inputs);
        }

        @Override
        public Node bind(Binding binding) {
            seen = binding.weight(index);
            training.add(binding.training());
            assertEquals(seen.size(), binding.gradient(index).size());
            return new Node() {
                @Override
                public void forward(int rows) {}

                @Override
                public void propagate(int rows) {}

                @Override
                public void gradients(int rows, boolean accumulate) {}
            };
        }
    }

    private static Initializer ones() {
        return (parameter, fanIn, fanOut, seed) -> parameter.fill(1);
    }

    private static Tensor examples(int rows, int columns) {
        Tensor x = Tensor.zeros(rows, columns);
        SplitMix64 random = new SplitMix64(11);
        for (int i = 0; i < x.size(); i++) {
            x.array()[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
