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

    /** No more threads than processors compute at a time: what else lay here would be kept for nobody. */
    private static final int SLOTS =
            Math.min(64, Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1) << 1);

    private static final AtomicReferenceArray<float @Nullable []> POOL = new AtomicReferenceArray<>(SLOTS * ARRAYS);

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
        for (int i = 0, at = home(); i < SLOTS; i++, at++) {
            int slot = slot(at, which);
            float[] array = POOL.get(slot);
            if (array != null && array.length >= n && POOL.compareAndSet(slot, array, null)) {
                return array;
            }
        }
        return new float[n];
    }

    public static void release(int which, float[] array) {
        int home = home();
        for (int i = 0; i < SLOTS; i++) {
            if (POOL.compareAndSet(slot(home + i, which), null, array)) {
                return;
            }
        }
        // All are full: the longer one stays.
        float[] there = POOL.get(slot(home, which));
        if (there == null || there.length < array.length) {
            POOL.set(slot(home, which), array);
        }
    }

    private static int home() {
        return (int) Thread.currentThread().threadId();
    }

    private static int slot(int at, int which) {
        return (at & (SLOTS - 1)) * ARRAYS + which;
    }
}
