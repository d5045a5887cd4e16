package dev.espalier.bench.peers;

import java.util.function.IntConsumer;

/**
 * Thresholds for clipping the same gradient again and again: each is {@link #STEP} times the norm that the one before has left, so that
 * every run clips. At the end of the ladder the gradient is restored.
 */
public final class Ladder {
    /** Far above the rounding of a norm; the last rung still lies near the first. */
    public static final float STEP = 0.999f;

    private static final int RUNGS = 500;

    private final double norm;
    /** A ladder that starts below {@code norm}. */
    public Ladder(double norm) {
        this.norm = norm;
    }

    /** A task that clips x, a copy of the input, to one threshold after the other. */
    public Task task(float[] x, Inputs inputs, IntConsumer clip) {
        float[] original = inputs.random("x", x.length);
        return new Task() {
            private int rung;

            @Override
            public void run() {
                clip.accept(rung++);
            }

            @Override
            public float at(int i) {
                return x[i];
            }

            @Override
            public int runs() {
                return RUNGS;
            }

            @Override
            public void refill() {
                System.arraycopy(original, 0, x, 0, x.length);
                rung = 0;
            }
        };
    }

    /** Threshold number i. */
    public float threshold(int i) {
        return (float) (norm * Math.pow(STEP, i + 1));
    }

    /** How many thresholds there are. */
    public int rungs() {
        return RUNGS;
    }
}
