package dev.espalier.clip;

/** {@link Clip#norm}. */
record Norm(float threshold) implements Rule {
    @Override
    public void measure(Gradients gradients) {
        gradients.measure(2);
    }

    @Override
    public void plan(Gradients gradients) {
        for (Gradient gradient : gradients.each) {
            gradient.limit(gradient.norm(2), threshold);
        }
    }

    @Override
    public Watch.Concern concern() {
        return Watch.Concern.IDLE_OR_ALWAYS;
    }

    @Override
    public String toString() {
        return "norm(" + threshold + ")";
    }
}
