package dev.espalier.bench.peers;

import dev.espalier.tensor.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * One step of Adam on n parameters, with the gradient clipped. The operands are w, g, m, v.
 *
 * @param threads how many threads may share the work
 */
public record AdamUpdate(int n, Clipping clip, int threads) implements Work {
    public static final float RATE = 1e-3f;
    public static final float BETA_1 = 0.9f;
    public static final float BETA_2 = 0.999f;
    public static final float EPSILON = 1e-8f;

    private static final int SAMPLES = 1000;

    /** Below it the peers' different ways to add epsilon show. */
    private static final float SMALL = 0.1f;

    /** Moments are floats. */
    private static final double ROUNDING = 1e-5;

    static List<Work> all() {
        List<Work> all = new ArrayList<>();
        for (int n : Works.PARAMETERS) {
            for (Clipping clip : Clipping.values()) {
                all.add(new AdamUpdate(n, clip, 1));
            }
        }
        all.add(new AdamUpdate(100_000_000, Clipping.NONE, 2));
        return all;
    }

    @Override
    public String name() {
        return "adam n=" + Works.label(n) + ", " + clip.label + (threads == 1 ? "" : ", " + threads + " threads");
    }

    @Override
    public String family() {
        return "adam";
    }

    @Override
    public String group() {
        return "adam n=" + Works.label(n);
    }

    /**
     * Weights and gradient, one pair for all: four arrays of 10⁸ floats for each way to clip and each peer would not fit into memory.
     * Moments are each task's own.
     */
    public Parameters parameters(Inputs inputs) {
        return inputs.get("parameters", () -> {
            Parameters parameters = Parameters.builder().add("w", n).build();
            Inputs.fill(parameters.weights(), 1);
            Inputs.fill(parameters.gradients(), 2);
            return parameters;
        });
    }

    /** The first step is the learning rate in the direction of the gradient, whatever the clip: that shows in the first moments only. */
    @Override
    public void verify(Task task, Inputs inputs) {
        float[] g = parameters(inputs).gradients();
        double sum = 0;
        for (float x : g) {
            sum += (double) x * x;
        }
        int stride = Math.max(1, n / SAMPLES);
        float[] before = new float[(n - 1) / stride + 1];
        for (int i = 0; i < before.length; i++) {
            before[i] = task.at(i * stride);
        }
        task.run();
        for (int i = 0; i < before.length; i++) {
            int at = i * stride;
            double clipped = clip.of(g[at], Math.sqrt(sum));
            double moment = (1 - BETA_1) * clipped;
            double tolerance = Math.max(ROUNDING, task.tolerance()) * Math.abs(moment);
            Work.check(name() + ": m[" + at + "]", task.moment(at), moment, tolerance);
            if (Math.abs(g[at]) >= SMALL) {
                double expected = before[i] - RATE * clipped / (Math.abs(clipped) + EPSILON);
                Work.check(name() + ": w[" + at + "]", task.at(at), expected, 0.05 * RATE);
            }
        }
    }
}
