package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;

/** {@link Clip#autoClip(double)}. */
record AutoClip(double percentile) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        return new AtWork();
    }

    @Override
    public String toString() {
        return "autoClip(" + percentile + ")";
    }

    private final class AtWork implements Rule {
        private final Quantiles norms = new Quantiles();

        @Override
        public void measure(Gradients gradients) {
            gradients.measure(2);
        }

        @Override
        public void plan(Gradients gradients) {
            double norm = gradients.norm(2);
            if (norm > 0 && norm < Double.POSITIVE_INFINITY) {
                norms.add(norm);
            }
            double threshold = norms.count() == 0 ? Double.POSITIVE_INFINITY : norms.percentile(percentile);
            for (Gradient gradient : gradients.each) {
                gradient.limit(norm, threshold);
            }
        }

        @Override
        public List<StateArray> state() {
            return norms.state();
        }

        @Override
        public String toString() {
            return AutoClip.this.toString();
        }
    }
}
