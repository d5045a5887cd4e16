package dev.espalier.bench.peers;

import java.util.function.DoubleSupplier;

/**
 * An input whose norm exceeds the threshold in every run. Once clipped it would lie below it for good, so one element grows from run
 * to run by more than clipping has taken from it, and the others hardly shrink.
 */
public final class Above {
    /** What the first run multiplies all elements by. */
    public static final float STEP = 0.999f;

    private static final int RUNS = 500;
    private static final double FIRST = 0.05;
    private static final double GROWTH = 0.0005;

    private final double norm;

    /** For an input of this norm. */
    public Above(double norm) {
        this.norm = norm;
    }

    /** A task that clips x, a copy of the input, and tells the norm it had. */
    public Task task(float[] x, Inputs inputs, DoubleSupplier clip) {
        float[] original = inputs.random("x", x.length);
        return new Task() {
            private int run;
            private double value;

            @Override
            public void run() {
                if (run > 0) {
                    x[1] = (float) (norm * (FIRST + GROWTH * run));
                }
                run++;
                value = clip.getAsDouble();
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
            public float factor() {
                return STEP;
            }

            @Override
            public int runs() {
                return RUNS;
            }

            @Override
            public void refill() {
                System.arraycopy(original, 0, x, 0, x.length);
                run = 0;
            }
        };
    }

    /** The threshold. */
    public float threshold() {
        return (float) (norm * STEP);
    }
}
