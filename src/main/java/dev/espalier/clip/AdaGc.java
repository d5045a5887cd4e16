package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;

/** {@link Clip#adaGc(float, float, int, float)}. */
record AdaGc(float lambda, float beta, int warmup, float globalThreshold) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        return new AtWork(gradients.each.length);
    }

    @Override
    public String toString() {
        return "adaGc(" + lambda + ", " + beta + ", " + warmup + ", " + globalThreshold + ")";
    }

    private final class AtWork implements Rule {
        /** γ of each tensor; 0 until it has had a gradient. */
        private final double[] usual;

        private final long[] steps = new long[1];

        AtWork(int tensors) {
            usual = new double[tensors];
        }

        @Override
        public void measure(Gradients gradients) {
            gradients.measure(2);
        }

        @Override
        public void plan(Gradients gradients) {
            boolean warm = steps[0]++ >= warmup;
            double all = gradients.norm(2);
            // The scale of the tensors is the same in the warm-up: what a tensor keeps is its norm times that.
            double shrink = all <= globalThreshold ? 1 : globalThreshold / all;
            for (int i = 0; i < usual.length; i++) {
                Gradient gradient = gradients.each[i];
                double norm = gradient.norm(2);
                double threshold = usual[i] == 0 ? Double.POSITIVE_INFINITY : lambda * usual[i];
                if (warm) {
                    gradient.limit(norm, threshold);
                    remember(i, norm < Double.POSITIVE_INFINITY ? Math.min(norm, threshold) : norm, true);
                } else {
                    gradient.limit(all, globalThreshold);
                    remember(i, norm * shrink, false);
                }
            }
        }

        /** Zeros say nothing of how large a gradient usually is, and a γ of 0 would never let one pass again. */
        private void remember(int i, double norm, boolean warm) {
            if (norm > 0 && norm < Double.POSITIVE_INFINITY) {
                usual[i] = usual[i] == 0
                        ? norm
                        : warm ? usual[i] + (1 - (double) beta) * (norm - usual[i]) : Math.min(norm, usual[i]);
            }
        }

        @Override
        public List<StateArray> state() {
            return List.of(new StateArray.Doubles("ema", usual), new StateArray.Longs("steps", steps));
        }

        @Override
        public String toString() {
            return AdaGc.this.toString();
        }
    }
}
