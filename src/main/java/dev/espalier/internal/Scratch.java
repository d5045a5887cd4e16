package dev.espalier.internal;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Reusable scratch arrays: a few slots that callers take from and give back to. Unlike a thread local it stays bounded with
 * thousands of virtual threads, and unlike a lock it never waits: an empty slot costs one allocation.
 */
public final class Scratch {
    private static final int SLOTS = 64;
    private static final AtomicReferenceArray<float @Nullable []> POOL = new AtomicReferenceArray<>(SLOTS);

    private Scratch() {}

    /** An array of at least n floats with any content. Give it back with {@link #release}. */
    public static float[] acquire(int n) {
        float[] array = POOL.getAndSet(slot(), null);
        return array != null && array.length >= n ? array : new float[n];
    }

    public static void release(float[] array) {
        POOL.set(slot(), array);
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & (SLOTS - 1);
    }
}
