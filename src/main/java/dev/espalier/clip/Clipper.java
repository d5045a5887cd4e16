package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Clip} at work on certain gradients, step after step. It owns the buffers, the report and the memory of the clip.
 *
 * <p>An optimizer calls {@link #plan} and applies {@code x → min(max(x·factor(i), low(i)), high(i))} to tensor i while it updates.
 * Others call {@link #apply}, which does it in place. Both allocate nothing.
 *
 * <p>For one thread at a time.
 */
public final class Clipper {
    private final Clip clip;
    private final Rule rule;
    private final Gradients gradients;
    private final ClipReport report;
    private final NonFinite policy;
    private final int maxConsecutiveSkips;

    Clipper(Clip clip, Rule rule, Gradients gradients) {
        this.clip = clip;
        this.rule = Part.bind(rule, gradients);
        this.gradients = gradients;
        List<Part> bound = new ArrayList<>();
        this.rule.parts(bound);
        report = new ClipReport(gradients, bound);
        policy = clip.nonFinite();
        maxConsecutiveSkips = clip.maxConsecutiveSkips();
    }

    /**
     * Reads the gradients and decides. Norms cost one read, and tell NaN and ±∞ on the way; value and none cost the search for
     * these, or nothing under {@link NonFinite#PROPAGATE}.
     *
     * <p>Gradients are written only where one factor and two bounds cannot say what is to be done, and then factor and bounds hold for
     * what lies there: a chain applies its first parts, rules for single rows or elements (unit norm, AGC, spikes, U-Clip) theirs, a factor
     * that is no normal float is applied in double, and {@link NonFinite#ZERO_ELEMENTS} writes its zeros.
     *
     * @return the report of this step, the same object every time
     * @throws NonFiniteGradientException as the policy says; nothing has changed then
     */
    public ClipReport plan() {
        boolean asked = report.asked();
        begin();
        if (asked) {
            // Whoever reads the norm of each step will read this one's: a finite norm spares the search for NaN and ±∞.
            measure();
        }
        return decide();
    }

    /**
     * {@link #plan}, then clips the gradients in place. Measures the norm before, so that the report can tell it. A gradient that
     * need not change is not written.
     *
     * @return the report of this step, the same object every time
     * @throws NonFiniteGradientException as the policy says; nothing has changed then
     */
    public ClipReport apply() {
        begin();
        measure();
        decide();
        for (Gradient gradient : gradients.each) {
            gradient.apply();
        }
        return report;
    }

    /**
     * How many threads may share a pass over a large gradient, from now on; at first as many as there are processors. Results
     * do not depend on it. Returns this.
     *
     * @throws IllegalArgumentException if threads is not positive
     */
    public Clipper threads(int threads) {
        Arguments.positive("threads", threads);
        for (Gradient gradient : gradients.each) {
            gradient.threads = threads;
        }
        return this;
    }

    /** The clip. */
    public Clip clip() {
        return clip;
    }

    /** The report of the last step. */
    public ClipReport report() {
        return report;
    }

    /** The memory of the clip and the counts of skipped steps, in a fixed order: the live arrays. */
    public List<StateArray> state() {
        List<StateArray> state = new ArrayList<>();
        state.add(report.state());
        state.addAll(rule.state());
        return state;
    }

    /** The number of tensors. */
    public int count() {
        return gradients.each.length;
    }

    /**
     * The factor planned for tensor i; 1 if there is none.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public float factor(int i) {
        return gradients.at(i).factor();
    }

    /**
     * The lower bound planned for tensor i after the factor; −∞ if there is none.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public float low(int i) {
        return gradients.at(i).low();
    }

    /**
     * The upper bound planned for tensor i after the factor; +∞ if there is none.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public float high(int i) {
        return gradients.at(i).high();
    }

    /**
     * The first tensor after i with another plan; {@link #count} if there is none. Tensors {@code [i, next)} can be updated in one
     * pass.
     *
     * @throws IndexOutOfBoundsException if there is no tensor i
     */
    public int next(int i) {
        Gradient first = gradients.at(i);
        int next = i + 1;
        while (next < gradients.each.length && first.samePlan(gradients.each[next])) {
            next++;
        }
        return next;
    }

    private void begin() {
        report.begin();
        rule.begin();
        for (Gradient gradient : gradients.each) {
            gradient.begin();
        }
    }

    private void measure() {
        for (Gradient gradient : gradients.each) {
            gradient.termBefore();
        }
    }

    private ClipReport decide() {
        if (policy != NonFinite.PROPAGATE && !finite() && !repaired()) {
            return report;
        }
        report.taken();
        rule.plan(gradients);
        return report;
    }

    private boolean finite() {
        rule.measure(gradients);
        for (Gradient gradient : gradients.each) {
            int index = gradient.firstNonFinite();
            if (index >= 0) {
                report.nonFinite(gradient, index);
                return false;
            }
        }
        return true;
    }

    /** Deals with non-finite elements; returns whether the step can take place. */
    private boolean repaired() {
        if (policy == NonFinite.ZERO_ELEMENTS) {
            for (Gradient gradient : gradients.each) {
                report.zeroed(gradient.zeroNonFinite());
            }
            return true;
        }
        if (policy == NonFinite.THROW) {
            throw report.exception("the policy is THROW");
        }
        if (report.consecutiveSkips() >= maxConsecutiveSkips) {
            throw report.exception(
                    "after " + maxConsecutiveSkips + " steps skipped in a row for the same reason, the limit");
        }
        report.skip();
        return false;
    }
}
