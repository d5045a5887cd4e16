package dev.espalier.clip;

/** What happens in a step whose gradients hold NaN or ±∞. */
public enum NonFinite {
    /**
     * The step does not take place: weights, moments, counters and the memory of clips stay as they were, to the bit. After
     * {@link Clip#maxConsecutiveSkips} skips in a row the next one throws {@link NonFiniteGradientException}. The default.
     */
    SKIP_STEP,

    /** {@link NonFiniteGradientException}, which names the parameter and the index; nothing has changed. */
    THROW,

    /** Every NaN and ±∞ becomes 0 in the gradient, then the clip sees what is left. */
    ZERO_ELEMENTS,

    /**
     * No check: raw IEEE arithmetic. NaN passes a clamp and ±∞ is clamped; a norm that is NaN makes the whole scope NaN, an
     * infinite one makes finite elements 0 and infinite ones NaN. Weights may become NaN or infinite.
     */
    PROPAGATE
}
