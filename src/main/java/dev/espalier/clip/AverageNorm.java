package dev.espalier.clip;

/** {@link Clip#averageNorm}. */
record AverageNorm(float threshold) implements Rule {
    @Override
    public void measure(Gradients gradients) {
        gradients.measure(2);
    }

    @Override
    public void plan(Gradients gradients) {
        for (Gradient gradient : gradients.each) {
            if (gradient.length > 0) {
                gradient.limit(gradient.norm(2) / gradient.length, threshold);
            }
        }
    }

    @Override
    public Watch.Concern concern() {
        return Watch.Concern.IDLE_OR_ALWAYS;
    }

    @Override
    public String toString() {
        return "averageNorm(" + threshold + ")";
    }
}
