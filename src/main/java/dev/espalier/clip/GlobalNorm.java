package dev.espalier.clip;

/** {@link Clip#globalNorm(float, double)}. */
record GlobalNorm(float threshold, double p) implements Rule {
    @Override
    public void measure(Gradients gradients) {
        gradients.measure(p);
    }

    @Override
    public void plan(Gradients gradients) {
        double norm = gradients.norm(p);
        for (Gradient gradient : gradients.each) {
            gradient.limit(norm, threshold);
        }
    }

    @Override
    public Watch.Concern concern() {
        return Watch.Concern.IDLE_OR_ALWAYS;
    }

    @Override
    public double p(double earlier) {
        return p;
    }

    @Override
    public String toString() {
        return "globalNorm(" + threshold + (p == 2 ? "" : ", " + p) + ")";
    }
}
