package dev.espalier.kernel;

import dev.espalier.internal.Parallel;
import org.jspecify.annotations.Nullable;

/** A product split over threads at borders of 4 rows or of 64 columns of C, whichever side is longer. */
final class ParallelGemm {
    private static final int ROWS = 4;
    private static final int COLUMNS = 64;

    private ParallelGemm() {}

    static void run(
            Matrix a,
            Matrix b,
            Matrix c,
            float alpha,
            float @Nullable [] bias,
            int biasOffset,
            boolean accumulate,
            Activation activation,
            int threads) {
        int m = c.rows();
        int n = c.columns();
        if (m >= n) {
            Parallel.split((m + ROWS - 1) / ROWS, threads, (from, to) -> {
                int first = from * ROWS;
                int count = Math.min(m, to * ROWS) - first;
                Gemm.block(a.rows(first, count), b, c.rows(first, count), alpha, bias, biasOffset, accumulate, activation);
            });
        } else {
            Parallel.split((n + COLUMNS - 1) / COLUMNS, threads, (from, to) -> {
                int first = from * COLUMNS;
                int count = Math.min(n, to * COLUMNS) - first;
                Gemm.block(
                        a,
                        columns(b, first, count),
                        columns(c, first, count),
                        alpha,
                        bias,
                        biasOffset + first,
                        accumulate,
                        activation);
            });
        }
    }

    private static Matrix columns(Matrix x, int first, int count) {
        return new Matrix(
                x.array(), x.offset() + first * x.columnStride(), x.rows(), count, x.rowStride(), x.columnStride());
    }
}
