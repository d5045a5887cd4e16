package dev.espalier.internal;

/**
 * SplitMix64: {@code state += 0x9E3779B97F4A7C15; output = finish(state)} (Steele, Lea, Flood: Fast splittable pseudorandom
 * number generators, OOPSLA 2014). Written out because the same seed must give the same weights on every JDK, and because its
 * whole state is one long.
 */
public final class SplitMix64 {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    public SplitMix64(long seed) {
        state = seed;
    }

    /** A seed for stream number {@code stream} of {@code seed}: streams of one seed do not overlap in practice. */
    public static long mix(long seed, long stream) {
        return finish(finish(seed + GAMMA) + (stream + 1) * GAMMA);
    }

    public long nextLong() {
        state += GAMMA;
        return finish(state);
    }

    /** Uniform in [0, 1), a multiple of 2⁻²⁴. */
    public float nextFloat() {
        return (nextLong() >>> 40) * 0x1p-24f;
    }

    /** Uniform in [0, 1), a multiple of 2⁻⁵³. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** Uniform in [0, bound), without bias (Lemire: Fast random integer generation in an interval, 2019). */
    public int nextInt(int bound) {
        Arguments.positive("bound", bound);
        long product = (nextLong() >>> 32) * bound;
        if ((product & 0xFFFFFFFFL) < bound) {
            long threshold = (1L << 32) % bound;
            while ((product & 0xFFFFFFFFL) < threshold) {
                product = (nextLong() >>> 32) * bound;
            }
        }
        return (int) (product >>> 32);
    }

    /** Standard normal by Box and Muller; StrictMath, so that the bits do not depend on the platform. */
    public double nextGaussian() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * nextDouble());
    }

    private static long finish(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
