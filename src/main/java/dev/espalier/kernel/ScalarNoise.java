package dev.espalier.kernel;

/** The definition of {@link Noise}, and the tails of {@link VectorNoise}. */
final class ScalarNoise {
    /** Elements that share eight pairs: the first numbers of all, then the second ones. A vector is never split. */
    static final int GROUP = 16;

    static final int PAIRS = GROUP / 2;

    static final long GAMMA = 0x9E3779B97F4A7C15L;
    static final long MIX1 = 0xBF58476D1CE4E5B9L;
    static final long MIX2 = 0x94D049BB133111EBL;

    /** Exponent bits of 1: below 52 random bits they make a double in [1, 2). */
    static final long ONE = 0x3FF0000000000000L;

    static final double HALF_PI = 1.5707963267948966;

    static final double S3 = -1.0 / 6;
    static final double S5 = 1.0 / 120;
    static final double S7 = -1.0 / 5040;
    static final double S9 = 1.0 / 362880;
    static final double S11 = -1.0 / 39916800;
    static final double C2 = -1.0 / 2;
    static final double C4 = 1.0 / 24;
    static final double C6 = -1.0 / 720;
    static final double C8 = 1.0 / 40320;
    static final double C10 = -1.0 / 3628800;
    static final double C12 = 1.0 / 479001600;

    private ScalarNoise() {}

    /** The elements from {@code first}, a multiple of {@link #GROUP}, on. */
    static void addGaussian(float[] x, int xo, int first, int n, double deviation, long seed) {
        for (int group = first; n - group > 0; group += GROUP) {
            int pairs = Math.min(PAIRS, n - group);
            for (int j = 0; j < pairs; j++) {
                long state = seed + (group + 2L * j + 1) * GAMMA;
                double u = 2.0 - Double.longBitsToDouble((mix(state) >>> 12) | ONE);
                double radius = Math.sqrt(-2.0 * ScalarTranscendental.log(u));

                long bits = mix(state + GAMMA);
                double angle = (Double.longBitsToDouble((bits >>> 12) | ONE) - 1.5) * HALF_PI;
                double z = angle * angle;
                double sine = Math.fma(S11, z, S9);
                sine = Math.fma(sine, z, S7);
                sine = Math.fma(sine, z, S5);
                sine = Math.fma(sine, z, S3);
                sine = Math.fma(sine, z, 1.0) * angle;
                double cosine = Math.fma(C12, z, C10);
                cosine = Math.fma(cosine, z, C8);
                cosine = Math.fma(cosine, z, C6);
                cosine = Math.fma(cosine, z, C4);
                cosine = Math.fma(cosine, z, C2);
                cosine = Math.fma(cosine, z, 1.0);

                // The lowest bit turns right into left, the next one exchanges both axes.
                long a = Double.doubleToRawLongBits(cosine) ^ (bits << 63);
                long b = Double.doubleToRawLongBits(sine);
                long exchanged = (a ^ b) & ((bits << 62) >> 63);
                int at = xo + group + j;
                x[at] = (float) Math.fma(radius * Double.longBitsToDouble(a ^ exchanged), deviation, x[at]);
                if (group + j + PAIRS < n) {
                    at += PAIRS;
                    x[at] = (float) Math.fma(radius * Double.longBitsToDouble(b ^ exchanged), deviation, x[at]);
                }
            }
        }
    }

    private static long mix(long state) {
        long z = (state ^ (state >>> 30)) * MIX1;
        z = (z ^ (z >>> 27)) * MIX2;
        return z ^ (z >>> 31);
    }
}
