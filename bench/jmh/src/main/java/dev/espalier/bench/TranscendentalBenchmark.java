package dev.espalier.bench;

import dev.espalier.kernel.Transcendental;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
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

/** exp, log, tanh, sigmoid. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class TranscendentalBenchmark {
    @Param({"320", "50890"})
    public int n;

    private float[] x;
    private float[] positive;
    private float[] y;

    @Setup(Level.Trial)
    public void setup() {
        x = Data.random(n, 1);
        positive = new float[n];
        for (int i = 0; i < n; i++) {
            positive[i] = 1.5f + x[i];
        }
        y = new float[n];
        exp();
        check("exp", x, Math::exp);
        log();
        check("log", positive, Math::log);
        tanh();
        check("tanh", x, Math::tanh);
        sigmoid();
        check("sigmoid", x, t -> 1 / (1 + Math.exp(-t)));
    }

    private void check(String name, float[] from, DoubleUnaryOperator exact) {
        for (int i = 0; i < n; i++) {
            Data.check(name + "[" + i + "]", y[i], exact.applyAsDouble(from[i]), Math.ulp(y[i]));
        }
    }

    @Benchmark
    public float[] exp() {
        Transcendental.exp(x, 0, y, 0, n);
        return y;
    }

    @Benchmark
    public float[] log() {
        Transcendental.log(positive, 0, y, 0, n);
        return y;
    }

    @Benchmark
    public float[] tanh() {
        Transcendental.tanh(x, 0, y, 0, n);
        return y;
    }

    @Benchmark
    public float[] sigmoid() {
        Transcendental.sigmoid(x, 0, y, 0, n);
        return y;
    }
}
