package dev.espalier.clip;

import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Reductions;
import dev.espalier.tensor.Parameters;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of one parameter, and what is planned for it: {@code x → min(max(x·factor, low), high)} with {@code low ≤ 0 ≤ high}.
 *
 * <p>Rules add to the plan with {@link #clamp} and {@link #scale} and see through {@link #term} what earlier rules left. Where one
 * factor and one pair of bounds cannot hold two rules exactly, the plan so far is applied to the array and a new one begins. A
 * rule that no plan can hold calls {@link #rewrite} and then writes the array.
 *
 * <p>Exactly means to the bit: a plan gives the same as applying one rule after the other.
 */
final class Gradient {
    private static final int NOT_COUNTED = -1;

    final String name;
    final float[] array;
    final int offset;
    final int length;

    /** The parameter it belongs to; null on plain arrays. */
    final Parameters.@Nullable Slice slice;

    /** The weights, at the same offset; null on plain arrays. */
    final float @Nullable [] weights;

    private final Draft draft;

    /** How many threads may share a pass over it. */
    int threads = Runtime.getRuntime().availableProcessors();

    /** The p of the norm that the report speaks of. */
    final double reportP;

    private float factor = 1;
    private float low = Float.NEGATIVE_INFINITY;
    private float high = Float.POSITIVE_INFINITY;

    /** Factor and bounds when the last rule clamped. A later factor rounds elements just beyond a bound to the bound. */
    private float clampedAfter = 1;

    private float lowest = Float.NEGATIVE_INFINITY;
    private float highest = Float.POSITIVE_INFINITY;

    /** The product of all factors so far. */
    private double applied = 1;

    private boolean limited;

    /** What was last compared in this step, and with what. */
    private double measured = Double.NaN;

    private double threshold = Double.NaN;

    /** Term of the array as it lies there. */
    private final Memo lying = new Memo();

    /** Term of what the plan would leave of it. */
    private final Memo planned = new Memo();

    /** The largest magnitude in the array as it lies there, if it has been looked for; else NaN. */
    private double largest = Double.NaN;

    /** Elements outside the plan's bounds when these were set, if counted. */
    private int outside = NOT_COUNTED;

    /** Elements that plans applied earlier in this step have clamped. */
    private int clamped;

    /** How many rules have clamped in this step. */
    private int clamps;

    /** The term before clipping, kept once the array is written. */
    private double before;

    private boolean written;

    /** @param reportP the norm the report speaks of */
    Gradient(
            String name,
            float[] array,
            int offset,
            int length,
            double reportP,
            Parameters.@Nullable Slice slice,
            float @Nullable [] weights,
            Draft draft) {
        this.name = name;
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.reportP = reportP;
        this.slice = slice;
        this.weights = weights;
        this.draft = draft;
    }

    /** Forgets the last step. */
    void begin() {
        neutral();
        applied = 1;
        limited = false;
        threshold = Double.NaN;
        clamped = 0;
        clamps = 0;
        written = false;
        forgetLying();
    }

    float factor() {
        return factor;
    }

    float low() {
        return low;
    }

    float high() {
        return high;
    }

    /** The product of all factors of this step; 1 if there were none. */
    double applied() {
        return applied;
    }

    /** What was compared with {@link #threshold} since {@link #compare}; NaN if nothing was. */
    double measured() {
        return measured;
    }

    /** Another rule begins to compare. */
    void compare() {
        measured = Double.NaN;
    }

    /** The threshold that {@link #limit} was last given in this step; NaN if it was not called. */
    double threshold() {
        return threshold;
    }

    /** Whether the plan is another one's to the bit. */
    boolean samePlan(Gradient other) {
        return same(factor, other.factor) && same(low, other.low) && same(high, other.high);
    }

    /** The {@linkplain Norms term} of what the plan so far leaves. Nothing is written. */
    double term(double p) {
        if (neutralPlan()) {
            return lyingTerm(p);
        }
        if (!planned.holds(p)) {
            planned.hold(p, plannedTerm(p));
        }
        return planned.term;
    }

    /** The norm of what the plan so far leaves. */
    double norm(double p) {
        return Norms.norm(term(p), p);
    }

    /** The term before clipping. */
    double termBefore() {
        return written ? before : lyingTerm(reportP);
    }

    /** The term after clipping. */
    double termAfter() {
        return factor == 1 && allInside() ? lyingTerm(reportP) : term(reportP);
    }

    /** The index of the first NaN or ±∞, or −1. Costs nothing if a term is known and finite. */
    int firstNonFinite() {
        if ((lying.known && Double.isFinite(lying.term)) || Double.isFinite(largest)) {
            return -1;
        }
        return Reductions.firstNonFinite(array, offset, length, threads);
    }

    /** Finds the {@link #largest} magnitude, and NaN and ±∞ on the way. */
    void search() {
        if (Double.isNaN(largest)) {
            largest = Reductions.maxAbs(array, offset, length, threads);
        }
    }

    /** The largest magnitude, if {@link #search} has found it and no rule has touched the gradient since; else NaN. */
    double largest() {
        return neutralPlan() ? largest : Double.NaN;
    }

    int zeroNonFinite() {
        forgetLying();
        return Elementwise.zeroNonFinite(array, offset, length);
    }

    /** Whether a norm exceeded its threshold or an element its bounds. */
    boolean clipped() {
        return limited || clamped > 0 || !allInside();
    }

    /** How many elements lay outside their bounds; one that was clamped by two rules of a chain may count once or twice. */
    int clamped() {
        return (int) Math.min(length, (long) clamped + outside());
    }

    /** Whether {@link #clamped} is known already, and of one rule alone. */
    boolean countedForOne() {
        return clamps == 1 && (outside != NOT_COUNTED || !bounded());
    }

    /**
     * {@code g ← min(max(g, low), high)}, low negative or −0, high positive or +0: an element that a bound makes 0 keeps its sign,
     * as it does when it is scaled to 0.
     */
    void clamp(float low, float high) {
        if (bounded() && factor != clampedAfter) {
            // The bounds to be counted against have been scaled since, and would be forgotten.
            clamped = clamped();
        }
        clamps++;
        this.low = Math.max(low, this.low);
        this.high = Math.min(high, this.high);
        countAgainst(factor, this.low, this.high);
        planned.known = false;
    }

    /** {@code g ← g·(threshold/norm)} if the norm exceeds the threshold. An infinite threshold never does anything. */
    void limit(double norm, double threshold) {
        measured = norm;
        this.threshold = threshold;
        if (threshold == Double.POSITIVE_INFINITY || norm <= threshold) {
            return;
        }
        limited = true;
        scale(threshold / norm);
    }

    /** {@code g ← g·(threshold/(threshold + norm))}, where that is not 0 by 0. An infinite threshold never does anything. */
    void soften(double norm, double threshold) {
        measured = norm;
        this.threshold = threshold;
        if (threshold == Double.POSITIVE_INFINITY || threshold + norm <= threshold) {
            return;
        }
        limited = true;
        scale(threshold / (threshold + norm));
    }

    /**
     * {@code g ← g·k} for k in [0, 1] or NaN: in one float multiplication by (float) k if that is a normal float or 0, which is within
     * 1 ulp of {@code (float) ((double) g·k)}; in double otherwise.
     */
    void scale(double k) {
        applied *= k;
        float next = (float) k;
        if (k > 0 && next < Float.MIN_NORMAL) {
            rewrite();
            Elementwise.scale(array, offset, length, k);
            return;
        }
        // Two factors would be one rounding where there should be two, and 0 or NaN times an infinite element is not
        // the bound.
        if (factor != 1 || (bounded() && !(next > 0))) {
            apply();
        }
        // Rounding is monotone: to clamp the scaled value to the scaled bounds is to scale the clamped value.
        if (bounded()) {
            low *= next;
            high *= next;
        }
        factor = next;
        planned.known = false;
    }

    /** Applies the plan to the array and begins a new one. Nothing is written if the plan changes nothing. */
    void apply() {
        if (factor != 1 || !allInside()) {
            keepBefore();
            if (bounded()) {
                clamped = clamped();
                Elementwise.clip(array, offset, length, factor, low, high, threads);
            } else {
                Elementwise.scale(array, offset, length, factor, threads);
            }
            forgetLying();
        }
        neutral();
    }

    /** Applies the plan; afterwards the rule may write the array. */
    void rewrite() {
        apply();
        keepBefore();
        forgetLying();
    }

    /** What a rule did that has written the array: its smallest factor, and the largest norm it compared with a threshold. */
    void limited(double smallest, double measured, double threshold) {
        this.measured = measured;
        this.threshold = threshold;
        limited |= !(smallest >= 1);
        applied *= smallest;
    }

    /** What a rule did that has written the array: so many elements lay outside of bounds of their own. */
    void clampedHere(int elements) {
        clamps++;
        clamped = (int) Math.min(length, (long) clamped + elements);
    }

    private void keepBefore() {
        if (!written) {
            before = lyingTerm(reportP);
            written = true;
        }
    }

    private double lyingTerm(double p) {
        if (p == Double.POSITIVE_INFINITY) {
            search();
            return largest;
        }
        if (!lying.holds(p)) {
            lying.hold(p, Norms.term(array, offset, length, p, threads));
        }
        return lying.term;
    }

    private void forgetLying() {
        lying.known = false;
        largest = Double.NaN;
    }

    private double plannedTerm(double p) {
        if (p == 2) {
            return Reductions.sumOfSquares(array, offset, length, factor, low, high, threads);
        }
        // No kernel clips and sums in one pass for other norms: clip a copy.
        float[] copy = draft.of(length);
        System.arraycopy(array, offset, copy, 0, length);
        Elementwise.clip(copy, 0, length, factor, low, high, threads);
        return Norms.term(copy, 0, length, p, threads);
    }

    /** Whether no element lies outside the plan's bounds: without reading the array, if its largest magnitude can tell. */
    private boolean allInside() {
        if (outside == NOT_COUNTED && bounded()) {
            // The product that the kernels round the same way.
            float reached = (float) largest * clampedAfter;
            if (reached <= Math.min(-lowest, highest)) {
                outside = 0;
            } else if (reached > Math.max(-lowest, highest)) {
                return false;
            }
        }
        return outside() == 0;
    }

    private int outside() {
        if (outside == NOT_COUNTED) {
            outside = bounded()
                    ? Reductions.countOutside(array, offset, length, clampedAfter, lowest, highest, threads)
                    : 0;
        }
        return outside;
    }

    private boolean bounded() {
        return low != Float.NEGATIVE_INFINITY || high != Float.POSITIVE_INFINITY;
    }

    private boolean neutralPlan() {
        return factor == 1 && !bounded();
    }

    private void neutral() {
        factor = 1;
        low = Float.NEGATIVE_INFINITY;
        high = Float.POSITIVE_INFINITY;
        countAgainst(factor, low, high);
        planned.known = false;
    }

    private void countAgainst(float factor, float low, float high) {
        clampedAfter = factor;
        lowest = low;
        highest = high;
        outside = NOT_COUNTED;
    }

    private static boolean same(float a, float b) {
        return Float.floatToRawIntBits(a) == Float.floatToRawIntBits(b);
    }

    /** Room for what a plan would leave of a gradient. Those of one clip share it. */
    static final class Draft {
        private float[] array = {};

        private float[] of(int n) {
            if (array.length < n) {
                array = new float[n];
            }
            return array;
        }
    }

    /** A measured term and its p. */
    private static final class Memo {
        private boolean known;
        private double p;
        private double term;

        boolean holds(double p) {
            return known && this.p == p;
        }

        void hold(double p, double term) {
            known = true;
            this.p = p;
            this.term = term;
        }
    }
}
