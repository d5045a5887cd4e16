package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.List;

/**
 * Training of 784-64(relu)-10 with cross-entropy and Adam.
 *
 * @param rows how many examples one run sees; as many as the batch for a single step, else an epoch of {@code fit}
 */
public record Training(int rows, int batch, Clipping clip) implements Work {
    public static final int INPUTS = 784;
    public static final int HIDDEN = 64;
    public static final int OUTPUTS = 10;

    /** So small that the batch is not learnt by heart: gradients that vanish become subnormal, which is another measurement. */
    public static final float RATE = 1e-6f;

    private static final int STEPS = 50;

    static List<Work> all() {
        List<Work> all = new ArrayList<>();
        for (int batch : new int[] {32, 128}) {
            for (Clipping clip : Clipping.values()) {
                all.add(new Training(batch, batch, clip));
            }
        }
        all.add(new Training(60_000, 32, Clipping.VALUE));
        return all;
    }

    @Override
    public String name() {
        return (rows == batch ? "step" : "fit of " + rows + " rows,") + " batch " + batch + ", " + clip.label;
    }

    @Override
    public String family() {
        return "step";
    }

    @Override
    public String group() {
        return (rows == batch ? "step" : "fit") + " batch " + batch;
    }

    /** Whether it is one step, without the loop around it. */
    public boolean isStep() {
        return rows == batch;
    }

    /** How many steps one run takes. */
    public int steps() {
        return (rows + batch - 1) / batch;
    }

    /** How many weights and biases there are. */
    public int parameters() {
        return (INPUTS + 1) * HIDDEN + (HIDDEN + 1) * OUTPUTS;
    }

    /**
     * Multiplications and additions of one step: per layer one product forward and two backward, but one in the first, whose input needs no
     * gradient.
     */
    public double flopsOfStep() {
        return 2.0 * batch * (2 * INPUTS * HIDDEN + 3 * HIDDEN * OUTPUTS);
    }

    /** The examples, row after row. */
    public float[] features(Inputs inputs) {
        return inputs.random("features", rows * INPUTS);
    }

    /** Their classes. */
    public int[] labels(Inputs inputs) {
        return inputs.get("labels", () -> {
            int[] labels = new int[rows];
            for (int i = 0; i < rows; i++) {
                labels[i] = i % OUTPUTS;
            }
            return labels;
        });
    }

    /** The loss must fall: it is told by {@link Task#value}. */
    @Override
    public void verify(Task task, Inputs inputs) {
        task.run();
        double first = task.value();
        for (int i = 0; i < (isStep() ? STEPS : 1); i++) {
            task.run();
        }
        if (!(task.value() < first)) {
            throw new WrongResultException(
                    name() + ": the loss " + first + " became " + task.value() + ": expected less");
        }
    }
}
