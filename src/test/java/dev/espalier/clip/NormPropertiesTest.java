package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What holds for clips by norm, with gradients and thresholds of every magnitude. */
@Tag("kernel")
class NormPropertiesTest {
    private static final double HALF_ULP = 0x1p-24;

    @Property
    void globalNormMeasuresTheNorm(@ForAll("gradients") float[][] gradients, @ForAll("p") double p) {
        double exact = norm(gradients, p);
        ClipReport report =
                Clip.globalNorm(Float.POSITIVE_INFINITY, p).on(gradients).plan();
        assertEquals(exact, report.normBefore(), 1e-12 * exact);
        assertEquals(report.normBefore(), report.normAfter());
    }

    @Property
    void globalNormScalesByTheQuotient(
            @ForAll("gradients") float[][] gradients, @ForAll("threshold") float threshold, @ForAll("p") double p) {
        float[][] before = Bits.copy(gradients);
        ClipReport report = Clip.globalNorm(threshold, p).apply(gradients);
        assertScaled(before, gradients, report.normBefore(), threshold);
        assertEquals(report.normBefore() > threshold, report.clipped());
        assertEquals(report.clipped() ? threshold / report.normBefore() : 1, report.factor());
    }

    @Property
    void normScalesEachTensorByItsOwnQuotient(
            @ForAll("gradients") float[][] gradients, @ForAll("threshold") float threshold) {
        float[][] before = Bits.copy(gradients);
        ClipReport report = Clip.norm(threshold).apply(gradients);
        for (int i = 0; i < gradients.length; i++) {
            float[][] one = {before[i]};
            double exact = norm(one, 2);
            assertEquals(exact, report.tensorNorm(i), 1e-12 * exact);
            assertScaled(one, new float[][] {gradients[i]}, report.tensorNorm(i), threshold);
        }
    }

    @Property
    void theNormAfterIsWithinTheThreshold(
            @ForAll("gradients") float[][] gradients, @ForAll("threshold") float threshold, @ForAll("p") double p) {
        Assume.that(threshold < Float.POSITIVE_INFINITY);
        ClipReport report = Clip.globalNorm(threshold, p).apply(gradients);
        assertTrue(report.normAfter() <= report.normBefore());
        // Every element may round up, and among the subnormals by half a MIN_VALUE.
        double elements = report.count() * 70;
        double limit = threshold * (1 + 4 * HALF_ULP) + elements * Float.MIN_VALUE;
        assertTrue(report.normAfter() <= limit, () -> report.normAfter() + " above " + threshold);
    }

    @Property
    void withinTheThresholdNotABitChanges(@ForAll("gradients") float[][] gradients, @ForAll("p") double p) {
        double norm = norm(gradients, p);
        Assume.that(norm < Float.MAX_VALUE);
        float above = Math.nextUp((float) (norm * (1 + 1e-12)));
        float[][] before = Bits.copy(gradients);
        ClipReport report = Clip.globalNorm(above, p).apply(gradients);
        Bits.assertSame(before, gradients);
        assertFalse(report.clipped());
        assertEquals(1, report.factor());
    }

    @Property
    void clippingTwiceIsNearlyClippingOnce(
            @ForAll("gradients") float[][] gradients, @ForAll("threshold") float threshold, @ForAll("p") double p) {
        // The factor and the products are rounded, so the first norm may end up to 2⁻²³ above the threshold, and the
        // second
        // factor may be 1 − 2⁻²³: that is up to 2 ulp of an element. Among the subnormals rounding is coarser still.
        Assume.that(threshold > 1e-20 || threshold == 0);
        Clip clip = Clip.globalNorm(threshold, p);
        clip.apply(gradients);
        float[][] once = Bits.copy(gradients);
        clip.apply(gradients);
        for (int i = 0; i < gradients.length; i++) {
            for (int j = 0; j < gradients[i].length; j++) {
                Bits.assertWithin(2, once[i][j], gradients[i][j]);
            }
        }
    }

