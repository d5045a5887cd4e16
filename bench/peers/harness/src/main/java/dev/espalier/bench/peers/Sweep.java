package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * One read, or one read and write, of n floats.
 *
 * @param threads how many threads may share the work
 */
public record Sweep(Kind kind, int n, int threads) implements Work {
    /**
     * Clamps to [-BOUND, BOUND], which half of the elements exceed in the first run; later none does, which no loop without branches
     * notices.
     */
    public static final float BOUND = 0.5f;

    /** Turning the sign again and again neither grows nor shrinks anything. */
    public static final float FACTOR = -1;

    private static final int SAMPLES = 1000;

    /** What is done to the floats. */
    public enum Kind {
        CLAMP("clamp"),
        SCALE("scale"),
        SUM_OF_SQUARES("sum of squares"),
        NORM_BELOW("global norm, not clipped"),
        NORM_ABOVE("global norm, clipped");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    static List<Work> all() {
        List<Work> all = new ArrayList<>();
        for (int n : Works.PARAMETERS) {
            for (Kind kind : Kind.values()) {
                all.add(new Sweep(kind, n, 1));
            }
        }
        all.add(new Sweep(Kind.SUM_OF_SQUARES, 100_000_000, 2));
        return all;
    }

    @Override
    public String name() {
        return kind.label + " n=" + Works.label(n) + (threads == 1 ? "" : ", " + threads + " threads");
    }

    @Override
    public String family() {
        return "primitives";
    }

    @Override
    public String group() {
        // The sums are compared with each other.
        return (kind == Kind.CLAMP || kind == Kind.SCALE ? kind.label : "norm") + " n=" + Works.label(n);
    }

    /** The floats: shared by all tasks that only read them. */
    public float[] x(Inputs inputs) {
        float[] x = inputs.random("x", n);
        return kind == Kind.SUM_OF_SQUARES || kind == Kind.NORM_BELOW ? x : x.clone();
    }

    @Override
    public void verify(Task task, Inputs inputs) {
        double sum = 0;
        for (float x : inputs.random("x", n)) {
            sum += (double) x * x;
        }
        switch (kind) {
            case CLAMP -> elements(task, x -> Math.clamp(x, -BOUND, BOUND));
            case SCALE -> elements(task, x -> x * FACTOR);
            case SUM_OF_SQUARES -> {
                task.run();
                value(task, sum);
            }
            case NORM_BELOW -> {
                elements(task, x -> x);
                value(task, Math.sqrt(sum));
            }
            case NORM_ABOVE -> {
                elements(task, x -> x * task.factor());
                value(task, Math.sqrt(sum));
            }
        }
    }

    private void value(Task task, double exact) {
        Work.check(name(), task.value(), exact, task.tolerance() * exact);
    }

    private interface Change {
        float of(float x);
    }

    private void elements(Task task, Change change) {
        int stride = Math.max(1, n / SAMPLES);
        float[] before = new float[(n - 1) / stride + 1];
        for (int i = 0; i < before.length; i++) {
            before[i] = task.at(i * stride);
        }
        task.run();
        for (int i = 0; i < before.length; i++) {
            Work.check(name() + ": x[" + i * stride + "]", task.at(i * stride), change.of(before[i]), 1e-5);
        }
        task.refill();
    }
}
