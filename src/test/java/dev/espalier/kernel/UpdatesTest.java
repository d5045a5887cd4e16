package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.U;
import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.kernel.TestData.Lengths;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.util.Arrays;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Every update step by step in float, as its javadoc has it; fused against clip and plain update; and the textbook in double. */
@Tag("kernel")
class UpdatesTest {
    private static final float INF = Float.POSITIVE_INFINITY;

    /** The bounds under which optimizers run the kernels that square gradients: 2⁶². */
    private static final float SQUARABLE = 0x1p62f;

    /** A clipping plan and a limit. */
    private record Plan(float factor, float low, float high, float limit) {
        static final Plan NEUTRAL = new Plan(1, -INF, INF, Float.MAX_VALUE);

        float clip(float g) {
            float scaled = g * factor;
            return scaled < low ? low : scaled > high ? high : scaled;
        }

        float saturate(float x) {
            return x < -limit ? -limit : x > limit ? limit : x;
        }

        float keep(float x, float old) {
            return Math.abs(x) > limit ? old : x;
        }

        Plan neutral() {
            return new Plan(1, -INF, INF, limit);
        }
    }

    /** One kernel with its hyperparameters: as a call, and as a formula for element i. */
    private enum Update {
        SGD(2) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                Updates.sgd(a[0], a[1], o, n, p.factor, p.low, p.high, p.limit, 0.1f);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                step(a, i, p, 0.1f, p.clip(a[1][i]));
            }
        },
        MOMENTUM(3) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                Updates.momentum(a[0], a[1], a[2], o, n, p.factor, p.low, p.high, p.limit, 0.1f, 0.9f, false);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                a[2][i] = flush(p.saturate(Math.fma(0.9f, a[2][i], p.clip(a[1][i]))));
                step(a, i, p, 0.1f, a[2][i]);
            }
        },
        NESTEROV(3) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                Updates.momentum(a[0], a[1], a[2], o, n, p.factor, p.low, p.high, p.limit, 0.1f, 0.9f, true);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                float g = p.clip(a[1][i]);
                a[2][i] = flush(p.saturate(Math.fma(0.9f, a[2][i], g)));
                step(a, i, p, 0.1f, p.saturate(Math.fma(0.9f, a[2][i], g)));
            }
        },
        RMS_PROP(3) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                Updates.rmsProp(a[0], a[1], a[2], o, n, p.factor, p.low, p.high, p.limit, 0.1f, 0.99f, 1e-8f);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                float g = p.clip(a[1][i]);
                a[2][i] = average(a[2][i], g, 1 - 0.99f);
                step(a, i, p, 0.1f, g / ((float) Math.sqrt(a[2][i]) + 1e-8f));
            }
        },
        RMS_PROP_MOMENTUM(4) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                Updates.rmsPropMomentum(
                        a[0], a[1], a[2], a[3], o, n, p.factor, p.low, p.high, p.limit, 0.1f, 0.99f, 1e-8f, 0.9f);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                float g = p.clip(a[1][i]);
                a[2][i] = average(a[2][i], g, 1 - 0.99f);
                float d = g / ((float) Math.sqrt(a[2][i]) + 1e-8f);
                a[3][i] = flush(p.saturate(Math.fma(0.9f, a[3][i], d)));
                step(a, i, p, 0.1f, a[3][i]);
            }
        },
        ADAM(4) {
            @Override
            void run(float[][] a, int o, int n, Plan p) {
                // The state order of the kernel is m, v; that of this test has v, which is not negative, at 2.
                Updates.adam(
                        a[0], a[1], a[3], a[2], o, n, p.factor, p.low, p.high, p.limit, 0.9f, 0.999f, 1e-8f, 0.01f, 7f,
                        0.125f);
            }

            @Override
            void formula(float[][] a, int i, Plan p) {
                float g = p.clip(a[1][i]);
                a[3][i] = flush(Math.fma(1 - 0.9f, g - a[3][i], a[3][i]));
                a[2][i] = average(a[2][i], g, 1 - 0.999f);
                float d = a[3][i] / Math.fma((float) Math.sqrt(a[2][i]), 7f, 1e-8f);
                step(a, i, p, 0.01f, Math.fma(0.125f, a[0][i], d));
            }
        };

        /** Weights, gradients, and one or two arrays of state. */
        final int arrays;

        Update(int arrays) {
            this.arrays = arrays;
        }

        abstract void run(float[][] a, int offset, int n, Plan plan);

        abstract void formula(float[][] a, int i, Plan plan);

        boolean squares() {
            return this == RMS_PROP || this == RMS_PROP_MOMENTUM || this == ADAM;
        }

        private static void step(float[][] a, int i, Plan p, float rate, float direction) {
            a[0][i] = p.keep(Math.fma(-rate, direction, a[0][i]), a[0][i]);
        }

        private static float average(float v, float g, float rest) {
            return flush(Math.fma(rest, Math.fma(g, g, -v), v));
        }

        private static float flush(float x) {
            return Math.abs(x) < Float.MIN_NORMAL ? 0 : x;
        }
    }

    @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
    void isItsFormulaInFloat(
            @ForAll Update update,
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll Plans plans) {
        float[][] expected = arrays(update, mix, n);
        for (int i = 0; i < n; i++) {
            update.formula(expected, i, plans.plan);
        }
        Window[] windows = windows(arrays(update, mix, n), offset);
        update.run(arraysOf(windows), offset, n, plans.plan);
        compare(update + " " + plans, expected, windows);
    }

    /** What a fused step promises: the bits of clipping in memory and then updating with the neutral plan. */
    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void fusedIsClipThenUpdate(
            @ForAll Update update,
            @ForAll(supplier = Lengths.class) int n,
            @ForAll @IntRange(max = 40) int offset,
            @ForAll Mix mix,
            @ForAll Plans plans) {
        Plan plan = plans.plan;
        float[][] expected = arrays(update, mix, n);
        float[] gradients = expected[1].clone();
        Elementwise.clip(expected[1], 0, n, plan.factor, plan.low, plan.high);
        update.run(expected, 0, n, plan.neutral());
        expected[1] = gradients;
        Window[] windows = windows(arrays(update, mix, n), offset);
        update.run(arraysOf(windows), offset, n, plan);
        compare(update + " " + plans, expected, windows);
    }

    enum Plans {
        NEUTRAL(Plan.NEUTRAL),
        RAW(new Plan(1, -INF, INF, INF)),
        SCALE(new Plan(0.37f, -INF, INF, Float.MAX_VALUE)),
        CLAMP(new Plan(1, -0.25f, 0.5f, Float.MAX_VALUE)),
        BOTH(new Plan(1.7e-3f, -1e-3f, 1e-3f, Float.MAX_VALUE)),
        SQUARABLE_ONLY(new Plan(1, -SQUARABLE, SQUARABLE, Float.MAX_VALUE)),
        ZERO(new Plan(0, 0, 0, Float.MAX_VALUE)),
        FROM_ZERO(new Plan(0.7f, 0, 1, INF)),
        TO_MINUS_ZERO(new Plan(1, -0.5f, -0f, Float.MAX_VALUE)),
        UNLIMITED(new Plan(1, -0.25f, 0.25f, INF)),
        LIMITED(new Plan(3, -INF, INF, 2));

        private final Plan plan;

        Plans(Plan plan) {
            this.plan = plan;
        }
    }

    /** No finite gradient, of any size, makes a weight or an average infinite or NaN: hundred steps of extremes. */
    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void finiteGradientsLeaveEverythingFinite(@ForAll Update update, @ForAll @IntRange(min = 1, max = 70) int n) {
        Plan plan = update.squares() ? Plans.SQUARABLE_ONLY.plan : Plan.NEUTRAL;
        float[][] a = arrays(update, Mix.FINITE, n);
        if (update.squares()) {
            a[2] = new float[n];
        }
        for (int step = 0; step < 100; step++) {
            a[1] = Mix.FINITE.floats(step, n);
            if (step % 3 == 0) {
                Arrays.fill(a[1], step % 2 == 0 ? Float.MAX_VALUE : -Float.MAX_VALUE);
            }
            update.run(a, 0, n, plan);
            for (float[] array : a) {
                assertEquals(-1, Reductions.firstNonFinite(array, 0, n), update + ", step " + step);
            }
        }
    }

    /** A weight that meets NaN is NaN afterwards, under every limit; its neighbours are not. */
    @Example
    void nanReachesItsOwnWeightOnly() {
        for (Update update : Update.values()) {
            for (int n : new int[] {1, 7, 37}) {
                for (int at = 0; at < n; at++) {
                    float[][] a = arrays(update, Mix.MODERATE, n);
                    a[1][at] = Float.NaN;
                    update.run(a, 0, n, Plans.BOTH.plan);
                    for (int i = 0; i < n; i++) {
                        assertEquals(i == at, Float.isNaN(a[0][i]), update + ", weight " + i + " of " + n);
                    }
                }
            }
        }
    }

    /** A step that would overflow leaves the weight as it was, and a velocity at the limit. */
    @Example
    void limitKeepsWeightsAndSaturatesVelocities() {
        for (int n : new int[] {1, 5, 64}) {
            float[] w = filled(n, 3e38f);
            float[] g = filled(n, -Float.MAX_VALUE);
            float[] u = filled(n, -3e38f);
            Updates.sgd(w, g, 0, n, 1, -INF, INF, Float.MAX_VALUE, 1);
            assertSame(filled(n, 3e38f), w, "sgd");
            Updates.momentum(w, g, u, 0, n, 1, -INF, INF, Float.MAX_VALUE, 1, 0.9f, false);
            assertSame(filled(n, 3e38f), w, "momentum");
            assertSame(filled(n, -Float.MAX_VALUE), u, "velocity");
            Updates.momentum(w, g, u, 0, n, 1, -INF, INF, INF, 1, 0.9f, false);
            assertSame(filled(n, INF), w, "momentum without a limit");
            assertSame(filled(n, -INF), u, "velocity without a limit");
        }
    }

    /** Moments of a weight that gets no gradient any more reach 0 and not the subnormals. */
    @Example
    void averagesDecayToZero() {
        for (Update update : Update.values()) {
            float[][] a = arrays(update, Mix.MODERATE, 37);
            Arrays.fill(a[1], 0);
            for (int step = 0; step < 1200; step++) {
                update.run(a, 0, 37, Plan.NEUTRAL);
                for (int s = 2; s < a.length; s++) {
                    for (float x : a[s]) {
                        assertTrue(x == 0 || Math.abs(x) >= Float.MIN_NORMAL, update + " holds " + x);
                    }
                }
            }
            if (update == Update.MOMENTUM || update == Update.NESTEROV) {
                assertSame(new float[37], abs(a[2]), update + " at rest");
            }
            assertEquals(-1, Reductions.firstNonFinite(a[0], 0, 37));
        }
    }

    /**
     * The textbook in double: {@code ρv + (1−ρ)g²} and so on. 1−β is exact (Sterbenz), so averages are two roundings of float from
     * it; a step adds those of the root, the divisor, the quotient, the step size and the weight.
     */
    @Property
    void isTheTextbookWithinItsRoundings(@ForAll @IntRange(min = 1, max = 100) int n) {
        float[] w = Mix.MODERATE.floats(1, n);
        float[] g = Mix.MODERATE.floats(2, n);
        float[] v = abs(Mix.MODERATE.floats(3, n));
        float[] m = Mix.MODERATE.floats(4, n);
        float[] w1 = w.clone();
        float[] v1 = v.clone();
        float[] m1 = m.clone();
        int t = 10;
        double beta1 = 0.9f;
        double beta2 = 0.999f;
        float stepSize = (float) (0.01 / (1 - StrictMath.pow(beta1, t)));
        float rootCorrection = (float) (1 / StrictMath.sqrt(1 - StrictMath.pow(beta2, t)));
        Updates.adam(
                w1,
                g,
                m1,
                v1,
                0,
                n,
                1,
                -INF,
                INF,
                Float.MAX_VALUE,
                0.9f,
                0.999f,
                1e-8f,
                stepSize,
                rootCorrection,
                0.125f);
        float[] w2 = w.clone();
        float[] v2 = v.clone();
        Updates.rmsProp(w2, g, v2, 0, n, 1, -INF, INF, Float.MAX_VALUE, 0.01f, 0.9f, 1e-8f);
        for (int i = 0; i < n; i++) {
            double square = (double) g[i] * g[i];
            double mean = beta1 * m[i] + (1 - beta1) * g[i];
            double second = beta2 * v[i] + (1 - beta2) * square;
            // Interpolation: the difference is rounded, then the result.
            assertWithin(mean, m1[i], 2 * U * (Math.abs(m[i]) + Math.abs(g[i])), "m");
            assertWithin(second, v1[i], 2 * U * (v[i] + square), "v");
            double correction = StrictMath.sqrt(1 - StrictMath.pow(beta2, t));
            double d = 0.01 / (1 - StrictMath.pow(beta1, t)) * m1[i] / (Math.sqrt((double) v1[i]) / correction + 1e-8f);
            double decayed = 0.01 / (1 - StrictMath.pow(beta1, t)) * 0.125 * w[i];
            assertWithin(
                    w[i] - decayed - d,
                    w1[i],
                    U * (8 * Math.abs(d) + 4 * Math.abs(decayed) + Math.abs(w[i])),
                    "Adam's weight");

            double average = 0.9f * (double) v[i] + (1 - (double) 0.9f) * square;
            assertWithin(average, v2[i], 2 * U * (v[i] + square), "v of RMSprop");
            double rms = 0.01f * (double) g[i] / (Math.sqrt((double) v2[i]) + 1e-8f);
            assertWithin(w[i] - rms, w2[i], U * (5 * Math.abs(rms) + Math.abs(w[i])), "RMSprop's weight");
        }
    }

    private static float[][] arrays(Update update, Mix mix, int n) {
        float[][] arrays = new float[update.arrays][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = mix.floats(20 + i, n);
        }
        if (update.squares()) {
            arrays[2] = abs(arrays[2]);
        }
        return arrays;
    }

    private static Window[] windows(float[][] contents, int offset) {
        return Arrays.stream(contents)
                .map(content -> Window.of(content, offset))
                .toArray(Window[]::new);
    }

    private static float[][] arraysOf(Window[] windows) {
        return Arrays.stream(windows).map(Window::array).toArray(float[][]::new);
    }

    private static void compare(String what, float[][] expected, Window[] actual) {
        String[] names = {"w", "g", "first state", "second state"};
        for (int i = 0; i < expected.length; i++) {
            assertSame(expected[i], actual[i].content(), what + ", " + names[i]);
            actual[i].assertOutsideUntouched(what + ", " + names[i]);
        }
    }

    private static float[] filled(int n, float value) {
        float[] array = new float[n];
        Arrays.fill(array, value);
        return array;
    }

    private static float[] abs(float[] x) {
        return TestData.abs(x);
    }
}
