package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;

/**
 * Activation functions {@code y = f(z)} and their gradients. Each derivative is a function of the output alone, so a layer
 * keeps y and not z.
 */
public enum Activation {
    /** {@code f(z) = z}. */
    LINEAR,
    /** {@code f(z) = max(z, 0)}; {@code f'(z) = 0} where {@code y ≤ 0}, else 1. NaN stays NaN. */
    RELU,
    /** {@code f(z) = tanh z}; {@code f'(z) = 1 − y²}. */
    TANH,
    /** {@code f(z) = 1/(1 + e⁻ᶻ)}; {@code f'(z) = y − y²}. */
    SIGMOID;

    /** {@code x ← f(x)} in place. */
    public void apply(float[] x, int xOffset, int n) {
        window("x", x, xOffset, n);
        switch (this) {
            case LINEAR -> {}
            case RELU -> {
                if (Simd.ON) {
                    VectorElementwise.relu(x, xOffset, n);
                } else {
                    ScalarElementwise.relu(x, xOffset, n);
                }
            }
            case TANH -> Transcendental.tanh(x, xOffset, x, xOffset, n);
            case SIGMOID -> Transcendental.sigmoid(x, xOffset, x, xOffset, n);
        }
    }

    /**
     * {@code dy ← dy·f'(z)} in place, with {@code f'} taken from the output {@code y = f(z)}. A zero of the derivative of RELU
     * gives 0 whatever dy holds.
     */
    public void gradient(float[] y, int yOffset, float[] dy, int dyOffset, int n) {
        window("y", y, yOffset, n);
        window("dy", dy, dyOffset, n);
        Arguments.disjoint("y", y, yOffset, n, "dy", dy, dyOffset, n);
        switch (this) {
            case LINEAR -> {}
            case RELU -> {
                if (Simd.ON) {
                    VectorElementwise.reluGradient(y, yOffset, dy, dyOffset, n);
                } else {
                    ScalarElementwise.reluGradient(y, yOffset, dy, dyOffset, n);
                }
            }
            case TANH -> {
                if (Simd.ON) {
                    VectorElementwise.tanhGradient(y, yOffset, dy, dyOffset, n);
                } else {
                    ScalarElementwise.tanhGradient(y, yOffset, dy, dyOffset, n);
                }
            }
            case SIGMOID -> {
                if (Simd.ON) {
                    VectorElementwise.sigmoidGradient(y, yOffset, dy, dyOffset, n);
                } else {
                    ScalarElementwise.sigmoidGradient(y, yOffset, dy, dyOffset, n);
                }
            }
        }
    }
}
