package dev.espalier.internal;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reusable objects of one kind. As in {@link Scratch}, callers take them from slots and give them back: bounded however many
 * threads there are, and an empty slot costs one object.
 */
public final class Pool<T> {
    private static final int SLOTS = 64;

    private final AtomicReferenceArray<@Nullable T> slots = new AtomicReferenceArray<>(SLOTS);
    private final Supplier<T> maker;

    public Pool(Supplier<T> maker) {
        this.maker = maker;
    }

    public T acquire() {
        T object = slots.getAndSet(slot(), null);
        return object != null ? object : maker.get();
    }

    public void release(T object) {
        slots.set(slot(), object);
    }

    private static int slot() {
        return (int) Thread.currentThread().threadId() & (SLOTS - 1);
    }
}
