package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code C = A·B} in float, m × k times k × n, row-major. A transposed operand is stored as its transpose.
 *
 * @param threads how many threads may share the work
 */
public record Product(int m, int k, int n, boolean transposeA, boolean transposeB, int threads) implements Work {
    private static final int SAMPLES = 5000;

    /** The shapes: cubes, the products of training, and all ways to transpose. */
    static List<Work> all() {
        List<Work> all = new ArrayList<>();
        for (int n : new int[] {64, 128, 256, 512, 1024, 2048}) {
            all.add(new Product(n, n, n, false, false, 1));
        }
        all.add(new Product(512, 512, 512, true, false, 1));
        all.add(new Product(512, 512, 512, false, true, 1));
        all.add(new Product(512, 512, 512, true, true, 1));
        all.add(new Product(32, 784, 64, false, false, 1));
        all.add(new Product(784, 32, 64, true, false, 1));
        all.add(new Product(32, 64, 10, false, false, 1));
        all.add(new Product(256, 784, 512, false, false, 1));
        all.add(new Product(256, 512, 512, false, false, 1));
        all.add(new Product(512, 512, 512, false, false, 2));
        all.add(new Product(1024, 1024, 1024, false, false, 2));
        return all;
    }

    @Override
    public String name() {
        String transposed = transposeA || transposeB ? " " + (transposeA ? "T" : "N") + (transposeB ? "T" : "N") : "";
        return "sgemm " + m + "x" + k + "x" + n + transposed + (threads == 1 ? "" : ", " + threads + " threads");
    }

    @Override
    public String family() {
        return "sgemm";
    }

    @Override
    public String group() {
        return "sgemm " + m + "x" + k + "x" + n;
    }

    @Override
    public double flops() {
        return 2.0 * m * k * n;
    }

    /** A as it is stored, the same for every peer. */
    public float[] a(Inputs inputs) {
        return inputs.random("a", m * k);
    }

    /** B as it is stored, the same for every peer. */
    public float[] b(Inputs inputs) {
        return inputs.random("b", k * n);
    }

    /** Floats from one row of A, as it is stored, to the next. */
    public int rowOfA() {
        return transposeA ? m : k;
    }

    /** Floats from one row of B, as it is stored, to the next. */
    public int rowOfB() {
        return transposeB ? k : n;
    }

    @Override
    public void verify(Task task, Inputs inputs) {
        task.run();
        // A stride that is coprime to the row length visits all rows and columns if there are fewer of them than
        // samples; small products
        // are compared as a whole.
        int stride = Math.max(1, (int) ((long) m * n / SAMPLES)) | 1;
        for (int at = m * n - 1; at >= 0; at -= stride) {
            Work.check(name() + ": c[" + at + "]", task.at(at), exact(inputs, at / n, at % n), k * 0x1p-20);
        }
    }

    private double exact(Inputs inputs, int i, int j) {
        float[] a = a(inputs);
        float[] b = b(inputs);
        double sum = 0;
        for (int p = 0; p < k; p++) {
            sum += (double) a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
        }
        return sum;
    }
}
