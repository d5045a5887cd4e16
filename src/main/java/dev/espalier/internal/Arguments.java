package dev.espalier.internal;

import org.jspecify.annotations.Nullable;

/**
 * Checks of public arguments. Each throws before anything is written, and says which argument, which value and what was
 * expected.
 */
public final class Arguments {
    /** Some virtual machines refuse arrays of the last few int sizes; all can make this one. */
    public static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private Arguments() {}

    /** Returns {@code value}, or throws if it is null. */
    public static <T> T notNull(String name, @Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is null");
        }
        return value;
    }

    public static int notNegative(String name, int value) {
        if (value < 0) {
            throw expected(name, value, "at least 0");
        }
        return value;
    }

    public static int positive(String name, int value) {
        if (value <= 0) {
            throw expected(name, value, "at least 1");
        }
        return value;
    }

    /** A clipping threshold: 0 and +∞ are legal, NaN and negative values are not. −0 becomes +0. */
    public static float threshold(String name, float value) {
        if (!(value >= 0)) {
            throw expected(name, value, "a number at least 0 (+Infinity measures only)");
        }
        return value + 0f;
    }

    public static float positiveFinite(String name, float value) {
        if (!(value > 0) || value == Float.POSITIVE_INFINITY) {
            throw expected(name, value, "a finite number above 0");
        }
        return value;
    }

    public static float notNegativeFinite(String name, float value) {
        if (!(value >= 0) || value == Float.POSITIVE_INFINITY) {
            throw expected(name, value, "a finite number at least 0");
        }
        return value;
    }

    /** A decay rate: in [0, 1). */
    public static float fraction(String name, float value) {
        if (!(value >= 0 && value < 1)) {
            throw expected(name, value, "in [0, 1)");
        }
        return value;
    }

    /** {@code 0 <= index < count}; returns index. */
    public static int index(String name, int index, int count) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException(name + " = " + index + ": expected within [0, " + count + ")");
        }
        return index;
    }

    /** Bounds of a clamp: neither is NaN and {@code low <= high}. */
    public static void bounds(float low, float high) {
        if (!(low <= high)) {
            throw new IllegalArgumentException(
                    "low = " + low + ", high = " + high + ": expected low <= high, neither NaN");
        }
    }

    /** The window {@code array[offset .. offset + n)}. */
    public static void window(String name, float @Nullable [] array, int offset, int n) {
        window(name, notNull(name, array).length, offset, n);
    }

    /** The window {@code array[offset .. offset + n)}. */
    public static void window(String name, int @Nullable [] array, int offset, int n) {
        window(name, notNull(name, array).length, offset, n);
    }

    /** The window {@code array[offset .. offset + n)}. */
    public static void window(String name, double @Nullable [] array, int offset, int n) {
        window(name, notNull(name, array).length, offset, n);
    }

    private static void window(String name, int length, int offset, int n) {
        if ((offset | n) < 0 || offset > length - n) {
            throw outside(name, length, offset, n);
        }
    }

    /** Two windows of {@code n} elements that may be the same window or disjoint, but not overlap in part. */
    public static void sameOrDisjoint(
            String aName, float[] a, int aOffset, String bName, float[] b, int bOffset, int n) {
        if (a == b && aOffset != bOffset) {
            disjoint(aName, a, aOffset, n, bName, b, bOffset, n);
        }
    }

    public static void disjoint(
            String aName, float[] a, int aOffset, int aLength, String bName, float[] b, int bOffset, int bLength) {
        if (a == b && aLength > 0 && bLength > 0 && aOffset < bOffset + bLength && bOffset < aOffset + aLength) {
            throw new IllegalArgumentException(
                    aName + "[" + aOffset + ", " + (aOffset + aLength) + ") overlaps " + bName + "[" + bOffset + ", "
                            + (bOffset + bLength) + ") of the same array: expected disjoint windows");
        }
    }

    /** {@code a·b} as an int, or an error that names the product. */
    public static int product(String what, int a, int b) {
        long product = (long) a * b;
        if (product != (int) product) {
            throw new IllegalArgumentException(
                    what + " = " + a + " x " + b + " = " + product + ": expected at most " + Integer.MAX_VALUE);
        }
        return (int) product;
    }

    public static IllegalArgumentException expected(String name, Object value, String expectation) {
        return new IllegalArgumentException(name + " = " + value + ": expected " + expectation);
    }

    // Apart from the check, so that the check stays small enough to inline.
    private static RuntimeException outside(String name, int length, int offset, int n) {
        if (n < 0) {
            return expected("length of " + name, n, "at least 0");
        }
        return new IndexOutOfBoundsException(name + "[" + offset + ", " + ((long) offset + n)
                + "): expected within [0, " + length + "), the length of the array");
    }
}
