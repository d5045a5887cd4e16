package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.tensor.Parameters;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a clipper decides, and what its report tells. */
class ClipperTest {
    private final Parameters parameters =
            Parameters.builder().add("a", 2).add("b", 2).add("c").add("d", 0).build();

    ClipperTest() {
        System.arraycopy(new float[] {3, 4, 6, 8, 1}, 0, parameters.gradients(), 0, 5);
    }

    @Test
    void planningWritesNothing() {
        float[] before = parameters.gradients().clone();
        for (Clip clip :
                new Clip[] {Clip.none(), Clip.value(2), Clip.norm(2), Clip.globalNorm(2), Clip.globalNorm(0)}) {
            ClipReport report = clip.on(parameters).plan();
            report.normBefore();
            report.normAfter();
            report.clampedFraction();
            Bits.assertSame(before, parameters.gradients());
        }
    }

    @Test
    void oneNormForAllIsOnePlanForAll() {
        Clipper clipper = Clip.globalNorm(1).on(parameters);
        clipper.plan();
        assertEquals(4, clipper.count());
        assertEquals(4, clipper.next(0));
        assertEquals(4, clipper.next(2));
        assertEquals((float) (1 / Math.sqrt(126)), clipper.factor(3));
        assertEquals(Float.NEGATIVE_INFINITY, clipper.low(0));
        assertEquals(Float.POSITIVE_INFINITY, clipper.high(0));
    }

    @Test
    void aNormForEachIsAPlanForEach() {
        Clipper clipper = Clip.norm(2).on(parameters);
        ClipReport report = clipper.plan();
        assertEquals(1, clipper.next(0));
        assertEquals(2, clipper.next(1));
        assertEquals(4, clipper.next(2), "c is within the threshold and d is empty: both neutral");
        assertEquals(0.4f, clipper.factor(0));
        assertEquals(0.2f, clipper.factor(1));
        assertEquals(1, clipper.factor(2));
        assertEquals(0.2, report.factor());
        assertEquals(0.4, report.tensorFactor(0));
        assertEquals(5, report.tensorNorm(0));
        assertEquals(2, report.tensorNormAfter(0), 1e-6);
        assertEquals(1, report.tensorNormAfter(2));
        assertEquals(Math.sqrt(4 + 4 + 1), report.normAfter(), 1e-6);
        assertEquals("c", report.name(2));
        assertEquals(4, report.count());
    }

    @Test
    void boundsAreInThePlan() {
        Clipper clipper = Clip.value(-1, 5).on(parameters);
        ClipReport report = clipper.plan();
        assertEquals(4, clipper.next(0));
        assertEquals(-1, clipper.low(1));
        assertEquals(5, clipper.high(1));
        assertEquals(1, clipper.factor(1));
        assertEquals(0.4, report.clampedFraction());
        assertTrue(report.clipped());
        assertEquals(1, report.factor());
        assertEquals(Math.sqrt(126), report.normBefore());
        assertEquals(Math.sqrt(9 + 16 + 25 + 25 + 1), report.normAfter());
    }

    /** What the second value clamps counts, whether the first has clamped it or not. */
    @Test
    void allValuesOfAChainAreCounted() {
        Clip clip = Clip.value(2).then(Clip.norm((float) Math.sqrt(5) / 2)).then(Clip.value(0.75f));
        assertEquals(1, clip.on(new float[] {4, 1}).plan().clampedFraction());
    }

    @Test
    void whatOneStepClampsIsNotCountedInTheNext() {
        float[] gradient = {4, 1};
        Clipper clipper =
                Clip.value(2).then(Clip.norm(1)).then(Clip.value(0.75f)).on(gradient);
        assertTrue(clipper.apply().clampedFraction() > 0);
        Arrays.fill(gradient, 0.5f);
        ClipReport report = clipper.apply();
        assertEquals(0, report.clampedFraction());
        assertFalse(report.clipped());
    }

    @Test
    void theReportIsOneObjectAndSpeaksOfTheLastStep() {
        Clipper clipper = Clip.globalNorm(1).on(parameters);
        ClipReport report = clipper.plan();
        assertSame(report, clipper.report());
        assertTrue(report.clipped());
        Arrays.fill(parameters.gradients(), 0.125f);
        assertSame(report, clipper.plan());
        assertFalse(report.clipped());
        assertEquals(1, report.factor());
        assertEquals(1, clipper.factor(0));
        assertEquals(0.125 * Math.sqrt(5), report.normBefore());
        assertEquals("norm " + report.normBefore() + " -> " + report.normBefore(), report.toString());
    }

    @Test
    void applyingTellsTheNormBefore() {
        for (Clip clip : new Clip[] {Clip.none(), Clip.value(5), Clip.norm(2), Clip.globalNorm(2)}) {
            float[] gradient = {3, 4, 6, 8, 1};
            ClipReport report = clip.apply(gradient);
            assertEquals(Math.sqrt(126), report.normBefore());
            assertEquals(Clip.none().on(gradient).plan().normBefore(), report.normAfter());
        }
        assertEquals(0.4, Clip.value(5).apply(parameters.gradients()).clampedFraction());
    }

    @Test
    void normsAreThoseOfTheClip() {
        assertEquals(22, Clip.globalNorm(1, 1).on(parameters).plan().normBefore());
        assertEquals(
                8,
                Clip.globalNorm(1, Double.POSITIVE_INFINITY)
                        .on(parameters)
                        .plan()
                        .normBefore());
        assertEquals(
                Math.cbrt(27 + 64 + 216 + 512 + 1),
                Clip.globalNorm(1, 3).on(parameters).plan().normBefore(),
                1e-14);
        assertEquals(7, Clip.globalNorm(1, 1).on(parameters).plan().tensorNorm(0));
        assertEquals(
                22, Clip.uClip(Clip.globalNorm(100, 1)).on(parameters).plan().normBefore());
        ClipPart part =
                Clip.globalNorm(3.5f, 1).on(new float[] {3, -4}).plan().parts().get(0);
        assertEquals(7, part.normBefore());
        assertEquals(3.5, part.normAfter());
        assertEquals(
                22,
                Clip.globalNorm(1)
                        .then(Clip.globalNorm(1, 1))
                        .on(parameters)
                        .plan()
                        .normBefore());
    }

    @Test
    void aClipperKnowsItsClip() {
        Clip clip = Clip.norm(3);
        assertSame(clip, clip.on(parameters).clip());
        assertEquals(
                "value(-0.05, 0.05) then globalNorm(1.0)",
                Clip.value(0.05f).then(Clip.globalNorm(1)).toString());
        assertEquals(
                "globalNorm(1.0, Infinity)",
                Clip.globalNorm(1, Double.POSITIVE_INFINITY).toString());
        assertEquals(
                "none(), PROPAGATE", Clip.none().nonFinite(NonFinite.PROPAGATE).toString());
    }
}
