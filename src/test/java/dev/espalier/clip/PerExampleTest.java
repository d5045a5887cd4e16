package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@Tag("kernel")
class PerExampleTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private final Parameters parameters = Parameters.builder().add("w", 20_000).build();

    @Test
    void arguments() {
        for (float bad : new float[] {Float.NaN, -1, Float.NEGATIVE_INFINITY}) {
            assertIllegal(() -> PerExample.norm(bad), "threshold = " + bad, "at least 0");
            assertIllegal(() -> PerExample.norm(1).noise(bad, 1), "multiplier = " + bad, "finite number at least 0");
            assertIllegal(() -> PerExample.norm(1).adaptive(bad, 1), "quantile = " + bad, "in [0, 1]");
            assertIllegal(() -> PerExample.norm(1).adaptive(0.5f, bad), "rate = " + bad, "finite number at least 0");
            assertIllegal(() -> PerExample.norm(1).adaptive(0.5f, 1, bad), "countNoise = " + bad, "finite");
        }
        PerExample infinite = PerExample.norm(Float.POSITIVE_INFINITY);
        assertIllegal(() -> infinite.noise(1, 1), "threshold = Infinity", "noise");
        assertIllegal(() -> infinite.adaptive(0.5f, 1), "threshold = Infinity", "finite");
        assertIllegal(() -> PerExample.norm(0).adaptive(0.5f, 1), "threshold = 0.0", "adaptation");
        assertIllegal(() -> PerExample.norm(1).adaptive(1.5f, 1), "quantile = 1.5", "in [0, 1]");
        assertIllegal(() -> PerExample.norm(1e-40f).adaptive(0.5f, 0.2f), "threshold = 1.0E-40");
        assertIllegal(() -> infinite.on(null, NonFinite.THROW), "parameters is null");
        assertIllegal(() -> infinite.on(parameters, null), "policy is null");
        assertEquals("perExample(norm Infinity)", infinite.noise(0, 3).toString());
        assertEquals(
                "perExample(norm 1.0, noise 1.5, adaptive 0.5)",
                PerExample.norm(1).noise(1.5f, 1).adaptive(0.5f, 0.2f).toString());
    }

    @Test
    void factorsAreOneOrJustBelowTheQuotient() {
        ExampleClipper clipper = PerExample.norm(4).on(parameters, NonFinite.SKIP_STEP);
        double[] norms = {0, 0.5, 1 - 1e-9, 1 + 1e-9, 2, 1e30, 1e80};
        clipper.begin(norms.length);
        // The norms of a mean over seven examples whose own norms are four times these.
        double[] squares = Arrays.stream(norms).map(n -> n * 4 / 7 * n * 4 / 7).toArray();
        double[] factors = new double[norms.length];
        clipper.choose(norms.length, squares, new double[norms.length], factors);
        assertArrayEquals(new double[] {1, 1, 1}, Arrays.copyOf(factors, 3));
        for (int i = 3; i < norms.length; i++) {
            double quotient = 1 / norms[i];
            assertTrue(factors[i] < quotient && factors[i] > quotient * (1 - 0x1p-23), "norm " + norms[i]);
        }
        assertEquals(7, clipper.examples());
        assertEquals(4, clipper.clipped());
        assertEquals(4.0 / 7, clipper.clippedFraction());
        assertEquals(4e80, clipper.maxNorm(), 4e65);
        assertEquals(4 * 1e80 / 7, clipper.meanNorm(), 1e65);
        assertEquals(4, clipper.threshold());
    }

    @Test
    void thresholdsZeroAndInfinity() {
        double[] factors = new double[3];
        ExampleClipper zero = PerExample.norm(0).on(parameters, NonFinite.SKIP_STEP);
        zero.begin(3);
        zero.choose(3, new double[] {0, 1e-300, 1e300}, new double[3], factors);
        assertArrayEquals(new double[] {1, 0, 0}, factors);
        ExampleClipper infinite = PerExample.norm(Float.POSITIVE_INFINITY).on(parameters, NonFinite.SKIP_STEP);
        infinite.begin(3);
        infinite.choose(3, new double[] {0, 1e-300, 1e300}, new double[3], factors);
        assertArrayEquals(new double[] {1, 1, 1}, factors);
        assertEquals(0, infinite.clipped());
    }

    @Test
    void whatIsNotFiniteIsDroppedOrLeftToTheClip() {
        for (NonFinite policy : NonFinite.values()) {
            ExampleClipper clipper = PerExample.norm(1).on(parameters, policy);
            double[] factors = new double[4];
            clipper.begin(4);
            clipper.choose(4, new double[] {0.01, Double.NaN, INF, 0.0025}, new double[4], factors);
            double left = policy == NonFinite.ZERO_ELEMENTS ? 0 : 1;
            assertArrayEquals(new double[] {1, left, left, 1}, factors, policy.toString());
            assertEquals(2, clipper.nonFinite());
            assertEquals(0, clipper.clipped());
            assertEquals(0.3, clipper.meanNorm(), 1e-15);
            assertEquals(0.4, clipper.maxNorm(), 1e-15);
        }
    }

    @Test
    void examplesAreCounted() {
        ExampleClipper clipper = PerExample.norm(1).on(parameters, NonFinite.SKIP_STEP);
        assertIllegal(() -> clipper.begin(0), "examples = 0", "at least 1");
        assertTrue(Double.isNaN(clipper.clippedFraction()));
        clipper.begin(5);
        clipper.choose(3, new double[3], new double[3], new double[3]);
        assertThrows(IllegalStateException.class, clipper::finish);
        assertThrows(IllegalStateException.class, () -> clipper.choose(3, new double[3], new double[3], new double[3]));
        clipper.choose(2, new double[3], new double[3], new double[3]);
        clipper.finish();
        assertEquals("clipped 0 of 5, mean norm 0.0, threshold 1.0", clipper.toString());
    }

    @Test
    void normsAreThoseOfTheStepAlone() {
        ExampleClipper clipper = PerExample.norm(1).on(parameters, NonFinite.SKIP_STEP);
        for (double norm : new double[] {5, 2}) {
            clipper.begin(1);
            clipper.choose(1, new double[] {norm * norm}, new double[1], new double[1]);
            clipper.finish();
            clipper.end(true);
            assertEquals(norm, clipper.maxNorm());
            assertEquals(norm, clipper.meanNorm());
        }
    }

    @Test
    void normsAreThoseOfTheExamplesSoFar() {
        ExampleClipper clipper = PerExample.norm(1).on(parameters, NonFinite.SKIP_STEP);
        clipper.begin(2);
        clipper.choose(1, new double[] {25}, new double[1], new double[1]);
        assertEquals(10, clipper.maxNorm());
        assertEquals(10, clipper.meanNorm());
    }

    @Test
    void whatCannotBeChosenCountsNothing() {
        ExampleClipper clipper = PerExample.norm(1).on(parameters, NonFinite.SKIP_STEP);
        clipper.begin(5);
        double[] three = new double[3];
        double[] two = {7, 7};
        assertIllegal(() -> clipper.choose(-1, three, three, three), "rows = -1", "at least 0");
        assertIllegal(() -> clipper.choose(3, null, three, three), "squares is null");
        assertIllegal(() -> clipper.choose(3, three, null, three), "units is null");
        assertIllegal(() -> clipper.choose(3, three, three, null), "factors is null");
        for (Executable call : List.<Executable>of(
                () -> clipper.choose(3, two, three, three),
                () -> clipper.choose(3, three, two, three),
                () -> clipper.choose(3, three, three, two))) {
            assertThrows(IndexOutOfBoundsException.class, call);
        }
        assertArrayEquals(new double[] {7, 7}, two);
        assertEquals(0, clipper.examples());
        clipper.choose(5, new double[5], new double[5], new double[5]);
        clipper.finish();
    }

    @Test
    void noiseHasTheDeviationAndIsAFunctionOfSeedAndStep() {
        float[] first = noise(clipper(7), 10);
        assertArrayEquals(first, noise(clipper(7), 10));
        assertFalse(Arrays.equals(first, noise(clipper(8), 10)));
        double squares = 0;
        double sum = 0;
        for (float x : first) {
            sum += x;
            squares += (double) x * x;
        }
        double deviation = 1.5 * 2 / 10;
        int n = first.length;
        assertEquals(0, sum / n, 4 * deviation / Math.sqrt(n));
        assertEquals(deviation * deviation, squares / n, 4 * deviation * deviation * Math.sqrt(2.0 / n));

        ExampleClipper clipper = clipper(7);
        assertArrayEquals(first, noise(clipper, 10));
        clipper.end(false);
        assertArrayEquals(first, noise(clipper, 10), "after a skipped step");
        clipper.end(true);
        float[] second = noise(clipper, 10);
        assertFalse(Arrays.equals(first, second), "after a step that was taken");
        double product = 0;
        for (int i = 0; i < n; i++) {
            product += (double) first[i] * second[i];
        }
        assertEquals(0, product / n, 4 * deviation * deviation / Math.sqrt(n));
    }

    private ExampleClipper clipper(long seed) {
        return PerExample.norm(2).noise(1.5f, seed).on(parameters, NonFinite.SKIP_STEP);
    }

    /** What a step adds to a gradient of zeros. */
    private float[] noise(ExampleClipper clipper, int examples) {
        Arrays.fill(parameters.gradients(), 0);
        clipper.begin(examples);
        clipper.choose(examples, new double[examples], new double[examples], new double[examples]);
        clipper.finish();
        return parameters.gradients().clone();
    }

    /** Norms {@code e^z}: whatever C begins with, it comes to stand at the quantile of z. */
    @Test
    void theAdaptiveThresholdFindsTheQuantile() {
        double[] quantiles = {0.25, 0.5, 0.9};
        double[] z = {-0.6744897502, 0, 1.2815515655};
        for (int q = 0; q < quantiles.length; q++) {
            for (float start : new float[] {1e-3f, 1, 1e3f}) {
                for (float countNoise : new float[] {0, 12.8f}) {
                    PerExample clip =
                            PerExample.norm(start).noise(0, 5).adaptive((float) quantiles[q], 0.2f, countNoise);
                    ExampleClipper clipper = clip.on(parameters, NonFinite.SKIP_STEP);
                    double mean = 0;
                    SplitMix64 random = new SplitMix64(q);
                    for (int step = 0; step < 800; step++) {
                        step(clipper, random, 256);
                        mean += step < 400 ? 0 : Math.log(clipper.threshold()) / 400;
                    }
                    assertEquals(z[q], mean, 0.05, clip.toString());
                }
            }
        }
    }

    private static void step(ExampleClipper clipper, SplitMix64 random, int examples) {
        double[] squares = new double[examples];
        for (int i = 0; i < examples; i++) {
            double norm = Math.exp(random.nextGaussian()) / examples;
            squares[i] = norm * norm;
        }
        clipper.begin(examples);
        clipper.choose(examples, squares, new double[examples], new double[examples]);
        clipper.finish();
        clipper.end(true);
    }

    @Test
    void oneAdaptiveStepIsTheFormula() {
        // Norms are those of the mean over five: 0.1 is (0.316·5)², within 2; 0.2 and 0.3 are beyond. The infinite one
        // has become 0 or not.
        oneAdaptiveStep(NonFinite.ZERO_ELEMENTS, 2);
        oneAdaptiveStep(NonFinite.PROPAGATE, 1);
    }

    private void oneAdaptiveStep(NonFinite policy, int within) {
        ExampleClipper clipper = PerExample.norm(2).adaptive(0.5f, 0.2f).on(parameters, policy);
        double[] squares = {0.1, 0.2, 0.3, 100, INF};
        clipper.begin(5);
        clipper.choose(5, squares, new double[5], new double[5]);
        clipper.finish();
        assertEquals(2, clipper.threshold());
        clipper.end(false);
        clipper.begin(5);
        assertEquals(2, clipper.threshold(), "after a skipped step");
        clipper.choose(5, squares, new double[5], new double[5]);
        clipper.finish();
        clipper.end(true);
        clipper.begin(5);
        assertEquals(2 * Math.exp(-0.2f * (within / 5.0 - 0.5)), clipper.threshold(), 1e-15);
    }

    /** The noise on the count, as each threshold gives it away: all examples are within, which is the quantile. */
    @Test
    void theCountOfAnAdaptiveStepHasItsNoise() {
        int examples = 32;
        int steps = 2000;
        double rate = 0.2f;
        double deviation = 4;
        ExampleClipper clipper =
                PerExample.norm(1).adaptive(1, (float) rate, (float) deviation).on(parameters, NonFinite.SKIP_STEP);
        double sum = 0;
        double squares = 0;
        double before = 1;
        for (int step = 0; step < steps; step++) {
            clipper.begin(examples);
            clipper.choose(examples, new double[examples], new double[examples], new double[examples]);
            clipper.finish();
            clipper.end(true);
            clipper.begin(examples);
            double noise = -Math.log(clipper.threshold() / before) / rate * examples;
            before = clipper.threshold();
            sum += noise;
            squares += noise * noise;
        }
        // Five standard deviations of a mean and of a root mean square.
        assertEquals(0, sum / steps, 5 * deviation / Math.sqrt(steps));
        assertEquals(deviation, Math.sqrt(squares / steps), 5 * deviation / Math.sqrt(2 * steps));
    }

    /** What was forgotten or done twice would be a step without noise, with too much, or a threshold that is NaN. */
    @Test
    void aStepOutOfOrderIsAnError() {
        ExampleClipper clipper =
                PerExample.norm(1).noise(1, 1).adaptive(0.5f, 0.2f).on(parameters, NonFinite.SKIP_STEP);
        assertThrows(IllegalStateException.class, clipper::finish);
        assertThrows(IllegalStateException.class, () -> clipper.end(true));
        assertThrows(IllegalStateException.class, () -> clipper.choose(0, new double[0], new double[0], new double[0]));
        clipper.begin(1);
        assertThrows(IllegalStateException.class, () -> clipper.end(true));
        assertThrows(IllegalStateException.class, clipper::finish);
        clipper.choose(1, new double[1], new double[1], new double[1]);
        assertThrows(IllegalStateException.class, () -> clipper.end(true));
        clipper.finish();
        float[] once = parameters.gradients().clone();
        assertThrows(IllegalStateException.class, clipper::finish);
        assertThrows(IllegalStateException.class, () -> clipper.begin(1), "the same noise would come again");
        assertArrayEquals(once, parameters.gradients());
        clipper.end(true);
        double[] threshold =
                ((StateArray.Doubles) clipper.state().get(0)).array().clone();
        assertThrows(IllegalStateException.class, () -> clipper.end(true));
        assertThrows(IllegalStateException.class, clipper::finish);
        clipper.begin(1);
        clipper.choose(1, new double[1], new double[1], new double[1]);
        clipper.finish();
        clipper.end(false);
        assertThrows(IllegalStateException.class, () -> clipper.end(true));
        assertArrayEquals(threshold, ((StateArray.Doubles) clipper.state().get(0)).array());
        assertEquals(1, ((StateArray.Longs) clipper.state().get(1)).array()[0]);
    }

    @Test
    void theAdaptiveThresholdStaysANormalFloat() {
        ExampleClipper clipper = PerExample.norm(1).adaptive(0, 1000).on(parameters, NonFinite.SKIP_STEP);
        for (int i = 0; i < 3; i++) {
            clipper.begin(2);
            clipper.choose(2, new double[2], new double[2], new double[2]);
            clipper.finish();
            clipper.end(true);
        }
        assertEquals(Float.MIN_NORMAL, clipper.threshold());
        ExampleClipper up = PerExample.norm(1).adaptive(1, 1000).on(parameters, NonFinite.SKIP_STEP);
        double[] beyond = {1e300, 1e300};
        for (int i = 0; i < 3; i++) {
            up.begin(2);
            up.choose(2, beyond, new double[2], new double[2]);
            up.finish();
            up.end(true);
        }
        assertEquals(Float.MAX_VALUE, up.threshold());
    }

    @Test
    void stateRestoresThresholdAndNoise() {
        PerExample clip = PerExample.norm(1).noise(0.5f, 3).adaptive(0.5f, 0.2f, 4);
        ExampleClipper whole = clip.on(parameters, NonFinite.SKIP_STEP);
        ExampleClipper half = clip.on(parameters, NonFinite.SKIP_STEP);
        SplitMix64 a = new SplitMix64(1);
        SplitMix64 b = new SplitMix64(1);
        for (int i = 0; i < 10; i++) {
            step(whole, a, 32);
            step(half, b, 32);
        }
        ExampleClipper resumed = clip.on(parameters, NonFinite.SKIP_STEP);
        assertEquals(
                List.of("threshold", "steps"),
                half.state().stream().map(StateArray::name).toList());
        for (int i = 0; i < 2; i++) {
            resumed.state().get(i).set(half.state().get(i));
        }
        double next = ((StateArray.Doubles) half.state().get(0)).array()[0];
        assertEquals(next, resumed.threshold(), "that of the next step, until one has begun");
        assertTrue(next != half.threshold());
        for (int i = 0; i < 10; i++) {
            Arrays.fill(parameters.gradients(), 0);
            step(whole, a, 32);
            float[] expected = parameters.gradients().clone();
            Arrays.fill(parameters.gradients(), 0);
            step(resumed, b, 32);
            assertArrayEquals(expected, parameters.gradients());
            assertEquals(whole.threshold(), resumed.threshold());
        }
        assertTrue(whole.threshold() != 1);
    }
}
