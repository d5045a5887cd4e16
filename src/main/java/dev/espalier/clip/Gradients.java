package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The gradients a rule is bound to: all of a model, or the part that a filter or a group leaves. */
final class Gradients {
    final Gradient[] each;

    private final double[] terms;
    private final ExactSum sum = new ExactSum();

    Gradients(Gradient[] each) {
        this.each = each;
        terms = new double[each.length];
    }

    /** @param reportP the norm the report speaks of */
    static Gradients of(Parameters parameters, double reportP) {
        Gradient[] each = new Gradient[parameters.count()];
        for (int i = 0; i < each.length; i++) {
            Parameters.Slice slice = parameters.slice(i);
            each[i] = new Gradient(
                    slice.name(),
                    parameters.gradients(),
                    slice.offset(),
                    slice.length(),
                    reportP,
                    slice,
                    parameters.weights());
        }
        return new Gradients(each);
    }

    /** @param reportP the norm the report speaks of */
    static Gradients of(float[][] arrays, double reportP) {
        Arguments.notNull("gradients", arrays);
        Gradient[] each = new Gradient[arrays.length];
        Set<float[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < each.length; i++) {
            String name = "gradients[" + i + "]";
            float[] array = Arguments.notNull(name, arrays[i]);
            if (!seen.add(array)) {
                throw new IllegalArgumentException(
                        name + " is an array that stands before it: expected different arrays");
            }
            each[i] = new Gradient(name, array, 0, array.length, reportP, null, null);
        }
        return new Gradients(each);
    }

    /** The number of elements of all of them. */
    int size() {
        int size = 0;
        for (Gradient gradient : each) {
            size = Math.addExact(size, gradient.length);
        }
        return size;
    }

    Gradient at(int i) {
        if (i < 0 || i >= each.length) {
            throw new IndexOutOfBoundsException("i = " + i + ": expected within [0, " + each.length + ")");
        }
        return each[i];
    }

    /** The norm of all of them together, of what the plan so far leaves. */
    double norm(double p) {
        for (int i = 0; i < each.length; i++) {
            terms[i] = each[i].term(p);
        }
        return combined(p);
    }

    /** The norm before clipping, in the p of the report. */
    double normBefore(double p) {
        for (int i = 0; i < each.length; i++) {
            terms[i] = each[i].termBefore();
        }
        return combined(p);
    }

    /** The norm after clipping, in the p of the report. */
    double normAfter(double p) {
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
