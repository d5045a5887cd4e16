package dev.espalier.nn;

import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.Tensor;

/** What a {@link Layer} gets to make a node for one pass: buffers, its parameters and the number of threads. */
public final class Binding {
    private final Parameters parameters;
    private final int firstParameter;
    private final int parameterCount;
    private final Batch input;
    private final Batch output;
    private final Batch inputGradient;
    private final Batch outputGradient;
    private final boolean training;
    private final int threads;

    Binding(
            Parameters parameters,
            int firstParameter,
            int parameterCount,
            Batch input,
            Batch output,
            Batch inputGradient,
            Batch outputGradient,
            boolean training,
            int threads) {
        this.parameters = parameters;
        this.firstParameter = firstParameter;
        this.parameterCount = parameterCount;
        this.input = input;
        this.output = output;
        this.inputGradient = inputGradient;
        this.outputGradient = outputGradient;
        this.training = training;
        this.threads = threads;
    }

    /** How many rows a batch has at most. */
    public int maxRows() {
        return input.maxRows();
    }

    /** Whether the pass will go backward. */
    public boolean training() {
        return training;
    }

    /** Whether the gradient of the input is wanted: when training, but not in the first layer. */
    public boolean propagates() {
        return inputGradient.maxRows() > 0;
    }

    /** How many threads a kernel may use. */
    public int threads() {
        return threads;
    }

    /** What the layer reads. */
    public Batch input() {
        return input;
    }

    /** Where the layer writes. */
    public Batch output() {
        return output;
    }

    /** The gradient of the loss with respect to the input; a batch of no rows unless {@link #propagates()}. */
    public Batch inputGradient() {
        return inputGradient;
    }

    /** The gradient of the loss with respect to the output; a batch of no rows unless {@link #training()}. */
    public Batch outputGradient() {
        return outputGradient;
    }

    /**
     * Parameter number {@code index} of this layer, a view of the weights of the model.
     *
     * @throws IndexOutOfBoundsException if the layer has declared no such parameter
     */
    public Tensor weight(int index) {
        return parameters.weight(at(index));
    }

    /**
     * The gradient of parameter number {@code index} of this layer, a view of the gradients of the model.
     *
     * @throws IndexOutOfBoundsException if the layer has declared no such parameter
     */
    public Tensor gradient(int index) {
        return parameters.gradient(at(index));
    }

    private int at(int index) {
        if (index < 0 || index >= parameterCount) {
            throw new IndexOutOfBoundsException("index = " + index + ": expected within [0, " + parameterCount
                    + "), the parameters that the layer has declared");
        }
        return firstParameter + index;
    }
}
