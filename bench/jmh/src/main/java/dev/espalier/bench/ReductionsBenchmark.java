package dev.espalier.bench;

import dev.espalier.kernel.Reductions;
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

/** Sums and searches. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class ReductionsBenchmark {
    @Param({"1000", "50890", "1000000"})
    public int n;

    private float[] x;

    @Setup(Level.Trial)
    public void setup() {
        x = Data.random(n, 1);
        double sum = 0;
        for (float value : x) {
            sum += (double) value * value;
        }
        Data.check("sum of squares", Reductions.sumOfSquares(x, 0, n), sum, 1e-9 * sum);
    }

    @Benchmark
    public double sumOfSquares() {
        return Reductions.sumOfSquares(x, 0, n);
    }

    @Benchmark
    public double sumOfClippedSquares() {
        return Reductions.sumOfSquares(x, 0, n, 1, -0.5f, 0.5f);
    }

    @Benchmark
    public int firstNonFinite() {
        return Reductions.firstNonFinite(x, 0, n);
    }
}
