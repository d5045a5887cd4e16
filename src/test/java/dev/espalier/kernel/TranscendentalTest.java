package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.DEEP;
import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.same;
import static dev.espalier.kernel.TestData.ulp;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Against StrictMath in double, whose error of at most 2.5 of its ulp is 2⁻²⁷ of a float's. All functions are increasing, so
 * floats are visited in ascending order and the results must ascend too.
 */
@Tag("kernel")
class TranscendentalTest {
    private static final float INF = Float.POSITIVE_INFINITY;

    /** Keys count the floats from −∞ to +∞ in ascending order, −0.0 just before 0.0. */
    private static final int FIRST = key(-INF);

    private static final int LAST = key(INF);

    /**
     * In the deep profile every float at the preferred width, and one in 31 on the other backends; else one in 2039. Primes, which
     * meet all residues of the fraction bits.
     */
    private static final int STRIDE = !DEEP
            ? 2039
            : System.getProperty("espalier.test.backend", "preferred").equals("preferred") ? 1 : 31;

    /** So many stretches of the floats are swept at a time. */
    private static final int STRETCHES = DEEP ? 64 : 1;

    enum Function {
        EXP {
            @Override
            void run(float[] x, int xOffset, float[] out, int outOffset, int n) {
                Transcendental.exp(x, xOffset, out, outOffset, n);
            }

            @Override
            double reference(double x) {
                return StrictMath.exp(x);
            }
        },
        LOG {
            @Override
            void run(float[] x, int xOffset, float[] out, int outOffset, int n) {
                Transcendental.log(x, xOffset, out, outOffset, n);
            }

            @Override
            double reference(double x) {
                return StrictMath.log(x);
            }
        },
        TANH {
            @Override
            void run(float[] x, int xOffset, float[] out, int outOffset, int n) {
                Transcendental.tanh(x, xOffset, out, outOffset, n);
            }

            @Override
            double reference(double x) {
                return StrictMath.tanh(x);
            }
        },
        SIGMOID {
            @Override
            void run(float[] x, int xOffset, float[] out, int outOffset, int n) {
                Transcendental.sigmoid(x, xOffset, out, outOffset, n);
            }

            @Override
            double reference(double x) {
                return 1 / (1 + StrictMath.exp(-x));
            }
        };

        abstract void run(float[] x, int xOffset, float[] out, int outOffset, int n);

        abstract double reference(double x);

        float of(float x) {
            float[] result = {x};
            run(result, 0, result, 0, 1);
            return result[0];
        }
    }

    @ParameterizedTest
    @EnumSource
    void isWithin051UlpAndMonotoneOverAllFloats(Function function) {
        List<Sweep> sweeps = IntStream.range(0, STRETCHES)
                .parallel()
                .mapToObj(stretch -> sweep(function, stretch))
                .toList();
        // Stretches share their border, so that they are ascending together if each is.
        assertEquals(
                LAST - (long) FIRST + STRETCHES,
                sweeps.stream().mapToLong(sweep -> sweep.covered).sum());
        if (DEEP) {
            Sweep worst = Collections.max(sweeps, Comparator.comparingDouble(sweep -> sweep.worst));
            System.out.printf(
                    "deep: %s: %,d floats, at most %.5f ulp (at %s), ascending, %s%n",
                    function.name().toLowerCase(Locale.ROOT),
                    sweeps.stream().mapToLong(sweep -> sweep.visited).sum() - (STRETCHES - 1),
                    worst.worst,
                    worst.worstAt,
                    Kernels.backend());
        }
    }

    private static Sweep sweep(Function function, int stretch) {
        long keys = LAST - (long) FIRST;
        long from = FIRST + keys * stretch / STRETCHES;
        long to = FIRST + keys * (stretch + 1) / STRETCHES;
        Sweep sweep = new Sweep(function);
        for (long key = from; key < to; key += STRIDE) {
            sweep.visit((int) key);
        }
        sweep.visit((int) to);
        sweep.finish();
        sweep.covered = to - from + 1;
        return sweep;
    }

