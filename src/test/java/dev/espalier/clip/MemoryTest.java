package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.tensor.StateArray;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Clips with memory step by step, against values worked out by hand. */
class MemoryTest {
    private static final MathContext DIGITS = new MathContext(30);

    private final float[] a = new float[1];
    private final float[] b = new float[2];

    /** One step with these gradients; returns the report. */
    private ClipReport step(Clipper clipper, float x, float... y) {
        a[0] = x;
        System.arraycopy(y, 0, b, 0, y.length);
        Arrays.fill(b, y.length, 2, 0);
        return clipper.apply();
    }

    @Test
    void autoClipTakesThePercentileOfAllNormsSoFar() {
        Clipper clipper = Clip.autoClip(50).on(a, b);
        step(clipper, 4);
        assertEquals(4, a[0], "the first norm is its own percentile");
        // Norms 4, 2: median 3.
        step(clipper, 2);
        assertEquals(2, a[0]);
        // Norms 4, 2, 10: median 4, within 2^-8.
        assertEquals(0.4, step(clipper, 6, 8).factor(), 0.4 * 0x1p-8);
        Bits.assertSame(new float[] {(float) clipper.report().factor() * 6}, a);
        // Norms 4, 2, 10, 3: median 3.5.
        step(clipper, 3);
        // Norms 2, 3, 4, 10, 100: median 4, within 2^-7.
        assertEquals(4 / 100.0, step(clipper, 100).factor(), 0.04 * 0x1p-7);
    }

    @Test
    void autoClipLimitsToNumpysPercentile() {
        Clipper clipper = Clip.autoClip().on(a, b);
        for (int i = 1; i <= 10; i++) {
            step(clipper, i);
        }
        // numpy.percentile([1, ..., 10, 11], 10) = 2.
        assertEquals(2.0 / 11, step(clipper, 11).factor(), 2.0 / 11 * 0x1p-8);
    }

    @Test
    void zClipWarmsUpAndThenShrinksWhatStandsOut() {
        Clipper clipper = Clip.zClip(0.75f, 2, 4).on(a, b);
        for (float norm : new float[] {1, 3, 2, 6}) {
            assertFalse(step(clipper, norm).clipped());
            assertEquals(norm, a[0]);
        }
        // Mean 3, variance (4 + 0 + 1 + 9)/4 = 3.5.
        assertFalse(step(clipper, 3).clipped());
        // Mean 3, variance 0.75·3.5 = 2.625; n = 13: s = 10/(σ + 1e-6), c = 3 + 2σ/(s/2).
        double[] moments = ((StateArray.Doubles) clipper.state().get(1)).array();
        assertEquals(3, moments[0]);
        assertEquals(2.625, moments[1], 1e-15);
        BigDecimal sigma = new BigDecimal("2.625").sqrt(DIGITS);
        BigDecimal score = BigDecimal.TEN.divide(sigma.add(new BigDecimal("1e-6")), DIGITS);
        BigDecimal c = new BigDecimal(3)
                .add(sigma.multiply(new BigDecimal(2)).divide(score.divide(new BigDecimal(2), DIGITS), DIGITS));
        assertEquals(c.doubleValue() / 13, step(clipper, 5, 12).factor(), 1e-14);
        // The averages are fed with c.
        double mean = 0.75 * 3 + 0.25 * c.doubleValue();
        assertEquals(mean, moments[0], 1e-14);
        assertEquals(0.75 * 2.625 + 0.25 * Math.pow(c.doubleValue() - mean, 2), moments[1], 1e-14);
    }

    @Test
    void adaGcIsGlobalNormFirstAndThenEachTensorByItsOwn() {
        Clipper clipper = Clip.adaGc(2, 0.75f, 2, 5).on(a, b);
        // Norm 10: both halved, to 3 and 4.
        step(clipper, 6, 8);
        assertEquals(3, a[0]);
        assertEquals(4, b[0]);
        // Norm 5, not clipped: the smaller ones are 3 and 3.
        assertFalse(step(clipper, 4, 3).clipped());
        double[] usual = ((StateArray.Doubles) clipper.state().get(1)).array();
        assertEquals(3, usual[0]);
        assertEquals(3, usual[1]);
        // Now at most 6 each.
        ClipReport report = step(clipper, 8, 5);
        assertEquals(0.75, report.tensorFactor(0));
        assertEquals(1, report.tensorFactor(1));
        assertEquals(6, a[0]);
        assertEquals(0.75 * 3 + 0.25 * 6, usual[0], 1e-15);
        assertEquals(0.75 * 3 + 0.25 * 5, usual[1], 1e-15);
    }

    @Test
    void adaGcNeverLocksATensorThatHadNoGradient() {
        Clipper clipper = Clip.adaGc(2, 0.5f, 1, 1).on(a, b);
        step(clipper, 0, 1);
        assertFalse(step(clipper, 100, 1).clipped(), "nothing is known of it");
        assertFalse(step(clipper, 0, 1).clipped());
        assertEquals(2, step(clipper, 200, 1).tensorFactor(0) * 2, "100 is usual: 200 is within twice that");
        step(clipper, 400, 1);
        assertEquals(300, a[0], "(100 + 200)/2, twice");
    }

