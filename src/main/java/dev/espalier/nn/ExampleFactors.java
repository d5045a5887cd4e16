package dev.espalier.nn;

/**
 * Chooses a factor for the gradient of each example, between propagation and the gradients of the parameters; see
 * {@link Pass#backward(int, boolean, ExampleFactors)}. Who chooses knows no layer, and a layer does not know who chose.
 */
@FunctionalInterface
public interface ExampleFactors {
    /**
     * Writes the factors of the first {@code rows} examples.
     *
     * @param squares {@code ‖g_i‖²}, the square of the 2-norm of the gradient of example i over all parameters, with a
     *     relative error below 2⁻⁴³ (up to 400 layers); NaN or +∞ exactly when something that it is made of is not finite
     * @param units {@code u_i}: were every number that is multiplied by factor i rounded wrongly by d at most, the norm
     *     of the scaled gradient would change by {@code d·√u_i} at most
     * @param factors where they go, in [0, 1]: 1 leaves every bit of an example as it is, 0 drops the example, even one
     *     that is not finite
     */
    void choose(int rows, double[] squares, double[] units, double[] factors);
}
