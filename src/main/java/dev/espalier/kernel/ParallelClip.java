package dev.espalier.kernel;

import dev.espalier.internal.Parallel;
import dev.espalier.internal.Pool;

/** {@link Elementwise#clip(float[], int, int, float, float, float)} split over threads. */
final class ParallelClip extends Parallel {
    /** Memory bounds it: an element takes as long as some eight operations of a product. */
    private static final long OPERATIONS = 8;

    private static final float[] NOTHING = {};
    private static final Pool<ParallelClip> POOL = new Pool<>(ParallelClip::new);

    private float[] x = NOTHING;
    private int xo;
    private int n;
    private float factor;
    private float low;
    private float high;

    private ParallelClip() {}

    static boolean pays(int n, int threads) {
        return threads > 1 && Parallel.pays(OPERATIONS * n);
    }

    static void run(float[] x, int xo, int n, float factor, float low, float high, int threads) {
        ParallelClip work = POOL.acquire();
        work.x = x;
        work.xo = xo;
        work.n = n;
        work.factor = factor;
        work.low = low;
        work.high = high;
        try {
            work.split((n - 1) / Reductions.BLOCK + 1, threads);
        } finally {
            // The pool must not keep arrays alive.
            work.x = NOTHING;
            POOL.release(work);
        }
    }

    @Override
    protected void run(int from, int to) {
        int first = from * Reductions.BLOCK;
        int count = (int) Math.min(n, (long) to * Reductions.BLOCK) - first;
        if (low == Float.NEGATIVE_INFINITY && high == Float.POSITIVE_INFINITY) {
            Elementwise.scale(x, xo + first, count, factor);
        } else {
            Elementwise.clip(x, xo + first, count, factor, low, high);
        }
    }
}
