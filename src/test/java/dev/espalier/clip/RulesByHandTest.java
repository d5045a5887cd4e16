package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.tensor.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each rule on numbers that can be worked out on paper. */
class RulesByHandTest {
    @Test
    void averageNormDividesByTheNumberOfElements() {
        // ‖(3, 4)‖/2 = 2.5 and ‖(0, 0, 0, 8)‖/4 = 2.
        float[][] gradients = {{3, 4}, {0, 0, 0, 8}};
        ClipReport report = Clip.averageNorm(2).apply(gradients);
        Bits.assertSame(new float[][] {{3 * 0.8f, 4 * 0.8f}, {0, 0, 0, 8}}, gradients);
        assertEquals(2.5, report.parts().get(0).measured());
        assertEquals(2, report.tensorThreshold(1));
    }

    @Test
    void blockRmsDividesByItsRoot() {
        float[][] gradients = {{2, -2, 2, -2}, {0, 0, 0, 8}, {1}};
        ClipReport report = Clip.blockRms(1).apply(gradients);
        Bits.assertSame(new float[][] {{1, -1, 1, -1}, {0, 0, 0, 2}, {1}}, gradients);
        assertEquals(0.25, report.factor());
        assertEquals(4, report.parts().get(0).measured());
    }

    @Test
    void softHalvesAGradientAsLongAsTheThreshold() {
        float[][] gradients = {{3}, {-4}};
        ClipReport report = Clip.soft(5).apply(gradients);
        Bits.assertSame(new float[][] {{1.5f}, {-2}}, gradients);
        assertEquals(0.5, report.factor());
        float[] once = {3};
        Clip.soft(1).apply(once);
        assertEquals(0.75f, once[0]);
    }

    /** Whoever wraps it sees the norm, too. */
    @Test
    void softComparesTheNorm() {
        for (Clip clip : List.of(
                Clip.soft(1), Clip.uClip(Clip.soft(1)), Clip.uClip(Clip.soft(1).only("*")))) {
            ClipReport report = clip.on(new float[] {0, 3}).plan();
            assertEquals(3, report.parts().get(0).measured(), clip.toString());
            assertEquals(0.25, report.tensorFactor(0), clip.toString());
        }
        // A norm that vanishes beside the threshold, and one that is 0, shorten nothing.
        for (float g : new float[] {0, 1e-30f}) {
            assertEquals(false, Clip.soft(1).on(new float[] {g}).plan().clipped());
        }
        assertEquals(0, Clip.soft(0).on(new float[] {2}).plan().factor());
    }

    @Test
    void unitsAreColumns() {
        Parameters parameters = Parameters.builder()
                .add("w", 2, 3)
                .add("b", 2)
                .add("k", 1, 2, 2)
                .build();
        System.arraycopy(new float[] {3, 1, 0, 4, 0, 10, 6, 8, 3, 0.5f, 4, 0.25f}, 0, parameters.gradients(), 0, 12);
        Clipper clipper = Clip.unitNorm(2.5f).on(parameters);
        ClipReport report = clipper.apply();
        Bits.assertSame(new float[] {1.5f, 1, 0, 2, 0, 2.5f, 1.5f, 2, 1.5f, 0.5f, 2, 0.25f}, parameters.gradients());
        assertEquals(0.25, report.factor());
        assertEquals(0.25, report.tensorFactor(0));
        assertEquals(0.5, report.tensorFactor(2));
        assertEquals(Math.sqrt(26 + 100 + 100 + 25 + 0.25 + 0.0625), report.normBefore());
        assertEquals(10, report.parts().get(0).measured());
    }

    @Test
    void unitsOfPlainArraysAreTheArrays() {
        float[][] gradients = {{3, 4}, {0.5f}};
        Clip.unitNorm(1).apply(gradients);
        Bits.assertSame(new float[][] {{3 * 0.2f, 4 * 0.2f}, {0.5f}}, gradients);
    }

