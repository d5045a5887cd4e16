package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Activation;
import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Gemm;
import dev.espalier.kernel.Matrix;
import dev.espalier.kernel.Reductions;
import dev.espalier.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * A fully connected layer, {@code y = f(x·W + b)}: x is rows × inputs, W is inputs × outputs (a column is an output
 * neuron), b has one value per output.
 *
 * <p>Backward: {@code dz = dy ⊙ f'(z)} in place of dy, {@code dW = xᵀ·dz}, {@code db_j = Σ_i dz_ij},
 * {@code dx = dz·Wᵀ}. All are chains in a fixed order, see {@link Gemm} and {@link Reductions#columnSums}.
 *
 * <p>Parameters {@code weight} [inputs, outputs] and {@code bias} [outputs]; fan-in is inputs, fan-out is outputs.
 * Unless told otherwise weights start Glorot-uniform and biases at 0, as in Keras.
 */
public final class Dense implements Layer {
    private final int outputs;
    private final Activation activation;
    private final Initializer weights;
    private final Initializer bias;

    private Dense(int outputs, Activation activation, Initializer weights, Initializer bias) {
        this.outputs = outputs;
        this.activation = activation;
        this.weights = weights;
        this.bias = bias;
    }

    /**
     * A layer of {@code outputs} neurons with any activation.
     *
     * @throws IllegalArgumentException if outputs is not positive or the activation is null
     */
    public static Dense of(int outputs, Activation activation) {
        Arguments.positive("outputs", outputs);
        Arguments.notNull("activation", activation);
        return new Dense(outputs, activation, Initializer.glorotUniform(), Initializer.zeros());
    }

    /** {@code y = x·W + b}. */
    public static Dense linear(int outputs) {
        return of(outputs, Activation.LINEAR);
    }

    /** {@code y = max(x·W + b, 0)}. */
    public static Dense relu(int outputs) {
        return of(outputs, Activation.RELU);
    }

    /** {@code y = tanh(x·W + b)}. */
    public static Dense tanh(int outputs) {
        return of(outputs, Activation.TANH);
    }

    /** {@code y = 1/(1 + exp(−(x·W + b)))}. */
    public static Dense sigmoid(int outputs) {
        return of(outputs, Activation.SIGMOID);
    }

    /** The same layer with other initial weights. */
    public Dense weights(Initializer initializer) {
        return new Dense(outputs, activation, Arguments.notNull("initializer", initializer), bias);
    }

    /** The same layer with other initial biases. */
    public Dense bias(Initializer initializer) {
        return new Dense(outputs, activation, weights, Arguments.notNull("initializer", initializer));
    }

    @Override
    public String kind() {
        return "dense";
    }

    @Override
    public int outputs(int inputs) {
        return outputs;
    }

    @Override
    public void declare(int inputs, Declaration to) {
        to.parameter("weight", weights, inputs, outputs, inputs, outputs);
        to.parameter("bias", bias, inputs, outputs, outputs);
    }

    @Override
    public Node bind(Binding binding) {
        return new DenseNode(activation, binding);
    }

    /** For example {@code dense relu 64}. */
    @Override
    public String toString() {
        return "dense " + activation.name().toLowerCase(Locale.ROOT) + " " + outputs;
    }

    private static final class DenseNode implements ExampleNode {
        private final Activation activation;
        private final int threads;
        private final boolean propagates;
        private final Batch x;
        private final Batch y;
        private final Batch dx;
        private final Batch dy;
        private final Matrix w;
        private final Matrix wTransposed;
        private final Matrix dw;
        private final Tensor b;
        private final Tensor db;
        /** ‖x_i‖² and ‖dz_i‖² of each row. */
        private final double[] xSquares;

        private final double[] dzSquares;

        DenseNode(Activation activation, Binding binding) {
            this.activation = activation;
            threads = binding.threads();
            propagates = binding.propagates();
            x = binding.input();
            y = binding.output();
            dx = binding.inputGradient();
            dy = binding.outputGradient();
            w = binding.weight(0).matrix();
            wTransposed = w.transpose();
            dw = binding.gradient(0).matrix();
            b = binding.weight(1);
            db = binding.gradient(1);
            xSquares = new double[dy.maxRows()];
            dzSquares = new double[dy.maxRows()];
        }

        @Override
        public void forward(int rows) {
            Gemm.affine(x.rows(rows), w, b.array(), b.offset(), y.rows(rows), activation, threads);
        }

        @Override
        public void propagate(int rows) {
            activation.gradient(y.array(), y.offset(), dy.array(), dy.offset(), rows * y.columns());
            if (propagates) {
                Gemm.multiply(dy.rows(rows), wTransposed, dx.rows(rows), 1, 0, threads);
            }
        }

        /**
         * The gradient of example i is {@code x_iᵀ·dz_i} and {@code dz_i}: {@code ‖g_i‖² = ‖x_i‖²·‖dz_i‖² + ‖dz_i‖²}
         * (Goodfellow: Efficient per-example gradient computations, 2015). Squares of floats, and products of two sums of
         * them, are far inside the range of double.
         */
        @Override
        public void addSquares(int rows, double[] squares, double[] units) {
            rowSquares(x, rows, xSquares);
            rowSquares(dy, rows, dzSquares);
            for (int i = 0; i < rows; i++) {
                squares[i] += Math.fma(xSquares[i], dzSquares[i], dzSquares[i]);
                units[i] += (xSquares[i] + 1) * dy.columns();
            }
        }

        @Override
        public void scaleExamples(int rows, double[] factors) {
            Elementwise.scaleRows(dy.array(), dy.offset(), rows, dy.columns(), factors, 0);
            for (int i = 0; i < rows; i++) {
                if (factors[i] == 0) {
                    // 0 times NaN or ∞ would not be 0, here or in the product.
                    fill(dy, i);
                    fill(x, i);
                }
            }
        }

        @Override
        public void gradients(int rows, boolean accumulate) {
            Gemm.multiply(x.transposed(rows), dy.rows(rows), dw, 1, accumulate ? 1 : 0, threads);
            Reductions.columnSums(dy.array(), dy.offset(), rows, dy.columns(), db.array(), db.offset(), accumulate);
        }

        private static void rowSquares(Batch batch, int rows, double[] out) {
            if (batch.rowStride() == batch.columns()) {
                Reductions.rowSumsOfSquares(batch.array(), batch.offset(), rows, batch.columns(), out, 0);
                return;
            }
            for (int i = 0; i < rows; i++) {
                int at = batch.offset() + i * batch.rowStride();
                Reductions.rowSumsOfSquares(batch.array(), at, 1, batch.columns(), out, i);
            }
        }

        private static void fill(Batch batch, int row) {
            int at = batch.offset() + row * batch.rowStride();
            Arrays.fill(batch.array(), at, at + batch.columns(), 0);
        }
    }
}
