package dev.espalier.internal;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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

    private final AtomicBoolean busy = new AtomicBoolean();

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
        if (!busy.compareAndSet(false, true)) {
            // Two callers would share the parts, and one of them might wait for ever.
            throw new IllegalStateException("used by two threads at the same time: expected one at a time");
        }
        try {
            share(count, parts);
        } finally {
            busy.set(false);
        }
    }

    private void share(int count, int parts) {
        while (rest.length < parts - 1) {
            // First the part: without memory for it or the array nothing has changed.
            Part part = new Part();
            rest = Arrays.copyOf(rest, rest.length + 1);
            rest[rest.length - 1] = part;
        }
        try {
            for (int t = 1; t < parts; t++) {
                rest[t - 1].begin(this, bound(count, t, parts), bound(count, t + 1, parts));
            }
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

    /**
     * A range for another thread. Whoever claims it first runs it, a worker or the caller. It may then still lie in a queue, once,
     * since the caller can take it back only from the top: there it finds nothing to do, or serves the next range.
     *
     * <p>For the pool it is never done. The completion of a ForkJoinTask wakes its waiters after it has been seen, and an object that
     * is used again could lose that.
     */
    private static final class Part extends ForkJoinTask<Void> {
        private static final int READY = 1;
        private static final int CLAIMED = 2;
        private static final int DONE = 0;

        /** Null between ranges: a part that is left in a queue must not keep arrays alive. */
        private transient @Nullable Parallel work;

        private final transient AtomicInteger state = new AtomicInteger(DONE);
        private final transient AtomicBoolean queued = new AtomicBoolean();
        private transient @Nullable Thread caller;
        private int from;
        private int to;
        private transient @Nullable Throwable failure;

        void begin(Parallel work, int from, int to) {
            this.work = work;
            this.from = from;
            this.to = to;
            failure = null;
            caller = Thread.currentThread();
            state.set(READY);
            if (queued.compareAndSet(false, true)) {
                try {
                    ForkJoinPool.commonPool().execute(this);
                } catch (RejectedExecutionException | OutOfMemoryError e) {
                    // No thread for it, in a queue or not: the caller will claim it.
                    queued.set(false);
                }
            }
        }

        void await() {
            if (tryUnfork()) {
                queued.set(false);
            }
            claim();
            for (int i = 0; i < SPINS && state.get() != DONE; i++) {
                Thread.onSpinWait();
            }
            boolean interrupted = false;
            while (state.get() != DONE) {
                LockSupport.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            // Pooled objects outlive threads.
            caller = null;
            work = null;
        }

        /** What a worker calls that has taken it out of a queue. */
        @Override
        protected boolean exec() {
            // First: whoever begins a range after this puts it into a queue again, and one begun before is claimed
            // here.
            queued.set(false);
            claim();
            return false;
        }

        private void claim() {
            if (state.compareAndSet(READY, CLAIMED)) {
                // From DONE on all fields may belong to the next range.
                Thread waiter = caller;
                Parallel mine = Objects.requireNonNull(work);
                try {
                    mine.run(from, to);
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                state.set(DONE);
                if (waiter != Thread.currentThread()) {
                    LockSupport.unpark(waiter);
                }
            }
        }

        @Override
        public @Nullable Void getRawResult() {
            return null;
        }

        @Override
        protected void setRawResult(@Nullable Void value) {}

        /** What the work has thrown, as it is. */
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
