package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Activation;
import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Gemm;
import dev.espalier.kernel.Matrix;
import dev.espalier.kernel.Reductions;
import dev.espalier.tensor.Tensor;

/**
 * A layer of another kind, to try the interface on: {@code h_t = tanh(x_t·W + h_{t−1}·U + b)}, {@code h_0 = 0}, all h_t
 * as output. Input and output are time-major rows.
 */
final class Recurrent implements Layer {
    private final int features;
    private final int units;

    Recurrent(int features, int units) {
        this.features = features;
        this.units = units;
    }

    @Override
    public String kind() {
        return "recurrent";
    }

    @Override
    public int outputs(int inputs) {
        if (inputs % features != 0) {
            throw Arguments.expected("inputs", inputs, "a multiple of the features of a time step, " + features);
        }
        return inputs / features * units;
    }

    @Override
    public void declare(int inputs, Declaration to) {
        to.parameter("weight", Initializer.glorotUniform(), features, units, features, units);
        to.parameter("recurrent", Initializer.glorotNormal(), units, units, units, units);
        to.parameter("bias", Initializer.lecunUniform(), features, units, units);
    }

    @Override
    public Node bind(Binding binding) {
        int steps = binding.input().columns() / features;
        int maxRows = binding.maxRows();
        Batch input = binding.input();
        Batch output = binding.output();
        Batch inputGradient = binding.inputGradient();
        Batch outputGradient = binding.outputGradient();
        Batch before = new Batch(maxRows, steps * units);
        Batch[] x = steps(input, features);
        Batch[] h = steps(output, units);
        Batch[] dx = steps(inputGradient, features);
        Batch[] dh = steps(outputGradient, units);
        Batch carried = new Batch(maxRows, units);
        Matrix w = binding.weight(0).matrix();
        Matrix u = binding.weight(1).matrix();
        Tensor b = binding.weight(2);
        int threads = binding.threads();
        return new Node() {
            @Override
            public void forward(int rows) {
                for (int t = 0; t < steps; t++) {
                    Matrix y = h[t].rows(rows);
                    Gemm.affine(x[t].rows(rows), w, b.array(), b.offset(), y, Activation.LINEAR, threads);
                    if (t > 0) {
                        Gemm.multiply(carried.rows(rows), u, y, 1, 1, threads);
                    }
                    for (int i = 0; i < rows; i++) {
                        int at = y.offset() + i * y.rowStride();
                        Activation.TANH.apply(y.array(), at, units);
                        System.arraycopy(y.array(), at, carried.array(), i * units, units);
                    }
                }
            }

            @Override
            public void propagate(int rows) {
                for (int t = steps - 1; t >= 0; t--) {
                    for (int i = 0; i < rows; i++) {
                        int at = i * steps * units + t * units;
                        if (t < steps - 1) {
                            Elementwise.add(dh[t].array(), at, carried.array(), i * units, dh[t].array(), at, units);
                        }
                        Activation.TANH.gradient(h[t].array(), at, dh[t].array(), at, units);
                    }
                    Gemm.multiply(dh[t].rows(rows), u.transpose(), carried.rows(rows));
                    if (binding.propagates()) {
                        Gemm.multiply(dh[t].rows(rows), w.transpose(), dx[t].rows(rows));
                    }
                }
            }

            @Override
            public void gradients(int rows, boolean accumulate) {
                for (int i = 0; i < rows; i++) {
                    int at = i * steps * units;
                    System.arraycopy(output.array(), at, before.array(), at + units, (steps - 1) * units);
                }
                // Time-major rows are one matrix with a row per step of each example: one chain over rows, then time.
                Matrix dz = Matrix.of(outputGradient.array(), 0, rows * steps, units);
                float beta = accumulate ? 1 : 0;
                Matrix allX = Matrix.of(input.array(), 0, rows * steps, features);
                Matrix allBefore = Matrix.of(before.array(), 0, rows * steps, units);
                Gemm.multiply(allX.transpose(), dz, binding.gradient(0).matrix(), 1, beta, threads);
                Gemm.multiply(allBefore.transpose(), dz, binding.gradient(1).matrix(), 1, beta, threads);
                Tensor db = binding.gradient(2);
                Reductions.columnSums(dz.array(), 0, rows * steps, units, db.array(), db.offset(), accumulate);
            }
        };
    }

    private static Batch[] steps(Batch batch, int width) {
        Batch[] steps = new Batch[batch.columns() / width];
        for (int t = 0; t < steps.length; t++) {
            steps[t] = batch.columns(t * width, width);
        }
        return steps;
    }

    /** All h_t of one example; the parameters stand in w from {@code at} on. */
    static double[] oracle(double[] x, double[] w, int at, int features, int units) {
        int steps = x.length / features;
        double[] h = new double[steps * units];
        int recurrent = at + features * units;
        int bias = recurrent + units * units;
        for (int t = 0; t < steps; t++) {
            for (int j = 0; j < units; j++) {
                double z = w[bias + j];
                for (int i = 0; i < features; i++) {
                    z += x[t * features + i] * w[at + i * units + j];
                }
                for (int i = 0; t > 0 && i < units; i++) {
                    z += h[(t - 1) * units + i] * w[recurrent + i * units + j];
                }
                h[t * units + j] = Math.tanh(z);
            }
        }
        return h;
    }
}
