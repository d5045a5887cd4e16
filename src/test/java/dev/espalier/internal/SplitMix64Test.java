package dev.espalier.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SplitMix64Test {
    /** The bound is three eighths of all numbers of 32 bits: what is left over would favour every third result. */
    @Test
    void integersBelowABoundAreEquallyLikely() {
        SplitMix64 random = new SplitMix64(1);
        int[] counts = new int[3];
        for (int i = 0; i < 30_000; i++) {
            counts[random.nextInt(3 << 29) % 3]++;
        }
        for (int count : counts) {
            // Five standard deviations.
            assertEquals(10_000, count, 5 * Math.sqrt(30_000 * 2 / 9.0));
        }
    }
}
