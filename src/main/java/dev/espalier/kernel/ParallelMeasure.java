package dev.espalier.kernel;

import dev.espalier.internal.Parallel;
import dev.espalier.internal.Pool;

/** {@link Updates#adamSquares} and {@link Updates#adamShare} split over threads at borders of whole subtrees of the sum. */
final class ParallelMeasure extends Parallel {
    /** What one thread takes at a time: a power of two of blocks. */
    private static final int SUBTREE = 16 * Reductions.BLOCK;

    /** A division and a root bound it: an element takes as long as some thirty operations of a product. */
    private static final long OPERATIONS = 30;

    private static final float[] NOTHING = {};
    private static final Pool<ParallelMeasure> POOL = new Pool<>(ParallelMeasure::new);

    private boolean share;
    private float[] w = NOTHING;
    private float[] g = NOTHING;
    private float[] m = NOTHING;
    private float[] v = NOTHING;
    private int offset;
    private int n;
    private float factor;
    private float low;
    private float high;
    private float beta1;
    private float beta2;
    private float epsilon;
    private float stepSize;
    private float rootCorrection;
    private float relative;
    private float absolute;
    private double[] subtrees = {};

    private ParallelMeasure() {}

    static boolean pays(int n, int threads) {
        return threads > 1 && Parallel.pays(OPERATIONS * n);
    }

    static double squares(
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection,
            int threads) {
        ParallelMeasure work = POOL.acquire();
        work.share = false;
        return work.run(NOTHING, g, NOTHING, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, threads);
    }

    static float share(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float relative,
            float absolute,
            int threads) {
        ParallelMeasure work = POOL.acquire();
        work.share = true;
        work.beta1 = beta1;
        work.stepSize = stepSize;
        work.relative = relative;
        work.absolute = absolute;
        return (float) work.run(w, g, m, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, threads);
    }

    private double run(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection,
            int threads) {
        this.w = w;
        this.g = g;
        this.m = m;
        this.v = v;
        this.offset = offset;
        this.n = n;
        this.factor = factor;
        this.low = low;
        this.high = high;
        this.beta2 = beta2;
        this.epsilon = epsilon;
        this.rootCorrection = rootCorrection;
        int count = (n - 1) / SUBTREE + 1;
        if (subtrees.length < count) {
            subtrees = new double[count];
        }
        try {
            split(count, threads);
            return share ? ParallelReduction.max(subtrees, count) : ParallelReduction.joined(subtrees, 0, count);
        } finally {
            // The pool must not keep arrays alive.
            this.w = NOTHING;
            this.g = NOTHING;
            this.m = NOTHING;
            this.v = NOTHING;
            POOL.release(this);
        }
    }

    @Override
    protected void run(int from, int to) {
        for (int i = from; i < to; i++) {
            int at = offset + i * SUBTREE;
            int length = Math.min(SUBTREE, n - i * SUBTREE);
            subtrees[i] = share
                    ? Updates.adamShare(
                            w,
                            g,
                            m,
                            v,
                            at,
                            length,
                            factor,
                            low,
                            high,
                            beta1,
                            beta2,
                            epsilon,
                            stepSize,
                            rootCorrection,
                            relative,
                            absolute)
                    : Updates.adamSquares(g, v, at, length, factor, low, high, beta2, epsilon, rootCorrection);
        }
    }
}
