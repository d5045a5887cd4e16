package dev.espalier.clip;

/** {@link Clip#then}: what second sees is what first left. */
record Chain(Rule first, Rule second) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        return new Chain(first.on(gradients), second.on(gradients));
    }

    @Override
    public void measure(Gradients gradients) {
        first.measure(gradients);
    }

    @Override
    public void plan(Gradients gradients) {
        first.plan(gradients);
        second.plan(gradients);
    }

    @Override
    public double p(double earlier) {
        return second.p(first.p(earlier));
    }

    @Override
    public String toString() {
        return first + " then " + second;
    }
}
