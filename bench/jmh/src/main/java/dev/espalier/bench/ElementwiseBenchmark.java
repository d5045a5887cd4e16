package dev.espalier.bench;

import dev.espalier.kernel.Elementwise;
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

/** Clamp, scale and axpy in place. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class ElementwiseBenchmark {
    /** Turning the sign again and again neither grows nor shrinks anything. */
    private static final float FACTOR = -1;

    @Param({"1000", "50890", "1000000"})
    public int n;

    private float[] x;
    private float[] y;

    @Setup(Level.Trial)
    public void setup() {
        x = Data.random(n, 1);
        y = Data.random(n, 2);
        float[] clamped = x.clone();
        Elementwise.clamp(clamped, 0, n, -0.5f, 0.5f);
        float[] scaled = x.clone();
        Elementwise.scale(scaled, 0, n, FACTOR);
        float[] sum = y.clone();
        Elementwise.axpy(x, 0, sum, 0, n, 0.5f);
        for (int i = 0; i < n; i++) {
            Data.check("clamp[" + i + "]", clamped[i], Math.min(Math.max(x[i], -0.5f), 0.5f), 0);
            Data.check("scale[" + i + "]", scaled[i], x[i] * FACTOR, 0);
            Data.check("axpy[" + i + "]", sum[i], y[i] + 0.5 * x[i], 1e-6);
        }
    }

    /** In the first call half of the elements lie outside, later none, which no kernel without branches notices. */
    @Benchmark
    public float[] clamp() {
        Elementwise.clamp(x, 0, n, -0.5f, 0.5f);
        return x;
    }

    @Benchmark
    public float[] scale() {
        Elementwise.scale(x, 0, n, FACTOR);
        return x;
    }

    /** With a factor so small that y hardly grows. */
    @Benchmark
    public float[] axpy() {
        Elementwise.axpy(x, 0, y, 0, n, 1e-9f);
        return y;
    }
}
