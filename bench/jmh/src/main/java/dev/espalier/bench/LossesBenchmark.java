package dev.espalier.bench;

import dev.espalier.kernel.Losses;
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

/** Softmax cross-entropy of a batch of 32 with its gradient. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class LossesBenchmark {
    private static final int ROWS = 32;

    @Param({"10", "1000"})
    public int classes;

    private final int[] labels = new int[ROWS];
    private float[] logits;
    private float[] gradient;

    @Setup(Level.Trial)
    public void setup() {
        logits = Data.random(ROWS * classes, 1);
        gradient = new float[ROWS * classes];
        double expected = 0;
        for (int i = 0; i < ROWS; i++) {
            double sum = 0;
            for (int j = 0; j < classes; j++) {
                sum += Math.exp(logits[i * classes + j]);
            }
            expected += Math.log(sum) - logits[i * classes + labels[i]];
        }
        Data.check("loss", softmaxCrossEntropy(), expected, 1e-5 * expected);
    }

    @Benchmark
    public double softmaxCrossEntropy() {
        return Losses.softmaxCrossEntropy(logits, 0, labels, 0, ROWS, classes, 1f / ROWS, gradient, 0);
    }
}
