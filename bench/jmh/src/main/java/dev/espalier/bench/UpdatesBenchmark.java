package dev.espalier.bench;

import dev.espalier.kernel.Updates;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Fused updates, plain and clipping. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class UpdatesBenchmark {
    @Param({"1000", "50890", "1000000"})
    public int n;

    private float[] w;
    private float[] g;
    private float[] m;
    private float[] v;

    @Setup(Level.Trial)
    public void setup() {
        w = Data.random(n, 1);
        g = Data.random(n, 2);
        checkAdam("adam", this::adam, 1, Double.POSITIVE_INFINITY);
        checkAdam("adam clipping", this::adamClipping, 0.5, 0.05);
        float[] z = w.clone();
        Updates.sgd(z, g, 0, n, 1, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 0.5f);
        for (int i = 0; i < n; i++) {
            Data.check("sgd[" + i + "]", z[i], w[i] - 0.5 * g[i], 1e-6);
        }
    }

    private void checkAdam(String name, Runnable update, double factor, double bound) {
        m = new float[n];
        v = new float[n];
        float[] before = w.clone();
        update.run();
        for (int i = 0; i < n; i++) {
            // The first step of Adam is the learning rate in the direction of the gradient, whatever the clip: the
            // moments tell it.
            double clipped = Math.clamp(factor * g[i], -bound, bound);
            double root = Math.sqrt(0.001 * clipped * clipped);
            Data.check(name + ": w[" + i + "]", w[i], before[i] - 1e-3 * 0.1 * clipped / (root + 1e-8), 1e-6);
            Data.check(name + ": m[" + i + "]", m[i], 0.1 * clipped, 1e-7);
        }
    }

    @Benchmark
    public float[] adam() {
        Updates.adam(w, g, m, v, 0, n, 1, -0x1p62f, 0x1p62f, Float.POSITIVE_INFINITY, 0.9f, 0.999f, 1e-8f, 1e-3f, 1, 0);
        return w;
    }

    @Benchmark
    public float[] adamClipping() {
        Updates.adam(w, g, m, v, 0, n, 0.5f, -0.05f, 0.05f, Float.POSITIVE_INFINITY, 0.9f, 0.999f, 1e-8f, 1e-3f, 1, 0);
        return w;
    }

    @Benchmark
    public float[] sgd() {
        Updates.sgd(w, g, 0, n, 1, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, Float.MAX_VALUE, 1e-9f);
        return w;
    }
}
