package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.tensor.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** NaN and ±∞ under each policy, for each clip. */
class NonFiniteTest {
    static List<Clip> clips() {
        return List.of(
                Clip.none(),
                Clip.value(0.5f),
                Clip.norm(1),
                Clip.globalNorm(1),
                Clip.globalNorm(1, 1),
                Clip.globalNorm(1, 3),
                Clip.globalNorm(1, Double.POSITIVE_INFINITY),
                Clip.globalNorm(Float.POSITIVE_INFINITY),
                Clip.value(0.5f).then(Clip.globalNorm(1)),
                Clip.norm(1).then(Clip.globalNorm(0.1f)));
    }

    @ParameterizedTest
    @MethodSource("clips")
    void skippingChangesNothing(Clip clip) {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[][] gradients = {{1, 2}, {3, 4, bad, bad}, {bad}};
            float[][] before = Bits.copy(gradients);
            ClipReport report = clip.apply(gradients);
            Bits.assertSame(before, gradients);
            assertTrue(report.skipped());
            assertEquals("gradients[1]", report.nonFiniteName());
            assertEquals(2, report.nonFiniteIndex());
            assertEquals(1, report.consecutiveSkips());
            assertEquals(1, report.skips());
            assertFalse(Double.isFinite(report.normBefore()));
            assertEquals(report.normBefore(), report.normAfter());
            assertFalse(report.clipped());
            assertEquals(0, report.clampedFraction());
            assertEquals(1, report.factor());
            assertEquals("skipped: gradients[1][2] is not finite", report.toString());
        }
    }

    @Test
    void aSkippedStepHasNoThreshold() {
        float[] gradient = {3, 4};
        Clipper clipper = Clip.globalNorm(1).on(gradient);
        assertEquals(1, clipper.plan().tensorThreshold(0));
        gradient[0] = Float.NaN;
        ClipReport report = clipper.plan();
        assertTrue(report.skipped());
        assertTrue(Double.isNaN(report.tensorThreshold(0)));
    }

    @ParameterizedTest
    @MethodSource("clips")
    void skipsInARowHaveALimit(Clip clip) {
        float[] gradient = {1, Float.NaN};
        Clipper clipper = clip.maxConsecutiveSkips(2).on(gradient);
        for (int skip = 1; skip <= 2; skip++) {
            assertEquals(skip, clipper.plan().consecutiveSkips());
        }
        for (int again = 0; again < 2; again++) {
            NonFiniteGradientException e = assertThrows(NonFiniteGradientException.class, clipper::plan);
            assertTrue(e.getMessage().contains("2 steps"), e.getMessage());
            assertEquals(2, clipper.report().consecutiveSkips());
        }

        gradient[1] = 2;
        ClipReport report = clipper.apply();
        assertFalse(report.skipped());
        assertEquals(0, report.consecutiveSkips());
        assertEquals(2, report.skips());
        assertNull(report.nonFiniteName());
        assertEquals(-1, report.nonFiniteIndex());

        gradient[1] = Float.NaN;
        assertEquals(1, clipper.plan().consecutiveSkips());
        assertEquals(3, clipper.report().skips());
    }

    @ParameterizedTest
    @MethodSource("clips")
    void throwingNamesParameterAndIndex(Clip clip) {
        Parameters parameters = Parameters.builder()
                .add("dense1.weight", 2, 3)
                .add("dense1.bias", 3)
                .build();
        parameters.gradients()[7] = Float.NEGATIVE_INFINITY;
        parameters.gradients()[8] = Float.NaN;
        float[] before = parameters.gradients().clone();
        Clipper clipper = clip.nonFinite(NonFinite.THROW).on(parameters);
        for (int way = 0; way < 2; way++) {
            NonFiniteGradientException e =
                    assertThrows(NonFiniteGradientException.class, way == 0 ? clipper::plan : clipper::apply);
            assertEquals("dense1.bias", e.parameter());
            assertEquals(1, e.index());
            assertEquals(Float.NEGATIVE_INFINITY, e.value());
            assertEquals(
                    "gradient of dense1.bias is -Infinity at index 1: expected finite numbers (the policy is THROW)",
                    e.getMessage());
            Bits.assertSame(before, parameters.gradients());
        }
    }

    @ParameterizedTest
    @MethodSource("clips")
    void zeroingClipsWhatIsLeft(Clip clip) {
        float[][] gradients = {{1, Float.NaN, 2}, {}, {Float.POSITIVE_INFINITY, 3}, {Float.NEGATIVE_INFINITY}};
        float[][] zeroed = {{1, 0, 2}, {}, {0, 3}, {0}};
        double before = clip.on(Bits.copy(zeroed)).plan().normBefore();
        ClipReport report = clip.nonFinite(NonFinite.ZERO_ELEMENTS).apply(gradients);
        clip.apply(zeroed);
        Bits.assertSame(zeroed, gradients);
        assertFalse(report.skipped());
        assertEquals(3, report.zeroed());
        assertEquals("gradients[0]", report.nonFiniteName());
        assertEquals(1, report.nonFiniteIndex());
        assertEquals(before, report.normBefore());
        assertEquals(0, report.consecutiveSkips());
    }

    @Test
    void zeroedElementsAreCountedStepByStep() {
        Clipper clipper = Clip.globalNorm(1).nonFinite(NonFinite.ZERO_ELEMENTS).on(new float[] {Float.NaN, 1});
        assertEquals(1, clipper.plan().zeroed());
        assertEquals(0, clipper.plan().zeroed());
    }

    @ParameterizedTest
    @MethodSource("clips")
    void finiteGradientsMeetNoPolicy(Clip clip) {
        float[][] expected = {{1, -2, 3e38f}, {1e-45f}};
        clip.apply(expected);
        for (NonFinite policy : NonFinite.values()) {
            float[][] gradients = {{1, -2, 3e38f}, {1e-45f}};
            ClipReport report = clip.nonFinite(policy).apply(gradients);
            Bits.assertSame(expected, gradients);
            assertFalse(report.skipped());
            assertNull(report.nonFiniteName());
            assertEquals(0, report.zeroed());
        }
    }

    @Test
    void propagatingIsRawArithmetic() {
        float inf = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        assertPropagates(new float[] {1, nan, inf, -inf}, Clip.none(), new float[] {1, nan, inf, -inf});
        assertPropagates(new float[] {1, nan, inf, -inf}, Clip.value(0.5f), new float[] {0.5f, nan, 0.5f, -0.5f});
        assertPropagates(new float[] {1, nan, -2}, Clip.globalNorm(1), new float[] {nan, nan, nan});
        assertPropagates(new float[] {1, inf, -2}, Clip.globalNorm(1), new float[] {0, nan, -0f});
        assertPropagates(new float[] {1, inf, -2}, Clip.norm(1), new float[] {0, nan, -0f});
        assertPropagates(new float[] {1, nan, inf}, Clip.globalNorm(inf), new float[] {1, nan, inf});
        assertPropagates(new float[] {3, inf, 0}, Clip.value(4).then(Clip.globalNorm(1)), new float[] {0.6f, 0.8f, 0});
        assertPropagates(new float[] {3, inf, 0}, Clip.value(4).then(Clip.globalNorm(0)), new float[3]);
    }

    private static void assertPropagates(float[] gradient, Clip clip, float[] expected) {
        ClipReport report = clip.nonFinite(NonFinite.PROPAGATE).apply(gradient);
        Bits.assertSame(expected, gradient);
        assertFalse(report.skipped());
        assertNull(report.nonFiniteName());
    }
}
