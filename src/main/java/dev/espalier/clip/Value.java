package dev.espalier.clip;

/** {@link Clip#value(float, float)}. */
record Value(float low, float high) implements Rule {
    @Override
    public void measure(Gradients gradients) {
        for (Gradient gradient : gradients.each) {
            gradient.search();
        }
    }

    @Override
    public void plan(Gradients gradients) {
        boolean known = low == -high;
        for (Gradient gradient : gradients.each) {
            double largest = gradient.largest();
            known &= !Double.isNaN(largest);
            gradients.compared(largest, high);
            gradient.clamp(low, high);
        }
        if (!known) {
            gradients.forget();
        }
    }

    @Override
    public boolean clamps() {
        return true;
    }

    @Override
    public Watch.Concern concern() {
        boolean bounds = low != Float.NEGATIVE_INFINITY || high != Float.POSITIVE_INFINITY;
        return bounds ? Watch.Concern.IDLE : Watch.Concern.NONE;
    }

    @Override
    public String toString() {
        return "value(" + low + ", " + high + ")";
    }
}
