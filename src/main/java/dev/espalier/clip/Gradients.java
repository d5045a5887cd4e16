package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The gradients a rule is bound to: all of a model, or the part that a filter or a group leaves. */
final class Gradients {
    final Gradient[] each;

    /** The filters that left these, as they are written behind a clip; empty for all. */
    final String scope;

    /** All gradients of the clipper, of which these are a part. */
    final Gradient[] all;

    /** The p of the norm that the report speaks of. */
    private final double p;

    private final double[] terms;
    private final ExactSum sum = new ExactSum();
    private double measured = Double.NaN;
    private double threshold = Double.NaN;

    private Gradients(Gradient[] each, String scope, Gradient[] all, double p) {
        this.each = each;
        this.scope = scope;
        this.all = all;
        this.p = p;
        terms = new double[each.length];
    }

    /** @param p of the norm that the report speaks of */
    static Gradients of(Parameters parameters, double p) {
        Gradient[] each = new Gradient[parameters.count()];
        Gradient.Draft draft = new Gradient.Draft();
        for (int i = 0; i < each.length; i++) {
            Parameters.Slice slice = parameters.slice(i);
            each[i] = new Gradient(
                    slice.name(),
                    parameters.gradients(),
                    slice.offset(),
                    slice.length(),
                    p,
                    slice,
                    parameters.weights(),
                    draft);
        }
        return new Gradients(each, "", each, p);
    }

    /** @param p of the norm that the report speaks of */
    static Gradients of(float[][] arrays, double p) {
        Arguments.notNull("gradients", arrays);
        Gradient[] each = new Gradient[arrays.length];
        Gradient.Draft draft = new Gradient.Draft();
        Set<float[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < each.length; i++) {
            String name = "gradients[" + i + "]";
            float[] array = Arguments.notNull(name, arrays[i]);
            if (!seen.add(array)) {
                throw new IllegalArgumentException(
                        name + " is an array that stands before it: expected different arrays");
            }
            each[i] = new Gradient(name, array, 0, array.length, p, null, null, draft);
        }
        return new Gradients(each, "", each, p);
    }

    /** Some of these, with a scope of their own. */
    Gradients left(Gradient[] some, String scope) {
        return new Gradients(some, scope, all, p);
    }

    Gradient at(int i) {
        return each[Arguments.index("i", i, each.length)];
    }

    /** Forgets what was compared. */
    void forget() {
        measured = Double.NaN;
        threshold = Double.NaN;
    }

    /**
     * For the report: a norm or the like, and the threshold above which the rule clips. Where a rule compares several, the pair
     * with the largest quotient is kept.
     */
    void compared(double measured, double threshold) {
        if (Double.isNaN(measured)) {
            return;
        }
        boolean more = threshold == this.threshold
                ? measured > this.measured
                : measured * this.threshold > this.measured * threshold;
        if (more || Double.isNaN(this.measured)) {
            this.measured = measured;
            this.threshold = threshold;
        }
    }

    /** What was compared with {@link #threshold} in this step; NaN if nothing was. */
    double measured() {
        return measured;
    }

    double threshold() {
        return threshold;
    }

    /** The smallest factor applied to any of them; 1 if none was. */
    double factor() {
        double smallest = 1;
        for (Gradient gradient : each) {
            smallest = Math.min(smallest, gradient.applied());
        }
        return smallest;
    }

    double clampedFraction() {
        long clamped = 0;
        long elements = 0;
        for (Gradient gradient : each) {
            clamped += gradient.clamped();
            elements += gradient.length;
        }
        return elements == 0 ? 0 : (double) clamped / elements;
    }

    /** Whether {@link #clampedFraction} is known in this step, and of one rule alone. */
    boolean countedForOne() {
        for (Gradient gradient : each) {
            if (!gradient.countedForOne()) {
                return false;
            }
        }
        return true;
    }

    /**
     * An element for each of theirs, one tensor after the other: what a rule remembers.
     *
     * @throws IllegalArgumentException if one array cannot hold them
     */
    float[] memory(Rule rule) {
        long size = 0;
        for (Gradient gradient : each) {
            size += gradient.length;
        }
        if (size > Arguments.LARGEST_ARRAY) {
            throw new IllegalArgumentException(rule + " on " + size + " elements: expected at most "
                    + Arguments.LARGEST_ARRAY + ", which one array can hold");
        }
        return new float[(int) size];
    }

    /** Reads the terms of all of them, for {@link Rule#measure}. */
    void measure(double p) {
        for (Gradient gradient : each) {
            gradient.term(p);
        }
    }

    /** The norm of gradient i before clipping, for the report. */
    double normBefore(int i) {
        return Norms.norm(at(i).termBefore(), p);
    }

    /** The norm of gradient i after clipping, for the report. */
    double normAfter(int i) {
        return Norms.norm(at(i).termAfter(), p);
    }

    /** The norm of all of them together, of what the plan so far leaves. */
    double norm(double p) {
        for (int i = 0; i < each.length; i++) {
            terms[i] = each[i].term(p);
        }
        return combined(p);
    }

    /** The norm before clipping, for the report. */
    double normBefore() {
        for (int i = 0; i < each.length; i++) {
            terms[i] = each[i].termBefore();
        }
        return combined(p);
    }

    /** The norm after clipping, for the report. */
    double normAfter() {
        for (int i = 0; i < each.length; i++) {
            terms[i] = each[i].termAfter();
        }
        return combined(p);
    }

    // Sums are exact and a maximum has no rounding: the order of the tensors changes nothing.
    private double combined(double p) {
        sum.clear();
        if (p == 1 || p == 2) {
            for (double term : terms) {
                sum.add(term);
            }
            return Norms.norm(sum.value(), p);
        }
        double max = 0;
        for (double term : terms) {
            max = Math.max(max, term);
        }
        if (p == Double.POSITIVE_INFINITY || !(max > 0 && max < Double.POSITIVE_INFINITY)) {
            return max;
        }
        for (double term : terms) {
            sum.add(Norms.power(term / max, p));
        }
        return max * Norms.power(sum.value(), 1 / p);
    }
}
