package dev.espalier.clip;

/** {@link Clip#value(float, float)}. */
record Value(float low, float high) implements Rule {
    @Override
    public void plan(Gradients gradients) {
        for (Gradient gradient : gradients.each) {
            gradient.clamp(low, high);
        }
    }

    @Override
    public String toString() {
        return "value(" + low + ", " + high + ")";
    }
}
