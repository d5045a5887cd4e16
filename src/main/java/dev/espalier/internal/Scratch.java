package dev.espalier.internal;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Reusable scratch arrays: slots that callers take from and give back to. Unlike a thread local this stays bounded with
 * thousands of virtual threads, and unlike a lock it never waits: an empty slot costs one allocation.
 */
public final class Scratch {
    /** How many arrays one caller may hold at a time. */
    private static final int ARRAYS = 16;

    private static final int THREADS = 64;
    private static final AtomicReferenceArray<float @Nullable []> POOL = new AtomicReferenceArray<>(THREADS * ARRAYS);

    private Scratch() {}

    /** An array of at least n floats with any content. Give it back with {@link #release(float[])}. */
    public static float[] acquire(int n) {
        return acquire(0, n);
    }

    public static void release(float[] array) {
        release(0, array);
    }

    /** Array number {@code which} of this thread, of at least n floats with any content. Give it back with {@link #release(int, float[])}. */
    public static float[] acquire(int which, int n) {
        float[] array = POOL.getAndSet(slot(which), null);
        return array != null && array.length >= n ? array : new float[n];
    }

    public static void release(int which, float[] array) {
        POOL.set(slot(which), array);
    }

    private static int slot(int which) {
        return ((int) Thread.currentThread().threadId() & (THREADS - 1)) * ARRAYS + which;
    }
}
