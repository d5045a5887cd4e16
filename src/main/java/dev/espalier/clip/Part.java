package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;

/** A rule that is no chain, bound to the gradients it clips. */
final class Part implements Rule, ClipPart {
    private final Rule rule;
    private final String name;
    private final Gradients gradients;
    private final Watch watch;

    /** Whether the last step took place, and whether something was compared in it. */
    private boolean planned;

    private boolean known;

    private Part(String name, Rule rule, Gradients gradients, Watch watch) {
        this.name = name;
        this.rule = rule;
        this.gradients = gradients;
        this.watch = watch;
    }

    /** A rule at work on these gradients, which its methods then need not be handed. */
    static Rule bind(Rule rule, Gradients gradients) {
        if (rule instanceof Chain || rule instanceof Filter) {
            return rule.on(gradients);
        }
        // The rules of a chain share the gradients, not what they compared.
        Gradients own = gradients.left(gradients.each, gradients.scope);
        String name = rule + own.scope;
        return new Part(name, rule.on(own), own, new Watch(name, rule.concern()));
    }

    @Override
    public void measure(Gradients ignored) {
        rule.measure(gradients);
    }

    @Override
    public void plan(Gradients ignored) {
        for (Gradient gradient : gradients.each) {
            gradient.compare();
        }
        rule.plan(gradients);
        if (Double.isNaN(gradients.measured())) {
            for (Gradient gradient : gradients.each) {
                gradients.compared(gradient.measured(), gradient.threshold());
            }
        }
        double measured = gradients.measured();
        known = !Double.isNaN(measured);
        planned = true;
        if (known) {
            watch.observe(clipped(), measured, gradients.threshold());
        }
    }

    @Override
    public boolean clamps() {
        return rule.clamps();
    }

    @Override
    public List<StateArray> state() {
        return rule.state();
    }

    /** Forgets the last step, once what somebody has counted in it is noted. */
    @Override
    public void begin() {
        if (planned && !known && rule.clamps() && gradients.countedForOne()) {
            watch.observe(gradients.clampedFraction() > 0, Double.NaN, Double.NaN);
        }
        planned = false;
        gradients.forget();
        rule.begin();
    }

    @Override
    public void parts(List<Part> into) {
        into.add(this);
    }

    boolean reaches(Gradient gradient) {
        for (Gradient each : gradients.each) {
            if (each == gradient) {
                return true;
            }
        }
        return false;
    }

    /** Whether no gradient is in both. */
    boolean apart(Part other) {
        for (Gradient each : gradients.each) {
            if (other.reaches(each)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int count() {
        return gradients.each.length;
    }

    @Override
    public String tensor(int i) {
        return gradients.at(i).name;
    }

    @Override
    public double normBefore() {
        return gradients.normBefore();
    }

    @Override
    public double normAfter() {
        return gradients.normAfter();
    }

    @Override
    public double factor() {
        return gradients.factor();
    }

    @Override
    public double clampedFraction() {
        return gradients.clampedFraction();
    }

    @Override
    public double measured() {
        return gradients.measured();
    }

    @Override
    public double threshold() {
        return gradients.threshold();
    }

    @Override
    public boolean clipped() {
        return gradients.measured() > gradients.threshold();
    }

    @Override
    public long steps() {
        return watch.steps();
    }

    @Override
    public double clipRate() {
        return watch.clipRate();
    }

    /** For example {@code globalNorm(1.0): norm 5.0 -> 1.0, threshold 1.0}. */
    @Override
    public String toString() {
        return name + ": norm " + normBefore() + " -> " + normAfter() + ", threshold " + threshold();
    }
}
