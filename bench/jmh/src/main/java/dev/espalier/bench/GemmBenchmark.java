package dev.espalier.bench;

import dev.espalier.kernel.Gemm;
import dev.espalier.kernel.Matrix;
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

/** Matrix products: squares, and the shapes of a training step of 784-64-10. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class GemmBenchmark {
    /** m x k times k x n; a T behind k reads A transposed, behind n reads B transposed. */
    @Param({
        "64x64x64",
        "512x512x512",
        "512x512Tx512",
        "512x512x512T",
        "32x784x64",
        "784x32Tx64",
        "32x64x10",
        "32x10x64T"
    })
    public String shape;

    private Matrix a;
    private Matrix b;
    private Matrix c;

    @Setup(Level.Trial)
    public void setup() {
        String[] sizes = shape.split("x");
        int m = Integer.parseInt(sizes[0]);
        int k = Integer.parseInt(sizes[1].replace("T", ""));
        int n = Integer.parseInt(sizes[2].replace("T", ""));
        a = matrix(m, k, sizes[1].endsWith("T"), 1);
        b = matrix(k, n, sizes[2].endsWith("T"), 2);
        c = Matrix.of(new float[m * n], 0, m, n);
        Gemm.multiply(a, b, c);
        double exact = 0;
        for (int p = 0; p < k; p++) {
            exact += (double) a.array()[(m - 1) * a.rowStride() + p * a.columnStride()]
                    * b.array()[p * b.rowStride() + (n - 1) * b.columnStride()];
        }
        Data.check("last element", c.array()[m * n - 1], exact, k * k * 0x1p-24);
    }

    @Benchmark
    public float[] multiply() {
        Gemm.multiply(a, b, c);
        return c.array();
    }

    private static Matrix matrix(int rows, int columns, boolean transposed, long seed) {
        float[] x = Data.random(rows * columns, seed);
        return transposed ? Matrix.of(x, 0, columns, rows).transpose() : Matrix.of(x, 0, rows, columns);
    }
}
