package dev.espalier.kernel;

import dev.espalier.internal.Parallel;
import dev.espalier.internal.Pool;

/** A reduction split over threads at borders of whole subtrees of the sum, so that its bits do not show it. */
final class ParallelReduction extends Parallel {
    /** What one thread takes at a time: a megabyte, and a power of two of blocks. */
    private static final int SUBTREE = 64 * Reductions.BLOCK;

    /** Memory bounds a reduction: an element takes as long as some eight operations of a product. */
    private static final long OPERATIONS = 8;

    private static final float[] NOTHING = {};
    private static final Pool<ParallelReduction> POOL = new Pool<>(ParallelReduction::new);

    enum Kind {
        SQUARES,
        CLIPPED_SQUARES,
        ABS,
        MAX_ABS,
        OUTSIDE
    }

    private Kind kind = Kind.SQUARES;
    private float[] x = NOTHING;
    private int xo;
    private int n;
    private float factor;
    private float low;
    private float high;
    private double[] subtrees = {};

    private ParallelReduction() {}

    static boolean pays(int n, int threads) {
        return threads > 1 && Parallel.pays(OPERATIONS * n);
    }

    /** Counts and maxima of floats are exact in double. */
    static double run(Kind kind, float[] x, int xo, int n, float factor, float low, float high, int threads) {
        ParallelReduction work = POOL.acquire();
        work.kind = kind;
        work.x = x;
        work.xo = xo;
        work.n = n;
        work.factor = factor;
        work.low = low;
        work.high = high;
        int count = (n - 1) / SUBTREE + 1;
        if (work.subtrees.length < count) {
            work.subtrees = new double[count];
        }
        try {
            work.split(count, threads);
            return kind == Kind.MAX_ABS ? max(work.subtrees, count) : joined(work.subtrees, 0, count);
        } finally {
            // The pool must not keep arrays alive.
            work.x = NOTHING;
            POOL.release(work);
        }
    }

    @Override
    protected void run(int from, int to) {
        for (int i = from; i < to; i++) {
            int at = i * SUBTREE;
            subtrees[i] = subtree(xo + at, Math.min(SUBTREE, n - at));
        }
    }

    private double subtree(int at, int length) {
        return switch (kind) {
            case SQUARES -> Reductions.squaresTree(x, at, length);
            case CLIPPED_SQUARES -> Reductions.clippedTree(x, at, length, factor, low, high);
            case ABS -> Reductions.absTree(x, at, length);
            case MAX_ABS -> Reductions.maxAbs(x, at, length);
            case OUTSIDE -> Reductions.outside(x, at, length, factor, low, high);
        };
    }

    /** Math.max hands a NaN on. */
    static double max(double[] subtrees, int count) {
        double max = 0;
        for (int i = 0; i < count; i++) {
            max = Math.max(max, subtrees[i]);
        }
        return max;
    }

    /** The tree above whole subtrees: it splits where the tree of blocks does. */
    static double joined(double[] subtrees, int from, int count) {
        if (count == 1) {
            return subtrees[from];
        }
        int left = Integer.highestOneBit(count - 1);
        return joined(subtrees, from, left) + joined(subtrees, from + left, count - left);
    }
}
