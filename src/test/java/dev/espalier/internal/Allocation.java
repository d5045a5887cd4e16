package dev.espalier.internal;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Measures what is allocated in the steady state. */
public final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final int QUIET_ROUNDS = 3;

    private Allocation() {}

    /** What the current thread has allocated so far, in bytes. */
    public static long now() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    /**
     * The bytes that a round allocates on the current thread once the compiler has come around: 0 if several rounds in a row allocate
     * nothing, else the least of all rounds of a minute. Before that the interpreter makes an object of every vector.
     */
    public static long perRound(Runnable round) {
        return perRound(round, Allocation::now);
    }

    /** {@link #perRound} of all threads together, for a round that several share. */
    public static long perRoundOfAll(Runnable round) {
        return perRound(round, THREADS::getTotalThreadAllocatedBytes);
    }

    private static long perRound(Runnable round, LongSupplier allocatedSoFar) {
        long least = Long.MAX_VALUE;
        int quiet = 0;
        long start = System.nanoTime();
        while (quiet < QUIET_ROUNDS && System.nanoTime() - start < PATIENCE) {
            long before = allocatedSoFar.getAsLong();
            round.run();
            long allocated = allocatedSoFar.getAsLong() - before;
            quiet = allocated == 0 ? quiet + 1 : 0;
            least = Math.min(least, allocated);
        }
        return quiet == QUIET_ROUNDS ? 0 : Math.max(least, 1);
    }
}
