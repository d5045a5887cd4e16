package dev.espalier.examples.digits;

/**
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014), written out so that a
 * seed draws the same digits on every JDK.
 */
final class Dice {
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    /** Throws for item {@code index} of {@code seed}; no item depends on another. */
    Dice(long seed, long index) {
        state = mix(mix(seed) + index * GAMMA);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private long next() {
        state += GAMMA;
        return mix(state);
    }

    /** Uniform in [0, bound); the bias of 2⁻³² does not matter here. */
    int below(int bound) {
        return (int) ((next() >>> 32) * bound >>> 32);
    }

    /** Uniform in [low, high). */
    float between(float low, float high) {
        return low + (high - low) * ((next() >>> 40) * 0x1p-24f);
    }

    /**
     * Mean 0, the given standard deviation: the sum of four uniform numbers, which never strays beyond 3.5 deviations
     * and needs no logarithm.
     */
    float bell(float deviation) {
        long bits = next();
        long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
        return (sum - 0x1FFFE) * (0x1p-16f * 1.7320508f) * deviation;
    }
}
