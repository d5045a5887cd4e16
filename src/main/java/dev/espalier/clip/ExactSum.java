package dev.espalier.clip;

import java.util.Arrays;

/**
 * {@code Σ x} of doubles {@code x ≥ 0}, exact until it is rounded once: the order of the terms cannot show. A fixed-point number
 * of all bits a double can have, in limbs of 32 bits that collect carries in their upper halves (the small superaccumulator of
 * Neal: Fast exact summation using small and large superaccumulators, 2015). Good for 2³¹ terms.
 */
final class ExactSum {
    /** Bit 0 of limb ZERO is the lowest bit of a double, 2⁻¹⁰⁷⁴; the limbs below are there to be read as 0. */
    private static final int ZERO = 2;

    private final long[] limbs = new long[ZERO + 67];
    private double nonFinite;

    void clear() {
        Arrays.fill(limbs, 0);
        nonFinite = 0;
    }

    void add(double x) {
        if (!(x < Double.POSITIVE_INFINITY)) {
            nonFinite += x;
            return;
        }
        long bits = Double.doubleToRawLongBits(x);
        int exponent = (int) (bits >>> 52);
        long mantissa = bits & 0xF_FFFF_FFFF_FFFFL;
        int lowest = 0;
        if (exponent > 0) {
            mantissa |= 1L << 52;
            lowest = exponent - 1;
        }
        int limb = ZERO + (lowest >>> 5);
        int shift = lowest & 31;
        long low = (mantissa & 0xFFFF_FFFFL) << shift;
        long high = (mantissa >>> 32) << shift;
        limbs[limb] += low & 0xFFFF_FFFFL;
        limbs[limb + 1] += (low >>> 32) + (high & 0xFFFF_FFFFL);
        limbs[limb + 2] += high >>> 32;
    }

    /** The sum rounded to the nearest double, ties to even; NaN or +∞ if a term was. */
    double value() {
        if (nonFinite != 0) {
            return nonFinite;
        }
        int top = carry();
        if (top < ZERO) {
            return 0;
        }
        // The first 64 bits from the highest one down; the last of them stands for all that follow.
        int zeros = Long.numberOfLeadingZeros(limbs[top]) - 32;
        long next = limbs[top - 2] << zeros;
        long first = (((limbs[top] << 32) | limbs[top - 1]) << zeros) | (next >>> 32);
        boolean more = (next & 0xFFFF_FFFFL) != 0;
        for (int i = top - 3; i >= ZERO && !more; i--) {
            more = limbs[i] != 0;
        }
        long rounded = (first >>> 1) | (first & 1) | (more ? 1 : 0);
        return Math.scalb((double) rounded, 32 * (top - ZERO - 1) - zeros + 1 - 1074);
    }

    /** Moves the carries up and returns the index of the highest limb that is not 0. */
    private int carry() {
        int top = 0;
        long carry = 0;
        for (int i = ZERO; i < limbs.length; i++) {
            long limb = limbs[i] + carry;
            limbs[i] = limb & 0xFFFF_FFFFL;
            carry = limb >>> 32;
            top = limbs[i] != 0 ? i : top;
        }
        return top;
    }
}
