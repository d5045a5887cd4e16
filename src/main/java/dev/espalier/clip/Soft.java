package dev.espalier.clip;

/** {@link Clip#soft}. */
record Soft(float threshold) implements Rule {
    @Override
    public void measure(Gradients gradients) {
        gradients.measure(2);
    }

    @Override
    public void plan(Gradients gradients) {
        double norm = gradients.norm(2);
        gradients.compared(norm, threshold);
        for (Gradient gradient : gradients.each) {
            gradient.soften(norm, threshold);
        }
    }

    @Override
    public String toString() {
        return "soft(" + threshold + ")";
    }
}
