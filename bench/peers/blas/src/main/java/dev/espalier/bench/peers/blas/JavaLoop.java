package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.AdamUpdate;
import dev.espalier.bench.peers.Clipping;
import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Sweep;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Work;
import java.util.Arrays;
import java.util.Optional;

/** What one writes without a library. */
final class JavaLoop implements Peer {
    @Override
    public String name() {
        return "java-loop";
    }

    @Override
    public String version() {
        return "plain loops, vectorized by C2 where it can";
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product product
            when PureJava.fits(product) && !product.transposeA() && !product.transposeB() -> {
                float[] c = new float[product.m() * product.n()];
                float[] a = product.a(inputs);
                float[] b = product.b(inputs);
                yield Optional.of(Task.on(c, () -> multiply(product.m(), product.k(), product.n(), a, b, c)));
            }
            case Sweep sweep when sweep.threads() == 1 -> sweep(sweep.x(inputs), sweep.kind());
            case AdamUpdate update
            when update.threads() == 1 && update.clip() == Clipping.NONE -> {
                float[] w = update.parameters(inputs).weights();
                float[] g = update.parameters(inputs).gradients();
                float[] m = new float[update.n()];
                float[] v = new float[update.n()];
                yield Optional.of(Task.update(w, m, () -> adam(w, g, m, v)));
            }
            default -> Optional.empty();
        };
    }

    private static Optional<Task> sweep(float[] x, Sweep.Kind kind) {
        return switch (kind) {
            case CLAMP -> Optional.of(Task.on(x, () -> clamp(x)));
            case SCALE -> Optional.of(Task.on(x, () -> scale(x)));
            case SUM_OF_SQUARES -> Optional.of(Task.of(() -> sumOfSquares(x)));
            default -> Optional.empty();
        };
    }

    private static void multiply(int m, int k, int n, float[] a, float[] b, float[] c) {
        for (int i = 0; i < m; i++) {
            Arrays.fill(c, i * n, (i + 1) * n, 0);
            for (int p = 0; p < k; p++) {
                float factor = a[i * k + p];
                for (int j = 0; j < n; j++) {
                    c[i * n + j] += factor * b[p * n + j];
                }
            }
        }
    }

    private static void clamp(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.min(Math.max(x[i], -Sweep.BOUND), Sweep.BOUND);
        }
    }

    private static void scale(float[] x) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= Sweep.FACTOR;
        }
    }

    private static double sumOfSquares(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += (double) value * value;
        }
        return sum;
    }

    private static void adam(float[] w, float[] g, float[] m, float[] v) {
        float stepSize = AdamUpdate.RATE / (1 - AdamUpdate.BETA_1);
        float rootCorrection = (float) (1 / Math.sqrt(1 - AdamUpdate.BETA_2));
        for (int i = 0; i < w.length; i++) {
            m[i] += (1 - AdamUpdate.BETA_1) * (g[i] - m[i]);
            v[i] += (1 - AdamUpdate.BETA_2) * (g[i] * g[i] - v[i]);
            w[i] -= stepSize * m[i] / ((float) Math.sqrt(v[i]) * rootCorrection + AdamUpdate.EPSILON);
        }
    }
}
