package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import java.util.Arrays;

/**
 * A model at work: the activations of one batch and, when training, their gradients. Made by {@link Sequential#pass}.
 * Belongs to one thread at a time.
 *
 * <p>Fill the first rows of {@link #input()}, call {@link #forward}, read {@link #output()}. When training, write the
 * gradient of the loss to {@link #outputGradient()} and call {@link #backward} with the same number of rows: it writes
 * the gradients of the model. The number of rows may differ from batch to batch; the last two cost no allocation.
 */
public final class Pass {
    private final Layer.Node[] nodes;
    /** What flows into layer i, and at the end the output. */
    private final Batch[] activations;
    /** The gradients of the activations, of no rows where nobody asks for them. */
    private final Batch[] gradients;

    private final Sequential model;
    private final boolean training;
    /** The rows of the last forward, 0 before it and after backward. */
    private int forwardRows;

    // Of each example, for who chooses the factors; made when first needed.
    private double[] squares = new double[0];
    private double[] units = squares;
    private double[] factors = squares;

    Pass(Sequential model, int maxRows, boolean training, int threads) {
        this.model = model;
        this.training = training;
        int layers = model.layers();
        nodes = new Layer.Node[layers];
        activations = new Batch[layers + 1];
        gradients = new Batch[layers + 1];
        for (int i = 0; i <= layers; i++) {
            activations[i] = new Batch(maxRows, model.width(i));
            // Nobody asks for the gradient of the input of the model.
            gradients[i] = new Batch(training && i > 0 ? maxRows : 0, model.width(i));
        }
        for (int i = 0; i < layers; i++) {
            nodes[i] = model.bind(
                    i, activations[i], activations[i + 1], gradients[i], gradients[i + 1], training, threads);
        }
    }

    /** How many rows a batch has at most. */
    public int maxRows() {
        return activations[0].maxRows();
    }

    /** The examples, one per row; the caller fills it. */
    public Batch input() {
        return activations[0];
    }

    /** The outputs, one row per example. */
    public Batch output() {
        return activations[nodes.length];
    }

    /** The gradient of the loss with respect to the output; the caller fills it, {@link #backward} overwrites it. */
    public Batch outputGradient() {
        return gradients[nodes.length];
    }

    /**
     * Computes the output for the first {@code rows} rows of the input.
     *
     * @throws IllegalArgumentException if rows is outside {@code [1, maxRows]}
     */
    public void forward(int rows) {
        if (rows < 1 || rows > maxRows()) {
            throw Arguments.expected("rows", rows, "in [1, " + maxRows() + "]");
        }
        forwardRows = 0;
        for (int i = 0; i < nodes.length; i++) {
            nodes[i].forward(rows);
        }
        forwardRows = rows;
    }

    /**
     * Writes the gradients of all parameters from {@link #outputGradient()}, or adds to them if {@code accumulate}: the
     * gradients of consecutive batches, each scaled by 1/(rows of all of them), have then the bits of one large batch.
     *
     * @throws IllegalStateException if the pass is not for training, or there was no forward of so many rows just
     *     before
     */
    public void backward(int rows, boolean accumulate) {
        beginBackward(rows);
        for (int i = nodes.length - 1; i >= 0; i--) {
            nodes[i].propagate(rows);
            nodes[i].gradients(rows, accumulate);
        }
    }

    /**
     * {@link #backward(int, boolean)} with the gradient of each example times a factor: {@code Σ_i k_i·g_i}. The norms of
     * the gradients are known before the factors are chosen, but no gradient of a single example is made (Goodfellow
     * 2015); it costs two reads of all activations. Where all factors are 1 the bits are those of plain backward. An
     * example with factor 0 may lose its row of {@link #input()}.
     *
     * @throws IllegalArgumentException if a layer cannot tell the gradients of examples apart; the message names it
     * @throws IllegalStateException if the pass is not for training, or there was no forward of so many rows just
     *     before
     */
    public void backward(int rows, boolean accumulate, ExampleFactors chooser) {
        Arguments.notNull("chooser", chooser);
        checkExamples();
        beginBackward(rows);
        // The last of them: if memory runs out in between, the next call tries again.
        if (factors.length == 0) {
            squares = new double[maxRows()];
            units = new double[maxRows()];
            factors = new double[maxRows()];
        }
        Arrays.fill(squares, 0);
        Arrays.fill(units, 0);
        for (int i = nodes.length - 1; i >= 0; i--) {
            Layer.ExampleNode node = (Layer.ExampleNode) nodes[i];
            node.propagate(rows);
            node.addSquares(rows, squares, units);
        }
        chooser.choose(rows, squares, units, factors);
        for (int i = nodes.length - 1; i >= 0; i--) {
            Layer.ExampleNode node = (Layer.ExampleNode) nodes[i];
            node.scaleExamples(rows, factors);
            node.gradients(rows, accumulate);
        }
    }

    void checkExamples() {
        for (int i = 0; i < nodes.length; i++) {
            if (!(nodes[i] instanceof Layer.ExampleNode)) {
                throw new IllegalArgumentException("layer " + model.name(i)
                        + " cannot tell the gradients of examples apart: expected layers whose nodes are"
                        + " Layer.ExampleNode, such as Dense");
            }
        }
    }

    private void beginBackward(int rows) {
        if (!training) {
            throw new IllegalStateException(
                    "backward in a pass without buffers for gradients: expected pass(maxRows, true)");
        }
        if (rows < 1 || rows != forwardRows) {
            throw new IllegalStateException(
                    "backward of rows = " + rows + ": expected the rows of the forward just before, " + forwardRows);
        }
        forwardRows = 0;
    }
}