    @Test
    void autoClipNeverLocksOnZeros() {
        Clipper lowest = Clip.autoClip(0).on(a, b);
        for (float norm : new float[] {0, 3, 0, 5, 0, 4}) {
            step(lowest, norm);
            assertEquals(Math.min(norm, 3), a[0], "the smallest that was none of zeros is 3");
        }
        // One batch in five is poisoned: the others still train.
        Clipper poisoned = Clip.autoClip(10).nonFinite(NonFinite.ZERO_ELEMENTS).on(a, b);
        for (int i = 1; i <= 200; i++) {
            float norm = i % 5 == 0 ? Float.NaN : 2;
            step(poisoned, norm);
            assertEquals(norm == 2 ? 2 : 0, a[0], "step " + i);
        }
    }

    @Test
    void zClipForgetsZerosAmongGradients() {
        Clipper clipper = Clip.zClip().on(a, b);
        for (int i = 0; i < 30; i++) {
            step(clipper, 1 + i % 3);
        }
        double[] moments = ((StateArray.Doubles) clipper.state().get(1)).array();
        double[] before = moments.clone();
        for (int i = 0; i < 2000; i++) {
            step(clipper, 0);
        }
        assertArrayEquals(before, moments);
        assertFalse(step(clipper, 3).clipped());
    }

    @Test
    void zClipNeverLocksWhatHadNoGradient() {
        Clipper clipper = Clip.zClip(0.97f, 2.5f, 3).on(a, b);
        for (int i = 0; i < 5; i++) {
            assertFalse(step(clipper, 0, 0, 0).clipped());
        }
        for (int i = 0; i < 3; i++) {
            assertFalse(step(clipper, 3, 0, 0).clipped(), "the warm-up begins with the first that is none of zeros");
        }
        ClipReport report = step(clipper, 300, 0, 0);
        assertTrue(report.clipped() && a[0] > 0, "a spike beside the 3s before it: " + report);
    }

    @Test
    void spikesAreCutToTheirBound() {
        Clipper clipper = Clip.spikes(4000).on(a, b);
        step(clipper, 1, -2, 0);
        Bits.assertSame(new float[] {1}, a);
        Bits.assertSame(new float[] {-2, 0}, b);
        float[] v = ((StateArray.Floats) clipper.state().get(1)).array();
        Bits.assertSame(new float[] {1 - 0.999f, 4 * (1 - 0.999f), 0}, v);
        // Bounds 2, 4 and none: √(4000·0.001).
        ClipReport report = step(clipper, 1.5f, -7, 50);
        Bits.assertSame(new float[] {1.5f}, a);
        assertEquals(-4, b[0], 1e-4);
        assertEquals(50, b[1]);
        assertEquals(1 / 3.0, report.clampedFraction());
        assertTrue(report.clipped());
        assertEquals(Math.sqrt(1.5 * 1.5 + 49 + 2500), report.normBefore());
        assertEquals(0.999 * 0.001 + 0.001 * 2.25, v[0], 1e-6);
        assertEquals(0.999 * 0.004 + 0.001 * 16, v[1], 1e-6);
        assertEquals(2.5, v[2], 1e-3);
    }

    @Test
    void uClipHandsInAgainWhatItCutOff() {
        Clipper clipper = Clip.uClip(1).on(a, b);
        step(clipper, 2.5f, -3, 0.5f);
        Bits.assertSame(new float[] {1}, a);
        Bits.assertSame(new float[] {-1, 0.5f}, b);
        step(clipper, 0, 1.5f, 0.25f);
        // 0 + 1.5, 1.5 − 2, 0.25 + 0.
        Bits.assertSame(new float[] {1}, a);
        Bits.assertSame(new float[] {-0.5f, 0.25f}, b);
        ClipReport report = step(clipper, 0, 0, 0);
        Bits.assertSame(new float[] {0.5f}, a);
        Bits.assertSame(new float[] {0, 0}, b);
        assertEquals(0, report.normBefore());
        assertEquals(0.5, report.normAfter());
    }

    @Test
    void uClipAroundOtherClips() {
        Clipper byNorm = Clip.uClip(Clip.globalNorm(5)).on(a, b);
        step(byNorm, 6, 8);
        assertEquals(3, a[0]);
        assertEquals(4, b[0]);
        // 3 and 4 are left, and norm 5 is within the threshold.
        step(byNorm, 0, 0);
        assertEquals(3, a[0]);
        assertEquals(4, b[0]);
        // Planning alone leaves the clip to the optimizer.
        Clipper planned = Clip.uClip(Clip.globalNorm(5)).on(a, b);
        a[0] = 6;
        b[0] = 8;
        planned.plan();
        assertEquals(0.5f, planned.factor(0));
        assertEquals(6, a[0]);
        // A tiny quotient is written at once, and the rest is what it took away.
        Clipper tiny = Clip.uClip(Clip.norm(1e-30f)).on(a, b);
        step(tiny, 1e30f, 0);
        assertEquals(1e-30f, a[0], 1e-36);
        step(tiny, 0, 0);
        assertEquals(1e-30f, a[0], 1e-36, "1e30 is still there");
    }

