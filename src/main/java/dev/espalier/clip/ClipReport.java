package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a clip did in the last step. One object per {@link Clipper}, overwritten by every step.
 *
 * <p>{@link #parts} tells it for each group and each clip of a chain.
 *
 * <p>What the clip did not need to know is measured when it is asked for, from the gradients: the answers hold until the next
 * backward pass or step writes them. Norms are those of the clip: the p-norm of the last {@link Clip#globalNorm(float, double)}
 * in it without a filter, else the 2-norm.
 */
public final class ClipReport {
    private final Gradients gradients;
    private final List<ClipPart> parts;

    /** Steps skipped in all, and in a row. */
    private final long[] skips = new long[2];

    private boolean skipped;

    /** Whether somebody asked for the norm of this step. */
    private boolean asked;

    private @Nullable Gradient nonFinite;
    private int nonFiniteIndex;
    private int zeroed;

    ClipReport(Gradients gradients, List<Part> parts) {
        this.gradients = gradients;
        this.parts = List.copyOf(parts);
    }

    /**
     * The norm over all tensors before clipping, and after {@link NonFinite#ZERO_ELEMENTS} has put its zeros; NaN or infinite if
     * there are elements like that.
     */
    public double normBefore() {
        asked = true;
        return gradients.normBefore();
    }

    /** The norm over all tensors after clipping: of what the optimizer is handed. That of before in a skipped step. */
    public double normAfter() {
        return gradients.normAfter();
    }

    /** The smallest factor applied to any tensor; 1 if none was. */
    public double factor() {
        return gradients.factor();
    }

    /** Whether a norm exceeded its threshold or an element its bounds, or {@link Clip#soft} shortened the gradient. */
    public boolean clipped() {
        for (Gradient gradient : gradients.each) {
            if (gradient.clipped()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The share of elements that lay outside their bounds, in [0, 1]; 0 if there are no bounds or no elements. One that two clips of a chain have
     * clamped, with a norm between them, counts twice.
     */
    public double clampedFraction() {
        return gradients.clampedFraction();
    }

    /** Whether this step does not take place, because of a non-finite gradient; false if {@link NonFiniteGradientException} was thrown. */
    public boolean skipped() {
        return skipped;
    }

    /** How many of the last steps were skipped in a row, this one included. */
    public int consecutiveSkips() {
        return (int) skips[1];
    }

    /** How many steps were skipped in all. */
    public long skips() {
        return skips[0];
    }

    /** The name of the first tensor with NaN or ±∞, {@code gradients[i]} on plain arrays; null if all elements were finite or
     * nobody looked ({@link NonFinite#PROPAGATE}). */
    public @Nullable String nonFiniteName() {
        return nonFinite == null ? null : nonFinite.name;
    }

    /** The index of the first NaN or ±∞ within {@link #nonFiniteName}; −1 if there is none. */
    public int nonFiniteIndex() {
        return nonFinite == null ? -1 : nonFiniteIndex;
    }

    /** How many elements {@link NonFinite#ZERO_ELEMENTS} replaced by 0. */
    public int zeroed() {
        return zeroed;
    }

    /** The number of tensors. */
    public int count() {
        return gradients.each.length;
    }

    /**
     * The name of tensor i.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public String name(int i) {
        return gradients.at(i).name;
    }

    /**
     * The norm of tensor i before clipping.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public double tensorNorm(int i) {
        return gradients.normBefore(i);
    }

    /**
     * The norm of tensor i after clipping.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public double tensorNormAfter(int i) {
        return gradients.normAfter(i);
    }

    /**
     * The factor applied to tensor i, the quotient of threshold and norm, the smallest one of its units; the product of them in a chain; 1
     * if there was none.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public double tensorFactor(int i) {
        return gradients.at(i).applied();
    }

    /**
     * The share of elements of tensor i that lay outside their bounds, in [0, 1].
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public double tensorClampedFraction(int i) {
        Gradient gradient = gradients.at(i);
        return gradient.length == 0 ? 0 : (double) gradient.clamped() / gradient.length;
    }

    /**
     * The threshold that a norm of tensor i, or of a scope it belongs to, was last compared with in this step; NaN if none was.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    public double tensorThreshold(int i) {
        return gradients.at(i).threshold();
    }

    /**
     * The clips of the chain in their order, each with its group of tensors; one for a clip that is no chain. The same objects
     * every time.
     */
    public List<ClipPart> parts() {
        return parts;
    }

    /** For example {@code norm 5.0 -> 1.0}. */
    @Override
    public String toString() {
        if (skipped) {
            return "skipped: " + nonFiniteName() + "[" + nonFiniteIndex + "] is not finite";
        }
        return "norm " + normBefore() + " -> " + normAfter();
    }

    boolean asked() {
        return asked;
    }

    void begin() {
        asked = false;
        skipped = false;
        nonFinite = null;
        zeroed = 0;
    }

    void taken() {
        skips[1] = 0;
    }

    void skip() {
        skipped = true;
        skips[0]++;
        skips[1]++;
    }

    StateArray state() {
        return new StateArray.Longs("skips", skips);
    }

    void nonFinite(Gradient gradient, int index) {
        nonFinite = gradient;
        nonFiniteIndex = index;
    }

    void zeroed(int elements) {
        zeroed += elements;
    }

    NonFiniteGradientException exception(String because) {
        Gradient gradient = Objects.requireNonNull(nonFinite);
        return new NonFiniteGradientException(
                gradient.name, nonFiniteIndex, gradient.array[gradient.offset + nonFiniteIndex], because);
    }
}
