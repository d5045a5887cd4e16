package dev.espalier.clip;

/** {@link Clip#none}. */
record None() implements Rule {
    @Override
    public void plan(Gradients gradients) {}

    @Override
    public String toString() {
        return "none()";
    }
}
