package dev.espalier.clip;

/**
 * What one clip of a chain did in the last step: {@code value(1).then(globalNorm(5).only("*.weight"))} has two parts, the second
 * one with the weights as its group. Part of the {@link ClipReport} and, as that, overwritten by every step.
 *
 * <p>Norms, factor and clamped fraction speak of its tensors and of the whole step; {@link #measured}, {@link #threshold} and the
 * rates of what this clip compared.
 */
public sealed interface ClipPart permits Part {
    /** The clip and the names it is limited to, for example {@code globalNorm(1.0).only("*.weight")}. */
    String name();

    /** The number of its tensors. */
    int count();

    /**
     * The name of its tensor i.
     *
     * @throws IndexOutOfBoundsException if there is no such tensor
     */
    String tensor(int i);

    /** The norm over its tensors before the step's first clip, as {@link ClipReport#normBefore}. */
    double normBefore();

    /** The norm over its tensors after the step's last clip, as {@link ClipReport#normAfter}. */
    double normAfter();

    /** The smallest factor applied to any of its tensors or units; 1 if none was. */
    double factor();

    /** The share of its tensors' elements that lay outside their bounds, in [0, 1]. */
    double clampedFraction();

    /**
     * What this clip compared with {@link #threshold}: its norm, in its own p (averageNorm: n/N, blockRms: the root mean square, agc:
     * ‖g‖/max(‖w‖, ε)); where there are several (tensors, units), the one that is largest beside its threshold. For value with the bounds −c and c the largest magnitude, if the search for NaN and ±∞ has found it: not behind another
     * clip of the same tensors, nor under {@link NonFinite#PROPAGATE}, nor in a step that had elements to be zeroed, unless a clip of the chain
     * wants that magnitude for its norm. NaN if nothing was compared.
     */
    double measured();

    /** The threshold in force in this step; NaN if nothing was compared. Adaptive clips choose another one in every step. */
    double threshold();

    /**
     * Whether {@link #measured} exceeded {@link #threshold}; false if nothing was compared. {@link Clip#soft} shortens every gradient
     * and counts those beyond its threshold.
     */
    boolean clipped();

    /**
     * In how many steps it is known whether this clip clipped, since it was bound. Skipped steps do not count, nor those in which it
     * compared nothing and nobody asked for the clamped fraction, or another clip has clamped elements of the same tensors, too.
     */
    long steps();

    /** The share of {@link #steps} in which this clip clipped, in [0, 1]; NaN before the first. */
    double clipRate();
}
