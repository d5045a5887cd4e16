package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.List;

/** {@link Clip#then}: what second sees is what first left. */
record Chain(Rule first, Rule second, boolean apart) implements Rule {
    Chain(Rule first, Rule second) {
        this(first, second, false);
    }

    /** One shape, however it was put together: the names of its memory in a checkpoint do not tell. */
    static Chain of(Rule first, Rule second) {
        return second instanceof Chain more ? new Chain(of(first, more.first), more.second) : new Chain(first, second);
    }

    @Override
    public void begin() {
        first.begin();
        second.begin();
    }

    @Override
    public Rule on(Gradients gradients) {
        Rule one = Part.bind(first, gradients);
        Rule two = Part.bind(second, gradients);
        return new Chain(one, two, apart(one, two));
    }

    @Override
    public void measure(Gradients gradients) {
        first.measure(gradients);
        // Groups of their own see unchanged gradients, too.
        if (apart) {
            second.measure(gradients);
        }
    }

    @Override
    public void plan(Gradients gradients) {
        first.plan(gradients);
        second.plan(gradients);
    }

    @Override
    public boolean clamps() {
        return first.clamps() || second.clamps();
    }

    @Override
    public List<StateArray> state() {
        List<StateArray> state = new ArrayList<>();
        first.state().forEach(array -> state.add(array.under("first.")));
        second.state().forEach(array -> state.add(array.under("second.")));
        return state;
    }

    @Override
    public void parts(List<Part> into) {
        first.parts(into);
        second.parts(into);
    }

    @Override
    public double p(double earlier) {
        return second.p(first.p(earlier));
    }

    @Override
    public String toString() {
        return first + " then " + second;
    }

    private static boolean apart(Rule one, Rule two) {
        List<Part> before = new ArrayList<>();
        List<Part> after = new ArrayList<>();
        one.parts(before);
        two.parts(after);
        return before.stream().allMatch(part -> after.stream().allMatch(part::apart));
    }
}