    @Property
    void theOrderOfTheTensorsChangesNothing(
            @ForAll("gradients") float[][] gradients,
            @ForAll("threshold") float threshold,
            @ForAll("p") double p,
            @ForAll Random random) {
        List<Integer> order = new ArrayList<>();
        float[][] shuffled = new float[gradients.length][];
        for (int i = 0; i < gradients.length; i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        for (int i = 0; i < gradients.length; i++) {
            shuffled[i] = gradients[order.get(i)].clone();
        }
        Clip clip = Clip.globalNorm(threshold, p);
        assertEquals(clip.apply(gradients).normBefore(), clip.apply(shuffled).normBefore());
        for (int i = 0; i < gradients.length; i++) {
            Bits.assertSame(gradients[order.get(i)], shuffled[i]);
        }
    }

    @Property
    void zeroThresholdMakesEverythingZero(@ForAll("gradients") float[][] gradients, @ForAll("p") double p) {
        Clip.globalNorm(0, p).apply(gradients);
        for (float[] gradient : gradients) {
            for (float x : gradient) {
                assertTrue(x == 0);
            }
        }
    }

    @Example
    void zeroEmptyAndNoGradients() {
        float[][] gradients = {{0, -0f, 0}, {}, {0}};
        float[][] before = Bits.copy(gradients);
        for (Clip clip :
                List.of(Clip.norm(0), Clip.norm(1), Clip.globalNorm(0), Clip.globalNorm(1), Clip.globalNorm(1, 3))) {
            ClipReport report = clip.apply(gradients);
            Bits.assertSame(before, gradients);
            assertEquals(0, report.normBefore());
            assertEquals(0, report.normAfter());
            assertFalse(report.clipped());
            assertEquals(0, clip.apply().normBefore());
            assertEquals(0, clip.apply(new float[0]).normBefore());
        }
    }

    @Example
    void subnormalQuotientsKeepTheirPrecision() {
        float[] gradient = {3e38f, -1e38f, 1e30f};
        float[] before = gradient.clone();
        float threshold = 1e-3f;
        ClipReport report = Clip.globalNorm(threshold).apply(gradient);
        assertTrue(report.factor() < Float.MIN_NORMAL);
        assertScaled(new float[][] {before}, new float[][] {gradient}, report.normBefore(), threshold);
        assertEquals(threshold, report.normAfter(), 1e-7 * threshold);
    }

    @Example
    void millionsOfElementsLoseNothing() {
        float[] gradient = new float[3_000_001];
        Arrays.fill(gradient, 0.1f);
        double exact = Math.sqrt(gradient.length * (double) 0.1f * 0.1f);
        assertEquals(exact, Clip.globalNorm(1).on(gradient).plan().normBefore(), 1e-12 * exact);
    }

    private static void assertScaled(float[][] before, float[][] after, double norm, float threshold) {
        for (int i = 0; i < before.length; i++) {
            if (norm <= threshold) {
                Bits.assertSame(before[i], after[i]);
            } else {
                for (int j = 0; j < before[i].length; j++) {
                    Bits.assertWithin(1, (float) (before[i][j] * (threshold / norm)), after[i][j]);
                }
            }
        }
    }

    /** The norm by another way: exact sums of decimals for p = 1 and 2, plain loops else. */
    private static double norm(float[][] gradients, double p) {
        BigDecimal sum = BigDecimal.ZERO;
        double max = 0;
        for (float[] gradient : gradients) {
            for (float x : gradient) {
                BigDecimal exact = new BigDecimal(Math.abs(x));
                sum = sum.add(p == 2 ? exact.multiply(exact) : exact);
                max = Math.max(max, Math.abs(x));
            }
        }
        if (p == 2) {
            return sum.sqrt(new MathContext(20)).doubleValue();
        }
        if (p == 1) {
            return sum.doubleValue();
        }
        double powers = 0;
        for (float[] gradient : gradients) {
            for (float x : gradient) {
                powers += max == 0 ? 0 : Math.pow(Math.abs(x) / max, p);
            }
        }
        return p == Double.POSITIVE_INFINITY ? max : max * Math.pow(powers, 1 / p);
    }

    @Provide
    Arbitrary<float[][]> gradients() {
        return FloatArbitraries.gradients();
    }

    @Provide
    Arbitrary<Float> threshold() {
        return FloatArbitraries.threshold();
    }

    @Provide
    Arbitrary<Double> p() {
        return Arbitraries.of(2.0, 2.0, 1.0, Double.POSITIVE_INFINITY, 1.5, 3.0);
    }
}
