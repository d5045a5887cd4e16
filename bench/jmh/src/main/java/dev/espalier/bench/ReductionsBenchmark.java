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
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class ReductionsBenchmark {
    @Param({"1000", "50890", "1000000"})
    public int n;

    private float[] x;

    @Setup(Level.Trial)
    public void setup() {
        x = Data.random(n, 1);
        double sum = 0;
        double clippedSum = 0;
        for (float value : x) {
            sum += (double) value * value;
            clippedSum += Math.pow(Math.clamp(value, -0.5f, 0.5f), 2);
        }
        Data.check("sum of squares", sumOfSquares(), sum, 1e-9 * sum);
        Data.check("sum of clipped squares", sumOfClippedSquares(), clippedSum, 1e-9 * clippedSum);
        Data.check("first non-finite", firstNonFinite(), -1, 0);
        float last = x[n - 1];
        x[n - 1] = Float.NaN;
        Data.check("first non-finite", firstNonFinite(), n - 1, 0);
        x[n - 1] = last;
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
