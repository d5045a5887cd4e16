package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Gradients of every finite magnitude under thresholds from MIN_VALUE to MAX_VALUE: nothing that a clip computes overflows. */
@Tag("kernel")
class MagnitudeTest {
    @Property
    void whatAClipLeavesAndReportsIsFinite(
            @ForAll("gradients") float[][] gradients, @ForAll("threshold") float c, @ForAll("threshold") float d) {
        List<Clip> clips = List.of(
                Clip.value(c),
                Clip.norm(c),
                Clip.globalNorm(c),
                Clip.globalNorm(c, 1),
                Clip.globalNorm(c, 2.5),
                Clip.globalNorm(c, Double.POSITIVE_INFINITY),
                Clip.value(c).then(Clip.globalNorm(d)),
                Clip.globalNorm(c).then(Clip.value(d)),
                Clip.norm(c).then(Clip.norm(d)).then(Clip.globalNorm(c)));
        for (Clip clip : clips) {
            float[][] clipped = Bits.copy(gradients);
            ClipReport report = clip.apply(clipped);
            String what = clip + ": " + report;
            assertFalse(report.skipped(), what);
            assertEquals(-1, report.nonFiniteIndex(), what);
            assertTrue(report.normBefore() >= 0 && report.normBefore() < Double.POSITIVE_INFINITY, what);
            assertTrue(report.normAfter() >= 0 && report.normAfter() <= report.normBefore(), what);
            assertTrue(report.factor() >= 0 && report.factor() <= 1, what);
            assertTrue(report.clampedFraction() >= 0 && report.clampedFraction() <= 1, what);
            for (int i = 0; i < clipped.length; i++) {
                assertTrue(Double.isFinite(report.tensorNorm(i)) && Double.isFinite(report.tensorNormAfter(i)), what);
                for (int j = 0; j < clipped[i].length; j++) {
                    assertTrue(Math.abs(clipped[i][j]) <= Math.abs(gradients[i][j]), what);
                }
            }
        }
    }

    @Provide
    Arbitrary<float[][]> gradients() {
        return FloatArbitraries.gradients();
    }

    @Provide
    Arbitrary<Float> threshold() {
        return FloatArbitraries.threshold().filter(c -> c > 0 && c <= Float.MAX_VALUE);
    }
}
