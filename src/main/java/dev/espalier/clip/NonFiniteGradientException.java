package dev.espalier.clip;

/**
 * A gradient holds NaN or ±∞ and the policy does not let it pass: {@link NonFinite#THROW}, or {@link NonFinite#SKIP_STEP} after
 * too many skips in a row. Thrown before anything is written.
 */
public final class NonFiniteGradientException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    private final String parameter;
    private final int index;
    private final float value;

    NonFiniteGradientException(String parameter, int index, float value, String because) {
        super("gradient of " + parameter + " is " + value + " at index " + index + ": expected finite numbers ("
                + because + ")");
        this.parameter = parameter;
        this.index = index;
        this.value = value;
    }

    /** The name of the first parameter with such an element; {@code gradients[i]} on plain arrays. */
    public String parameter() {
        return parameter;
    }

    /** The index of the first such element within its parameter. */
    public int index() {
        return index;
    }

    /** That element: NaN, +∞ or −∞. */
    public float value() {
        return value;
    }
}
