package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack of layers, each fed by the one before, with its weights. {@link Pass} computes.
 *
 * <p>The structure is immutable; weights and gradients stand in {@link #parameters()} and change in place. Any number
 * of threads may share a model that nobody trains. After training, hand it over safely (join the thread, a volatile
 * field, a future), as any object that was written.
 */
public final class Sequential {
    /**
     * Rows that {@link #predict} takes through the layers at a time: enough to fill the kernels, small enough for
     * caches.
     */
    private static final int PREDICTED_ROWS = 256;

    private final Layer[] layers;
    /** The width of what goes into layer i, and at the end the number of outputs. */
    private final int[] widths;
    /** The index of the first parameter of layer i, and at the end the number of parameters. */
    private final int[] firstParameter;
    /** What layer i is called: its kind and its number among its kind. */
    private final String[] names;

    private final List<Start> starts = new ArrayList<>();
    private final Parameters parameters;

    private Sequential(int inputs, Layer[] layers) {
        this.layers = layers;
        widths = new int[layers.length + 1];
        widths[0] = inputs;
        firstParameter = new int[layers.length + 1];
        names = new String[layers.length];
        Parameters.Builder builder = Parameters.builder();
        Map<String, Integer> kinds = new HashMap<>();
        for (int i = 0; i < layers.length; i++) {
            Layer layer = layers[i];
            String kind = Arguments.notNull("kind of layers[" + i + "]", layer.kind());
            names[i] = kind + kinds.merge(kind, 1, Integer::sum);
            widths[i + 1] = Arguments.positive("outputs of " + names[i], layer.outputs(widths[i]));
            String prefix = names[i] + ".";
            layer.declare(widths[i], (name, initializer, fanIn, fanOut, shape) -> {
                builder.add(prefix + name, shape);
                starts.add(new Start(
                        Arguments.notNull("initializer of " + prefix + name, initializer),
                        Arguments.positive("fanIn of " + prefix + name, fanIn),
                        Arguments.positive("fanOut of " + prefix + name, fanOut)));
            });
            firstParameter[i + 1] = starts.size();
        }
        parameters = builder.build();
    }

    /**
     * A model for examples of {@code inputs} features. Weights start as the layers say, with seed 0: dense layers with
     * Glorot-uniform weights and zero biases.
     *
     * <p>Parameters are called by the kind of their layer and its number among its kind, from 1: {@code dense1.weight},
     * {@code dense1.bias}, {@code dense2.weight}, …
     *
     * @throws IllegalArgumentException if inputs is not positive, there is no layer, a layer is null, does not fit the one
     *     before or declares what cannot be, or the weights do not fit into one array
     */
    public static Sequential of(int inputs, Layer... layers) {
        Arguments.positive("inputs", inputs);
        Arguments.notNull("layers", layers);
        if (layers.length == 0) {
            throw Arguments.expected("number of layers", 0, "at least 1");
        }
        for (int i = 0; i < layers.length; i++) {
            Arguments.notNull("layers[" + i + "]", layers[i]);
        }
        return new Sequential(inputs, layers.clone()).initialize(0);
    }

    /**
     * Starts all weights afresh: parameter i gets the stream {@code SplitMix64.mix(seed, i)}. Optimizers keep what they
     * remember. Returns this.
     */
    public Sequential initialize(long seed) {
        for (int i = 0; i < starts.size(); i++) {
            Start start = starts.get(i);
            start.initializer.fill(parameters.weight(i), start.fanIn, start.fanOut, SplitMix64.mix(seed, i));
        }
        return this;
    }

    /** All weights and gradients; the same object at every call. */
    public Parameters parameters() {
        return parameters;
    }

    /** The number of features of an example. */
    public int inputs() {
        return widths[0];
    }

    /** The number of outputs of an example. */
    public int outputs() {
        return widths[layers.length];
    }

    /** Buffers for batches of up to {@code maxRows} examples, on one thread. See {@link #pass(int, boolean, int)}. */
    public Pass pass(int maxRows, boolean training) {
        return pass(maxRows, training, 1);
    }

    /**
     * Buffers for batches of up to {@code maxRows} examples.
     *
     * @param training whether the pass can go backward; otherwise it has no buffers for gradients
     * @param threads how many threads a kernel may use; the result does not depend on it
     * @throws IllegalArgumentException if maxRows or threads is not positive, or a buffer would exceed an array
     */
    public Pass pass(int maxRows, boolean training, int threads) {
        Arguments.positive("maxRows", maxRows);
        Arguments.positive("threads", threads);
        return new Pass(this, maxRows, training, threads);
    }

    /**
     * Checks that {@link Pass#backward(int, boolean, ExampleFactors)} works with every layer.
     *
     * @throws IllegalArgumentException if a layer cannot tell the gradients of examples apart; the message names it
     */
    public void checkExamples() {
        new Pass(this, 1, true, 1).checkExamples();
    }

    /**
     * The outputs for every example, a new tensor [rows, outputs]. Runs on the calling thread with buffers of its own,
     * so any number of threads may predict from one model at the same time.
     *
     * @param x examples along axis 0; the other axes together hold {@link #inputs()} features
     * @throws IllegalArgumentException if an example has another number of features
     */
    public Tensor predict(Tensor x) {
        return predict(x, 1);
    }

    /** {@link #predict(Tensor)} with kernels that may use several threads. */
    public Tensor predict(Tensor x, int threads) {
        Arguments.notNull("x", x);
        Arguments.positive("threads", threads);
        int rows = x.rank() == 0 ? 0 : x.size(0);
        if (x.rank() < 2 || (rows > 0 && x.size() / rows != inputs())) {
            throw new IllegalArgumentException("x has shape " + Arrays.toString(x.shape())
                    + ": expected [rows, …] with " + inputs() + " features per row");
        }
        Tensor out = Tensor.zeros(rows, outputs());
        if (rows == 0) {
            return out;
        }
        Pass pass = pass(Math.min(rows, PREDICTED_ROWS), false, threads);
        for (int from = 0; rows - from > 0; from += PREDICTED_ROWS) {
            int count = Math.min(PREDICTED_ROWS, rows - from);
            System.arraycopy(
                    x.array(), x.offset() + from * inputs(), pass.input().array(), 0, count * inputs());
            pass.forward(count);
            System.arraycopy(pass.output().array(), 0, out.array(), from * outputs(), count * outputs());
        }
        return out;
    }

    /**
     * The layers and the number of weights, for example
     * {@code Sequential[784, dense relu 64, dense linear 10: 50890 weights]}.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Sequential[").append(inputs());
        for (Layer layer : layers) {
            text.append(", ").append(layer);
        }
        return text.append(": ").append(parameters.size()).append(" weights]").toString();
    }

    int layers() {
        return layers.length;
    }

    String name(int layer) {
        return names[layer];
    }

    int width(int layer) {
        return widths[layer];
    }

    Layer.Node bind(int layer, Batch x, Batch y, Batch dx, Batch dy, boolean training, int threads) {
        int first = firstParameter[layer];
        int count = firstParameter[layer + 1] - first;
        return layers[layer].bind(new Binding(parameters, first, count, x, y, dx, dy, training, threads));
    }

    private record Start(Initializer initializer, int fanIn, int fanOut) {}
}
