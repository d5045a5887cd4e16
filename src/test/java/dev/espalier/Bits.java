package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;

/** Comparisons of floats by their bits. All NaN are one. */
public final class Bits {
    private Bits() {}

    public static void assertSame(float[] expected, float[] actual) {
        assertSame("", expected, actual);
    }

    public static void assertSame(String what, float[] expected, float[] actual) {
        assertEquals(expected.length, actual.length, what);
        int at = Arrays.mismatch(expected, actual);
        if (at >= 0) {
            fail(what + "[" + at + "]: expected " + expected[at] + " but was " + actual[at]);
        }
    }

    public static void assertSame(float[][] expected, float[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < expected.length; i++) {
            assertSame("tensor " + i, expected[i], actual[i]);
        }
    }

    public static void assertWithin(int ulps, float expected, float actual) {
        assertTrue(
                ulps(expected, actual) <= ulps,
                () -> "expected " + expected + " within " + ulps + " ulp but was " + actual);
    }

    /** How many floats there are from one to the other; +0 and −0 are one. */
    public static long ulps(float a, float b) {
        if (Float.isNaN(a) || Float.isNaN(b)) {
            return Float.isNaN(a) && Float.isNaN(b) ? 0 : Long.MAX_VALUE;
        }
        return Math.abs(ordinal(a) - ordinal(b));
    }

    public static float[][] copy(float[][] arrays) {
        return Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
    }

    private static long ordinal(float x) {
        int bits = Float.floatToIntBits(x);
        return bits >= 0 ? bits : -(long) (bits & Integer.MAX_VALUE);
    }
}
