package dev.espalier.internal;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;

/** Splits an index range over threads of the common pool. The caller works too. */
public final class Parallel {
    /** Work below this many arithmetic operations is done before a second thread has woken up. */
    private static final long WORTHWHILE = 4_000_000;

    private Parallel() {}

    /** The work on {@code [from, to)}; called concurrently for disjoint ranges. */
    @FunctionalInterface
    public interface Range {
        void run(int from, int to);
    }

    public static boolean pays(long operations) {
        return operations >= WORTHWHILE;
    }

    /** Runs {@code work} over {@code [0, count)} in at most {@code threads} contiguous parts of nearly equal size. */
    public static void split(int count, int threads, Range work) {
        int parts = Math.min(count, threads);
        if (parts <= 1) {
            work.run(0, count);
            return;
        }
        RecursiveAction[] rest = new RecursiveAction[parts - 1];
        for (int t = 1; t < parts; t++) {
            rest[t - 1] = new Part(work, bound(count, t, parts), bound(count, t + 1, parts));
            ForkJoinPool.commonPool().execute(rest[t - 1]);
        }
        work.run(0, bound(count, 1, parts));
        for (RecursiveAction part : rest) {
            // An idle worker may not have come yet: then the caller takes the part back and runs it.
            part.join();
        }
    }

    private static int bound(int count, int part, int parts) {
        return (int) ((long) count * part / parts);
    }

    private static final class Part extends RecursiveAction {
        private final transient Range work;
        private final int from;
        private final int to;

        Part(Range work, int from, int to) {
            this.work = work;
            this.from = from;
            this.to = to;
        }

        @Override
        protected void compute() {
            work.run(from, to);
        }
    }
}