    @Test
    void agcComparesWithTheWeightsOfTheUnit() {
        Parameters parameters = Parameters.builder().add("w", 2, 3).add("b", 2).build();
        // The columns' norms are 5, 0 and 0.25, that of the bias 10.
        System.arraycopy(new float[] {3, 0, 0.25f, 4, 0, 0, 6, 8}, 0, parameters.weights(), 0, 8);
        float[] gradients = {0, 2, 0, 5, 0, 0.125f, 1, 0};
        System.arraycopy(gradients, 0, parameters.gradients(), 0, 8);
        ClipReport report = Clip.agc(0.5f, 0.125f).on(parameters).plan();
        // 5·0.5 = 2.5 < 5; 0.125·0.5 = 1/16 < 2; 0.25·0.5 is not below 0.125, nor 10·0.5 below 1.
        Bits.assertSame(new float[] {0, 0.0625f, 0, 2.5f, 0, 0.125f, 1, 0}, parameters.gradients());
        assertEquals(1 / 32.0, report.factor());
        assertEquals(1 / 32.0, report.tensorFactor(0));
        assertEquals(1, report.tensorFactor(1));
        ClipPart part = report.parts().get(0);
        assertEquals("agc(0.5, 0.125)", part.name());
        assertEquals(16, part.measured());
        assertEquals(0.5, part.threshold());
        assertTrue(part.clipped());
    }

    @Test
    void aWeightThatIsNanCountsAsNone() {
        Parameters parameters = Parameters.builder().add("w", 2, 2).add("b", 2).build();
        System.arraycopy(new float[] {Float.NaN, 4, 3, 3, Float.NaN, 1}, 0, parameters.weights(), 0, 6);
        System.arraycopy(new float[] {3, 1, 4, 1, 6, 8}, 0, parameters.gradients(), 0, 6);
        Clip.agc(0.5f, 2).on(parameters).apply();
        // The first unit and the bias to 0.5·2; the second one has 0.5·5.
        assertArrayEquals(new float[] {0.6f, 1, 0.8f, 1, 0.6f, 0.8f}, parameters.gradients(), 1e-6f);
    }

    @Test
    void agcWritesNothingWhereNothingIsClipped() {
        Parameters parameters = Parameters.builder().add("w", 2, 2).add("b", 2).build();
        java.util.Arrays.fill(parameters.weights(), 1);
        float[] gradients = parameters.gradients();
        gradients[0] = -0f;
        gradients[3] = 0.001f;
        float[] before = gradients.clone();
        ClipReport report = Clip.agc().on(parameters).apply();
        Bits.assertSame(before, gradients);
        assertFalse(report.clipped());
        assertEquals(report.normBefore(), report.normAfter());
    }

    @Test
    void agcNeedsWeights() {
        assertIllegal(
                () -> Clip.agc().apply(new float[] {1}), "agc(0.01, 0.001) on gradients[0]", "expected Parameters");
        assertIllegal(() -> Clip.value(1).then(Clip.agc()).on(new float[1]), "agc(0.01, 0.001)");
        for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> Clip.agc(0.01f, bad), "epsilon = " + bad, "above 0");
        }
        assertIllegal(() -> Clip.agc(-1), "lambda = -1.0", "at least 0");
    }

    @Test
    void chainsSeeWhatUnitsLeft() {
        Parameters parameters = Parameters.builder().add("w", 2, 2).build();
        System.arraycopy(new float[] {9, 0, 9, 12}, 0, parameters.gradients(), 0, 4);
        ClipReport report = Clip.value(8)
                .then(Clip.unitNorm(4))
                .then(Clip.globalNorm(100))
                .on(parameters)
                .plan();
        // The first column becomes (8, 8), of norm √128, and then (√8, √8); the second 8 and then 4.
        float root = (float) Math.sqrt(8);
        Bits.assertWithin(1, root, parameters.gradients()[0]);
        Bits.assertWithin(1, root, parameters.gradients()[2]);
        assertEquals(4, parameters.gradients()[3]);
        assertEquals(Math.sqrt(32), report.normAfter(), 1e-6);
        assertEquals(Math.sqrt(81 + 81 + 144), report.normBefore());
        assertEquals(0.75, report.clampedFraction());
        assertEquals(Math.sqrt(32), report.parts().get(2).measured(), 1e-6);
    }
}
