package dev.espalier.internal;

import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;
import org.jspecify.annotations.Nullable;

/**
 * Work over an index range that threads of the common pool share; the caller works too. One object serves one caller at a
 * time, again and again: then sharing allocates nothing.
 */
public abstract class Parallel {
    /** Arithmetic operations below which the work is done before a second thread has woken up. */
    private static final long WORTHWHILE = 4_000_000;

    /** Parts of equal size end together: waiting a moment awake costs less than being woken. */
    private static final int SPINS = 10_000;

    private Part[] rest = {};

    /** The work on {@code [from, to)}; called concurrently for disjoint ranges. */
    protected abstract void run(int from, int to);

    /** Whether work of so many arithmetic operations is worth sharing. */
    public static boolean pays(long operations) {
        return operations >= WORTHWHILE;
    }

    /** Runs the work over {@code [0, count)} in at most {@code threads} contiguous parts of nearly equal size. */
    public final void split(int count, int threads) {
        int parts = Math.max(1, Math.min(count, threads));
        while (rest.length < parts - 1) {
            rest = Arrays.copyOf(rest, rest.length + 1);
            rest[rest.length - 1] = new Part(this);
        }
        for (int t = 1; t < parts; t++) {
            rest[t - 1].begin(bound(count, t, parts), bound(count, t + 1, parts));
        }
        try {
            run(0, bound(count, 1, parts));
        } finally {
            for (int t = parts - 2; t >= 0; t--) {
                rest[t].await();
            }
        }
        for (int t = 0; t < parts - 1; t++) {
            rest[t].rethrow();
        }
    }

    private static int bound(int count, int part, int parts) {
        return (int) ((long) count * part / parts);
    }

    private static final class Part extends RecursiveAction {
        private final transient Parallel work;
        private int from;
        private int to;
        private transient @Nullable Throwable failure;

        Part(Parallel work) {
            this.work = work;
        }

        void begin(int from, int to) {
            this.from = from;
            this.to = to;
            failure = null;
            reinitialize();
            ForkJoinPool.commonPool().execute(this);
        }

        void await() {
            // An idle worker may not have come yet: then the caller takes the part back and runs it.
            if (tryUnfork()) {
                quietlyInvoke();
            }
            for (int i = 0; i < SPINS && !isDone(); i++) {
                Thread.onSpinWait();
            }
            quietlyJoin();
        }

        @Override
        protected void compute() {
            try {
                work.run(from, to);
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }

        /** What the work has thrown, as it is: join would throw a copy. */
        void rethrow() {
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
        }
    }
}