    /** Neighbours one by one where something changes: binades, reductions of the argument, saturation. */
    @ParameterizedTest
    @EnumSource
    void isWithin051UlpAndMonotoneNextToBorders(Function function) {
        for (int exponent = Float.MIN_EXPONENT - 23; exponent <= Float.MAX_EXPONENT; exponent++) {
            around(function, Math.scalb(1f, exponent));
            around(function, -Math.scalb(1f, exponent));
            around(function, (float) (Math.scalb(1.0, exponent) * StrictMath.sqrt(0.5)));
        }
        for (int halves = -310; halves <= 310; halves++) {
            around(function, (float) (halves * StrictMath.log(2) / 2));
            around(function, (float) (halves * StrictMath.log(2) / 4));
        }
        for (float x :
                new float[] {0, 20, 40, 88.72284f, -87.33655f, -103.27893f, -103.97208f, -104, 104, 110, -110, 9.01f}) {
            around(function, x);
            around(function, -x);
        }
    }

    @Test
    void isExactAtZeroAndAtTheLimits() {
        expect(Function.EXP, 0, 1);
        expect(Function.EXP, -0f, 1);
        expect(Function.EXP, -INF, 0);
        expect(Function.EXP, INF, INF);
        expect(Function.EXP, -Float.MAX_VALUE, 0);
        expect(Function.EXP, Float.MAX_VALUE, INF);
        expect(Function.EXP, Float.MIN_VALUE, 1);
        expect(Function.EXP, -103.9f, Float.MIN_VALUE);

        expect(Function.LOG, 1, 0f);
        expect(Function.LOG, 0, -INF);
        expect(Function.LOG, -0f, -INF);
        expect(Function.LOG, INF, INF);
        expect(Function.LOG, -INF, Float.NaN);
        expect(Function.LOG, -1, Float.NaN);
        expect(Function.LOG, -Float.MIN_VALUE, Float.NaN);
        expect(Function.LOG, Float.MIN_VALUE, (float) StrictMath.log(Float.MIN_VALUE));

        expect(Function.TANH, 0, 0f);
        expect(Function.TANH, -0f, -0f);
        expect(Function.TANH, INF, 1);
        expect(Function.TANH, -INF, -1);
        expect(Function.TANH, Float.MAX_VALUE, 1);
        expect(Function.TANH, Float.MIN_VALUE, Float.MIN_VALUE);
        expect(Function.TANH, -Float.MIN_NORMAL, -Float.MIN_NORMAL);

        expect(Function.SIGMOID, 0, 0.5f);
        expect(Function.SIGMOID, -0f, 0.5f);
        expect(Function.SIGMOID, INF, 1);
        expect(Function.SIGMOID, -INF, 0);
        expect(Function.SIGMOID, Float.MAX_VALUE, 1);
        expect(Function.SIGMOID, -Float.MAX_VALUE, 0);
    }

    @ParameterizedTest
    @EnumSource
    void nanGivesNaN(Function function) {
        SplitMix64 random = new SplitMix64(1);
        float[] x = new float[1003];
        for (int i = 0; i < x.length; i++) {
            // Quiet and signalling, of both signs.
            x[i] = Float.intBitsToFloat((int) random.nextLong() | 0x7f800000 | 1);
        }
        float[] out = new float[x.length];
        function.run(x, 0, out, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            assertTrue(Float.isNaN(out[i]), function + " of NaN " + Integer.toHexString(Float.floatToRawIntBits(x[i])));
        }
    }

