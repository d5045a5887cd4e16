package dev.espalier.clip;

/** {@link Clip#only} and {@link Clip#except}: a rule bound to a part of the gradients. */
record Filter(Rule rule, Names names) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        return Part.bind(rule, names.of(gradients));
    }

    @Override
    public String toString() {
        return (rule instanceof Chain ? "(" + rule + ")" : rule.toString()) + "." + names;
    }
}
