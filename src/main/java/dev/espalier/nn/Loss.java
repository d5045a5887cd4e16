package dev.espalier.nn;

/**
 * How far outputs are from targets. A loss is a sum over examples in double; the caller divides by their number, and
 * passes the factor of that division to {@link #gradient}. So micro-batches, each with the factor of the whole step,
 * add up to one step.
 *
 * <p>Implementations are immutable and allocate nothing.
 */
public interface Loss {
    /**
     * Checks that outputs of this width can be compared with such targets.
     *
     * @throws IllegalArgumentException if they cannot; the message says what was expected
     */
    void check(int outputs, Targets targets);

    /**
     * The sum of the losses of the first {@code rows} examples.
     *
     * @throws IllegalArgumentException if outputs is a {@linkplain Batch#columns view of some columns}, or {@link #check} refuses the targets
     * @throws IndexOutOfBoundsException if outputs or targets have fewer rows, or a label is no output
     */
    double sum(Batch outputs, Targets targets, int rows);

    /**
     * The sum of the losses of the first {@code rows} examples, and {@code gradient ← scale·∂sum/∂outputs}.
     *
     * @param scale 1/(examples of the whole step), for the mean over them
     * @param gradient as wide as outputs; may be outputs itself
     * @throws IllegalArgumentException if outputs or gradient is a {@linkplain Batch#columns view of some columns}, gradient is not
     *     as wide as outputs, or {@link #check} refuses the targets
     * @throws IndexOutOfBoundsException if outputs, targets or gradient have fewer rows, or a label is no output
     */
    double gradient(Batch outputs, Targets targets, int rows, double scale, Batch gradient);

    /**
     * Cross-entropy of the softmax of logits against labels, {@code ln Σ_k exp x_k − x_label}. The model ends in a
     * linear layer: softmax is part of the loss, where it cannot overflow, and must not be applied twice. See
     * {@link dev.espalier.kernel.Losses#softmaxCrossEntropy}.
     */
    static Loss softmaxCrossEntropy() {
        return SoftmaxCrossEntropy.INSTANCE;
    }

    /**
     * Mean squared error, {@code Σ_j (y_j − t_j)²/columns} per example: over a batch the mean over all elements, as in
     * Keras and PyTorch. See {@link dev.espalier.kernel.Losses#squaredError}.
     */
    static Loss meanSquaredError() {
        return MeanSquaredError.INSTANCE;
    }
}
