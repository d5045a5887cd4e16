package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.List;

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
    public List<StateArray> state() {
        List<StateArray> state = new ArrayList<>();
        first.state().forEach(array -> state.add(array.under("first.")));
        second.state().forEach(array -> state.add(array.under("second.")));
        return state;
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