    @Test
    void tanhIsOddToTheBit() {
        float[] x = Mix.FINITE.floats(1, 20_000);
        float[] y = new float[x.length];
        float[] mirrored = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            mirrored[i] = -x[i];
        }
        Transcendental.tanh(x, 0, y, 0, x.length);
        Transcendental.tanh(mirrored, 0, mirrored, 0, x.length);
        for (int i = 0; i < x.length; i++) {
            assertEquals(Float.floatToIntBits(-y[i]), Float.floatToIntBits(mirrored[i]), "tanh " + x[i]);
        }
    }

    /** Whether an element falls into a whole vector or into the tail must not show. */
    @ParameterizedTest
    @EnumSource
    void anElementDoesNotDependOnItsPlace(Function function) {
        for (int n : TestData.LENGTHS) {
            float[] x = Mix.ANY.floats(n, n);
            Window out = Window.empty(n, n % 17);
            function.run(x, 0, out.array(), out.offset(), n);
            float[] actual = out.content();
            out.assertOutsideUntouched(function.name());
            float[] expected = new float[n];
            for (int i = 0; i < Math.min(n, 300); i++) {
                assertTrue(same(function.of(x[i]), actual[i]), function + " of " + x[i] + " at " + i + " of " + n);
            }
            for (int i = 0; i < n; i += 3) {
                function.run(x, i, expected, i, Math.min(3, n - i));
            }
            assertSame(expected, actual, function + ", three by three");
        }
    }

    private static void expect(Function function, float x, float expected) {
        // At every place of a window, so that whole vectors and tails are both asked.
        float[] window = new float[37];
        java.util.Arrays.fill(window, x);
        function.run(window, 0, window, 0, window.length);
        for (float y : window) {
            assertTrue(same(expected, y), function + " of " + x + " = " + y + ", expected " + expected);
        }
    }

    private static void around(Function function, float x) {
        int key = key(x);
        Sweep sweep = new Sweep(function);
        for (int i = Math.max(FIRST, key - 40); i <= Math.min(LAST, key + 40); i++) {
            sweep.visit(i);
        }
        sweep.finish();
    }

    private static int key(float x) {
        int bits = Float.floatToRawIntBits(x);
        return bits >= 0 ? bits : -1 - (bits & Integer.MAX_VALUE);
    }

    private static float ofKey(int key) {
        return Float.intBitsToFloat(key >= 0 ? key : Integer.MIN_VALUE | -1 - key);
    }

    /** Collects ascending floats into windows, and checks their results. */
    private static final class Sweep {
        private final Function function;
        private final float[] x = new float[4096];
        private final float[] y = new float[4096];
        private int count;
        private float previous = -INF;
        private double worst;
        private float worstAt;
        private long visited;
        private long covered;

        Sweep(Function function) {
            this.function = function;
        }

        void visit(int key) {
            visited++;
            x[count++] = ofKey(key);
            if (count == x.length) {
                finish();
            }
        }

        void finish() {
            function.run(x, 0, y, 0, count);
            for (int i = 0; i < count; i++) {
                check(x[i], y[i]);
            }
            count = 0;
        }

        private void check(float argument, float result) {
            double exact = function.reference(argument);
            if (Double.isNaN(exact)) {
                assertTrue(Float.isNaN(result), function + " of " + argument + " = " + result);
                return;
            }
            if (!(result >= previous)) {
                fail(function + " of " + argument + " = " + result + " is not at least " + previous
                        + ", the value before");
            }
            previous = result;
            // Beyond the largest float the next one would be 2¹²⁸: that is what ∞ stands for.
            double expected = Math.max(-0x1p128, Math.min(0x1p128, exact));
            double actual = Float.isInfinite(result) ? Math.copySign(0x1p128, result) : result;
            double error = Math.abs(actual - expected) / Math.min(ulp(expected), 0x1p104);
            if (!(error <= 0.51)) {
                fail(function + " of " + argument + " = " + result + ", expected " + exact + ", off by " + error
                        + " ulp");
            }
            if (error > worst) {
                worst = error;
                worstAt = argument;
            }
        }
    }
}
