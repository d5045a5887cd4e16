package dev.espalier.bench.peers;

import java.util.function.DoubleSupplier;

/** A {@link Work} made ready by one {@link Peer}: it owns its operands in the form that the peer wants. */
public interface Task extends AutoCloseable {
    /** {@link #tolerance} of who adds in double. */
    double IN_DOUBLE = 1e-9;

    /** What is timed. */
    void run();

    /** Element i of what the task writes. */
    default float at(int i) {
        throw new UnsupportedOperationException("this task writes no elements");
    }

    /** Element i of the first moments that Adam writes. */
    default float moment(int i) {
        throw new UnsupportedOperationException("this task is no step of Adam");
    }

    /** The number that the last run computed. */
    default double value() {
        throw new UnsupportedOperationException("this task computes no number");
    }

    /** How far off {@link #value} may be, as a part of it. */
    default double tolerance() {
        return IN_DOUBLE;
    }

    /** {@link #tolerance} of who adds n floats in float: among 10⁸ terms some are off by percents. */
    static double toleranceInFloat(int n) {
        return n > 10_000_000 ? 0.1 : 1e-3;
    }

    /** What a norm above the threshold multiplies the elements by. Peers without a clip turn the sign, which can go on for ever. */
    default float factor() {
        return Sweep.FACTOR;
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
        return of(new float[0], run);
    }

    /** A task that computes a number from {@code x}, and may change it. */
    static Task of(float[] x, DoubleSupplier run) {
        return of(x, IN_DOUBLE, run);
    }

    /** The same with a {@link #tolerance}. */
    static Task of(float[] x, double tolerance, DoubleSupplier run) {
        return new Task() {
            private double value;

            @Override
            public void run() {
                value = run.getAsDouble();
            }

            @Override
            public float at(int i) {
                return x[i];
            }

            @Override
            public double value() {
                return value;
            }

            @Override
            public double tolerance() {
                return tolerance;
            }
        };
    }

    /** A step of Adam on weights and first moments. */
    static Task update(float[] w, float[] m, Runnable run) {
        return new Task() {
            @Override
            public void run() {
                run.run();
            }

            @Override
            public float at(int i) {
                return w[i];
            }

            @Override
            public float moment(int i) {
                return m[i];
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
