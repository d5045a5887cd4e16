package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static dev.espalier.Errors.assertOutOfBounds;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.tensor.Parameters;
import org.junit.jupiter.api.Test;

/** Every public entry point names the argument, the value and what was expected. */
class ClipArgumentsTest {
    @Test
    void thresholds() {
        for (float bad : new float[] {Float.NaN, -1, -Float.MIN_VALUE, Float.NEGATIVE_INFINITY}) {
            String value = "threshold = " + bad;
            assertIllegal(() -> Clip.value(bad), value, "at least 0");
            assertIllegal(() -> Clip.norm(bad), value, "at least 0");
            assertIllegal(() -> Clip.globalNorm(bad), value, "at least 0");
            assertIllegal(() -> Clip.globalNorm(bad, 1), value, "at least 0");
        }
    }

    @Test
    void aThresholdOfMinusZeroIsZero() {
        assertEquals(Clip.globalNorm(0).toString(), Clip.globalNorm(-0f).toString());
        assertEquals(Clip.norm(0).toString(), Clip.norm(-0f).toString());
        assertEquals(Clip.value(0).toString(), Clip.value(-0f).toString());
    }

    @Test
    void bounds() {
        assertIllegal(() -> Clip.value(Float.NaN, 1), "low = NaN", "at most 0");
        assertIllegal(() -> Clip.value(0.5f, 1), "low = 0.5", "at most 0");
        assertIllegal(() -> Clip.value(-1, Float.NaN), "high = NaN", "at least 0");
        assertIllegal(() -> Clip.value(-2, -1), "high = -1.0", "at least 0");
        assertEquals(
                "value(-Infinity, 0.0)",
                Clip.value(Float.NEGATIVE_INFINITY, -0f).toString());
    }

    @Test
    void powers() {
        for (double bad : new double[] {Double.NaN, 0, 0.99, -1, Double.NEGATIVE_INFINITY}) {
            assertIllegal(() -> Clip.globalNorm(1, bad), "p = " + bad, "at least 1");
        }
    }

    @Test
    void policies() {
        assertIllegal(() -> Clip.none().nonFinite(null), "policy is null");
        assertIllegal(() -> Clip.none().maxConsecutiveSkips(-1), "skips = -1", "at least 0");
        assertEquals(100, Clip.none().maxConsecutiveSkips());
        assertEquals(NonFinite.SKIP_STEP, Clip.none().nonFinite());
    }

    @Test
    void policiesStayWhateverIsChosenNext() {
        Clip clip = Clip.norm(1).nonFinite(NonFinite.THROW).maxConsecutiveSkips(3);
        for (Clip same : new Clip[] {
            clip,
            Clip.norm(1).maxConsecutiveSkips(3).nonFinite(NonFinite.THROW),
            clip.only("x"),
            clip.except("x"),
            Clip.uClip(clip),
            Clip.value(1).then(clip)
        }) {
            assertEquals(NonFinite.THROW, same.nonFinite(), same.toString());
            assertEquals(3, same.maxConsecutiveSkips(), same.toString());
        }
    }

    @Test
    void chains() {
        assertIllegal(() -> Clip.none().then(null), "next is null");
        Clip one = Clip.none().nonFinite(NonFinite.THROW);
        Clip other = Clip.norm(1).nonFinite(NonFinite.PROPAGATE);
        assertIllegal(() -> one.then(other), "nonFinite = THROW", "PROPAGATE in next", "the same");
        assertIllegal(
                () -> Clip.none().maxConsecutiveSkips(1).then(Clip.none().maxConsecutiveSkips(2)),
                "maxConsecutiveSkips = 1",
                "2 in next");
    }

    @Test
    void gradients() {
        float[] gradient = {3, 4};
        Clip clip = Clip.globalNorm(1);
        assertIllegal(() -> clip.apply((float[][]) null), "gradients is null");
        assertIllegal(() -> clip.apply(gradient, null), "gradients[1] is null");
        assertIllegal(() -> clip.apply(gradient, new float[2], gradient), "gradients[2]", "different arrays");
        assertIllegal(() -> clip.on((float[][]) null), "gradients is null");
        assertIllegal(() -> clip.on((Parameters) null), "parameters is null");
        assertEquals(3, gradient[0]);
    }

    @Test
    void indices() {
        Clipper clipper = Clip.norm(1).on(new float[1], new float[2]);
        for (int bad : new int[] {-1, 2}) {
            assertOutOfBounds(() -> clipper.factor(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.low(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.high(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.next(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.report().name(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.report().tensorNorm(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.report().tensorNormAfter(bad), "i = " + bad, "[0, 2)");
            assertOutOfBounds(() -> clipper.report().tensorFactor(bad), "i = " + bad, "[0, 2)");
        }
    }
}
