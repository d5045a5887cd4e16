package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;

/**
 * Gaussian noise on windows of {@code float[]}, a function of seed and index alone.
 *
 * <p>Element i of a window belongs to pair {@code p = 8·(i div 16) + i mod 8} and is its first number if {@code i mod 16 < 8},
 * else its second. Pair p takes outputs 2p and 2p + 1 of the SplitMix64 stream of the seed (Steele, Lea, Flood 2014): the first
 * gives a radius {@code √(−2·ln u)}, u in {@code (0, 1]} in steps of 2⁻⁵²; the second an angle within ±π/4, and two bits that
 * turn it into one of four sectors (Box, Muller: A note on the generation of random normal deviates, 1958). Everything is
 * evaluated in double by polynomials with an error below 2⁻³¹; no |z| exceeds 8.5.
 *
 * <p>SplitMix64 is no cryptographic generator: who knows a few numbers of a stream can compute all others.
 */
public final class Noise {
    private Noise() {}

    /**
     * {@code x_i ← (float)(x_i + deviation·z_i)}, z_i standard normal, rounded to double and then to float. NaN and ±∞ stay what
     * they are.
     *
     * @throws IllegalArgumentException if deviation is negative, infinite or NaN
     */
    public static void addGaussian(float[] x, int xOffset, int n, double deviation, long seed) {
        window("x", x, xOffset, n);
        if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw Arguments.expected("deviation", deviation, "a finite number at least 0");
        }
        if (Simd.ON) {
            VectorNoise.addGaussian(x, xOffset, n, deviation, seed);
        } else {
            ScalarNoise.addGaussian(x, xOffset, 0, n, deviation, seed);
        }
    }
}