    @Test
    void anInfiniteNormLeavesAdaGcAsItWas() {
        Clipper clipper =
                Clip.adaGc(1.05f, 0.5f, 1, 1).nonFinite(NonFinite.PROPAGATE).on(a, b);
        step(clipper, 1, 2, 3);
        step(clipper, 1, 2, 3);
        double[] usual = ((StateArray.Doubles) clipper.state().get(1)).array();
        double[] before = usual.clone();
        step(clipper, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1);
        assertArrayEquals(before, usual);
    }

    /** As under every clip of all gradients: a norm that is NaN says nothing of how to scale. */
    @Test
    void aNormThatIsNanMakesAllOfThemNan() {
        for (Clip clip : new Clip[] {
            Clip.globalNorm(1), Clip.soft(1), Clip.autoClip(), Clip.zClip(0.5f, 1, 1), Clip.adaGc(1, 0.5f, 0, 1)
        }) {
            Clipper clipper = clip.nonFinite(NonFinite.PROPAGATE).on(b);
            for (int i = 0; i < 2; i++) {
                b[0] = 1;
                b[1] = 2;
                clipper.apply();
            }
            b[0] = Float.NaN;
            b[1] = 2;
            clipper.apply();
            assertTrue(Float.isNaN(b[1]), clip.toString());
        }
    }

    @Test
    void whatIsNotFiniteIsNotRemembered() {
        for (Clip clip : new Clip[] {
            Clip.autoClip(50), Clip.zClip(0.5f, 1, 2), Clip.adaGc(1.05f, 0.5f, 1, 1), Clip.spikes(), Clip.uClip(1)
        }) {
            Clipper clipper = clip.nonFinite(NonFinite.PROPAGATE).on(a, b);
            step(clipper, 1, 2, 3);
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                step(clipper, bad, 1, bad);
                step(clipper, 1, bad, bad);
            }
            for (StateArray state : clipper.state()) {
                switch (state) {
                    case StateArray.Floats floats -> {
                        for (float x : floats.array()) {
                            assertTrue(Float.isFinite(x), clip + " " + floats.name());
                        }
                    }
                    case StateArray.Doubles doubles -> {
                        for (double x : doubles.array()) {
                            assertTrue(Double.isFinite(x), clip + " " + doubles.name());
                        }
                    }
                    case StateArray.Longs longs -> assertTrue(longs.array().length > 0);
                }
            }
        }
    }

    @Test
    void memoryBelongsToTheClipper() {
        Clip clip = Clip.autoClip(0);
        step(clip.on(a, b), 1);
        assertFalse(step(clip.on(a, b), 5).clipped());
    }

    @Test
    void describeThemselves() {
        assertEquals("autoClip(10.0)", Clip.autoClip().toString());
        assertEquals("zClip(0.97, 2.5, 25)", Clip.zClip().toString());
        assertEquals("adaGc(1.05, 0.98, 100, 1.0)", Clip.adaGc().toString());
        assertEquals("spikes(5000.0)", Clip.spikes().toString());
        assertEquals("uClip(value(-0.5, 0.5))", Clip.uClip(0.5f).toString());
        assertEquals(
                NonFinite.THROW,
                Clip.uClip(Clip.norm(1).nonFinite(NonFinite.THROW)).nonFinite());
    }

    @Test
    void badArgumentsAreNamed() {
        for (double bad : new double[] {Double.NaN, -1, 100.5}) {
            assertIllegal(() -> Clip.autoClip(bad), "percentile = " + bad, "[0, 100]");
        }
        for (float bad : new float[] {Float.NaN, -1, 0, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> Clip.zClip(0.5f, bad, 1), "z = " + bad, "above 0");
            assertIllegal(() -> Clip.adaGc(bad, 0.5f, 1, 1), "lambda = " + bad, "above 0");
            assertIllegal(() -> Clip.spikes(bad), "theta = " + bad, "above 0");
        }
        for (float bad : new float[] {Float.NaN, -1, 1}) {
            assertIllegal(() -> Clip.zClip(bad, 1, 1), "alpha = " + bad, "[0, 1)");
            assertIllegal(() -> Clip.adaGc(1, bad, 1, 1), "beta = " + bad, "[0, 1)");
        }
        assertIllegal(() -> Clip.zClip(0.5f, 1, 0), "warmup = 0", "at least 1");
        assertIllegal(() -> Clip.adaGc(1, 0.5f, -1, 1), "warmup = -1", "at least 0");
        assertIllegal(() -> Clip.adaGc(1, 0.5f, 1, Float.NaN), "globalThreshold = NaN");
        assertIllegal(() -> Clip.uClip(-1), "threshold = -1");
        assertIllegal(() -> Clip.uClip(null), "clip is null");
    }
}
