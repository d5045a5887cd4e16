package dev.espalier.kernel;

import dev.espalier.internal.Parallel;
import dev.espalier.internal.Pool;
import org.jspecify.annotations.Nullable;

/** A product split over threads at borders of 4 rows or of 64 columns of C, whichever side is longer. */
final class ParallelGemm extends Parallel {
    private static final int ROWS = 4;
    private static final int COLUMNS = 64;
    private static final Matrix NOTHING = Matrix.of(new float[0], 0, 0, 0);
    private static final Pool<ParallelGemm> POOL = new Pool<>(ParallelGemm::new);

    private Matrix a = NOTHING;
    private Matrix b = NOTHING;
    private Matrix c = NOTHING;
    private float alpha;
    private float @Nullable [] bias;
    private int biasOffset;
    private boolean accumulate;
    private Activation activation = Activation.LINEAR;
    private boolean byRows;

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
        ParallelGemm work = POOL.acquire();
        work.a = a;
        work.b = b;
        work.c = c;
        work.alpha = alpha;
        work.bias = bias;
        work.biasOffset = biasOffset;
        work.accumulate = accumulate;
        work.activation = activation;
        work.byRows = c.rows() >= c.columns();
        try {
            work.split(work.byRows ? (c.rows() + ROWS - 1) / ROWS : (c.columns() + COLUMNS - 1) / COLUMNS, threads);
        } finally {
            // The pool must not keep arrays alive.
            work.a = NOTHING;
            work.b = NOTHING;
            work.c = NOTHING;
            work.bias = null;
            POOL.release(work);
        }
    }

    @Override
    protected void run(int from, int to) {
        int i = byRows ? from * ROWS : 0;
        int m = (byRows ? Math.min(c.rows(), to * ROWS) : c.rows()) - i;
        int j = byRows ? 0 : from * COLUMNS;
        int n = (byRows ? c.columns() : Math.min(c.columns(), to * COLUMNS)) - j;
        Gemm.block(a, b, c, i, m, j, n, alpha, bias, biasOffset, accumulate, activation);
    }
}
