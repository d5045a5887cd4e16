package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What holds for clips by value. */
@Tag("kernel")
class ValuePropertiesTest {
    @Property
    void clampsEachElement(
            @ForAll("raw") float[] gradient, @ForAll("threshold") float low, @ForAll("threshold") float high) {
        float[] expected = gradient.clone();
        int outside = 0;
        for (int i = 0; i < expected.length; i++) {
            outside += expected[i] < -low || expected[i] > high ? 1 : 0;
            expected[i] = expected[i] < -low ? -low : expected[i] > high ? high : expected[i];
        }
        Clip clip = Clip.value(-low, high).nonFinite(NonFinite.PROPAGATE);
        ClipReport report = clip.apply(gradient);
        Bits.assertSame(expected, gradient);
        assertEquals(outside > 0, report.clipped());
        assertEquals(gradient.length == 0 ? 0 : (double) outside / gradient.length, report.clampedFraction());
        assertEquals(1, report.factor());

        clip.apply(gradient);
        Bits.assertSame(expected, gradient);
    }

    @Example
    void anElementClampedToZeroKeepsItsSign() {
        float[] expected = {-0f, 0, -0f, 0};
        for (Clip clip : List.of(Clip.value(0), Clip.value(-0f), Clip.value(0f, -0f), Clip.value(-0f, 0f))) {
            float[] gradient = {-1, 1, -0f, 0};
            clip.apply(gradient);
            Bits.assertSame(expected, gradient);
        }
    }

    @Property
    void symmetricBoundsAreThoseOfTheThreshold(@ForAll("raw") float[] gradient, @ForAll("threshold") float threshold) {
        float[] other = gradient.clone();
        Clip.value(threshold).nonFinite(NonFinite.PROPAGATE).apply(gradient);
        Clip.value(-threshold, threshold).nonFinite(NonFinite.PROPAGATE).apply(other);
        Bits.assertSame(other, gradient);
    }

    @Provide
    Arbitrary<float[]> raw() {
        return FloatArbitraries.any().array(float[].class).ofMaxSize(70);
    }

    @Provide
    Arbitrary<Float> threshold() {
        return FloatArbitraries.threshold();
    }
}
