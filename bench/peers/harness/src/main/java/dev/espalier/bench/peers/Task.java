package dev.espalier.bench.peers;

import java.util.function.DoubleSupplier;

/** A {@link Work} made ready by one {@link Peer}: it owns its operands in the form that the peer wants. */
public interface Task extends AutoCloseable {
    /** What is timed. */
    void run();

    /** Element i of what the task writes. */
    default float at(int i) {
        throw new UnsupportedOperationException();
    }

    /** The number that the last run computed. */
    default double value() {
        throw new UnsupportedOperationException();
    }

    /** How many runs make sense before {@link #refill}. */
    default int runs() {
        return Integer.MAX_VALUE;
    }

    /** Restores operands that runs use up; not timed. */
    default void refill() {}

    /** Whether the result can be compared with that of others. */
    default boolean verifiable() {
        return true;
    }

    /** Frees native memory. */
    @Override
    default void close() {}

    /** A task that changes {@code x}. */
    static Task on(float[] x, Runnable run) {
        return new Task() {
            @Override
            public void run() {
                run.run();
            }

            @Override
            public float at(int i) {
                return x[i];
            }
        };
    }

    /** A task that computes a number. */
    static Task of(DoubleSupplier run) {
        return new Task() {
            private double value;

            @Override
            public void run() {
                value = run.getAsDouble();
            }

            @Override
            public double value() {
                return value;
            }
        };
    }

    /** A task whose result means nothing, such as the arithmetic of a product without its operands. */
    static Task unverified(Runnable run) {
        return new Task() {
            @Override
            public void run() {
                run.run();
            }

            @Override
            public boolean verifiable() {
                return false;
            }
        };
    }
}
