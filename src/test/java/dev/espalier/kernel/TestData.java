package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.fail;

import dev.espalier.internal.SplitMix64;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;

/** Inputs, windows with sentinels, and comparisons of bits that the kernel tests share. */
final class TestData {
    /** Set by the deep profile: tests try far more. */
    static final boolean DEEP = Boolean.getBoolean("espalier.test.deep");

    /** Half a unit in the last place of 1: the largest relative error of one rounding to a normal float. */
    static final double U = 0x1p-24;

    /** The same for double. */
    static final double U_DOUBLE = 0x1p-53;

    /** A NaN that arithmetic does not produce: what stands around a window, and must still stand there afterwards. */
    static final int SENTINEL = 0x7fc5eed5;

    /**
     * 0, 1, N−1, N, N+1, 4N−1, 4N+1 for every lane count N up to 16, the borders of 32 lanes of a reduction and of its blocks of
     * 4096.
     */
    static final int[] LENGTHS = IntStream.concat(
                    IntStream.rangeClosed(0, 67),
                    IntStream.of(
                            95, 96, 97, 127, 128, 129, 255, 257, 1000, 4095, 4096, 4097, 8191, 8193, 12288, 12325,
                            20517))
            .toArray();

    private static final float[] SPECIAL_FINITE = {
        0f,
        -0f,
        1f,
        -1f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        -Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        -Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE
    };
    private static final float[] NON_FINITE = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};

    private TestData() {}

    /** The kinds of content that a kernel meets. */
    enum Mix {
        /** Gaussian: what training produces. */
        MODERATE {
            @Override
            float next(SplitMix64 random) {
                return (float) random.nextGaussian();
            }
        },
        /** Any finite bits, so log-uniform over the whole exponent range, and one in eight a border case. */
        FINITE {
            @Override
            float next(SplitMix64 random) {
                if (random.nextInt(8) == 0) {
                    return SPECIAL_FINITE[random.nextInt(SPECIAL_FINITE.length)];
                }
                float x = Float.intBitsToFloat((int) random.nextLong());
                return Float.isFinite(x) ? x : 0.5f;
            }
        },
        /** As FINITE, and one in sixteen NaN or ±∞. */
        ANY {
            @Override
            float next(SplitMix64 random) {
                return random.nextInt(16) == 0 ? NON_FINITE[random.nextInt(3)] : FINITE.next(random);
            }
        };

        abstract float next(SplitMix64 random);

        private final float[] pool = new float[1 << 16];

        Mix() {
            SplitMix64 random = new SplitMix64(ordinal());
            for (int i = 0; i < pool.length; i++) {
                pool[i] = next(random);
            }
        }

        /** n floats of this kind: a stretch of a fixed pool, since drawing them anew would take most of the time. */
        float[] floats(long seed, int n) {
            float[] x = new float[n];
            int from = (int) SplitMix64.mix(seed, n) & (pool.length - 1);
            for (int i = 0; i < n; i += pool.length - from, from = 0) {
                System.arraycopy(pool, from, x, i, Math.min(n - i, pool.length - from));
            }
            return x;
        }
    }

    /**
     * n floats in [−2, 2), drawn one by one. Those of {@link Mix} repeat themselves after 65,536, so that the parts of a shared sum are
     * all the same.
     */
    static float[] unrepeated(long seed, int n) {
        SplitMix64 random = new SplitMix64(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = (random.nextInt(1 << 20) - (1 << 19)) * 0x1p-18f;
        }
        return x;
    }

    static float[] abs(float[] x) {
        float[] result = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = Math.abs(x[i]);
        }
        return result;
    }

    /** Lengths for properties: mostly the border cases, sometimes anything up to three blocks. */
    static final class Lengths implements ArbitrarySupplier<Integer> {
        @Override
        public Arbitrary<Integer> get() {
            return Arbitraries.oneOf(
                    Arbitraries.of(Arrays.stream(LENGTHS).boxed().toList()),
                    Arbitraries.integers().between(0, 200),
                    Arbitraries.integers().between(0, 3 * Reductions.BLOCK));
        }
    }

    /** {@code array[offset .. offset + n)}, with sentinels on both sides. */
    record Window(float[] array, int offset, int n) {
        /** A copy of content at this offset; never fewer than 20 sentinels behind it. */
        static Window of(float[] content, int offset) {
            float[] array = sentinels(offset + content.length + 20);
            System.arraycopy(content, 0, array, offset, content.length);
            return new Window(array, offset, content.length);
        }

        static Window empty(int n, int offset) {
            return new Window(sentinels(offset + n + 20), offset, n);
        }

        float[] content() {
            return Arrays.copyOfRange(array, offset, offset + n);
        }

        void assertOutsideUntouched(String what) {
            assertUntouched(0, offset, what);
            assertUntouched(offset + n, array.length, what);
        }

        private void assertUntouched(int from, int to, String what) {
            for (int i = from; i < to; i++) {
                if (Float.floatToRawIntBits(array[i]) != SENTINEL) {
                    fail(what + " wrote " + array[i] + " at " + (i - offset) + ", outside its window of " + n);
                }
            }
        }
    }

    static float[] sentinels(int n) {
        float[] array = new float[n];
        Arrays.fill(array, Float.intBitsToFloat(SENTINEL));
        return array;
    }

    /** Equal bits, any NaN equal to any other. */
    static boolean same(float a, float b) {
        return Float.floatToIntBits(a) == Float.floatToIntBits(b);
    }

    static void assertSame(float[] expected, float[] actual, String what) {
        if (expected.length != actual.length) {
            fail(what + ": " + actual.length + " elements, expected " + expected.length);
        }
        int i = Arrays.mismatch(expected, actual);
        if (i >= 0) {
            fail(what + " [" + i + "] of " + expected.length + ": " + Float.toHexString(actual[i]) + ", expected "
                    + Float.toHexString(expected[i]));
        }
    }

    static void assertSame(double expected, double actual, String what) {
        if (Double.doubleToLongBits(expected) != Double.doubleToLongBits(actual)) {
            fail(what + ": " + Double.toHexString(actual) + ", expected " + Double.toHexString(expected));
        }
    }

    static void assertWithin(double expected, double actual, double bound, String what) {
        if (!(Math.abs(actual - expected) <= bound)) {
            fail(what + ": " + actual + ", expected " + expected + " within " + bound + ", is off by "
                    + Math.abs(actual - expected));
        }
    }

    /** The distance of neighbouring floats around x, subnormals included. */
    static double ulp(double x) {
        int exponent = Math.max(Math.getExponent(x), Float.MIN_EXPONENT);
        return Math.scalb(1.0, exponent - 23);
    }
}
