package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import dev.espalier.kernel.Elementwise;
import dev.espalier.tensor.StateArray;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** {@code a.then(b)}: what b sees is what a left, to the bit, fused or not. */
@Tag("kernel")
class ChainTest {
    record Case(float[][] gradients, List<Clip> clips, NonFinite policy) {
        Clip chain() {
            return clips.stream().reduce(Clip.none(), Clip::then).nonFinite(policy);
        }

        @Override
        public String toString() {
            return chain() + " on " + Arrays.deepToString(gradients);
        }
    }

    @Property(tries = 1000)
    void aChainGivesTheBitsOfItsPartsOneAfterTheOther(@ForAll("cases") Case c) {
        float[][] sequential = Bits.copy(c.gradients);
        for (Clip clip : c.clips) {
            clip.nonFinite(c.policy).apply(sequential);
        }
        float[][] chained = Bits.copy(c.gradients);
        c.chain().apply(chained);
        Bits.assertSame(sequential, chained);
    }

    @Property(tries = 1000)
    void thePlanGivesTheBitsAndTheReportOfApplying(@ForAll("cases") Case c) {
        float[][] applied = Bits.copy(c.gradients);
        ClipReport applying = c.chain().apply(applied);

        float[][] planned = Bits.copy(c.gradients);
        Clipper clipper = c.chain().on(planned);
        ClipReport planning = clipper.plan();
        assertSameReport(applying, planning);
        for (int i = 0; i < planned.length; i++) {
            Elementwise.clip(planned[i], 0, planned[i].length, clipper.factor(i), clipper.low(i), clipper.high(i));
        }
        Bits.assertSame(applied, planned);
    }

    @Property
    void theReportTellsTheNormsOfWhatCameInAndWhatWentOut(@ForAll("cases") Case c) {
        float[][] applied = Bits.copy(c.gradients);
        Clip chain = c.chain();
        ClipReport report = chain.apply(applied);
        double p = report.count() == 0 ? 2 : lastP(c.clips);
        Clip measure = Clip.globalNorm(Float.POSITIVE_INFINITY, p).nonFinite(NonFinite.PROPAGATE);
        assertEquals(measure.on(applied).plan().normBefore(), report.normAfter());
        if (c.policy == NonFinite.ZERO_ELEMENTS) {
            Clip.none().nonFinite(NonFinite.ZERO_ELEMENTS).apply(c.gradients);
        }
        assertEquals(measure.on(c.gradients).plan().normBefore(), report.normBefore());
    }

    @Example
    void valueThenGlobalNormIsOnePlan() {
        float[] gradient = {3, -40, 0.5f, 5};
        float[] before = gradient.clone();
        Clipper clipper = Clip.value(4).then(Clip.globalNorm(1)).on(gradient);
        ClipReport report = clipper.plan();
        Bits.assertSame(before, gradient);
        double norm = Math.sqrt(9 + 16 + 0.25 + 16);
        assertEquals((float) (1 / norm), clipper.factor(0));
        assertEquals(-4 * clipper.factor(0), clipper.low(0));
        assertEquals(4 * clipper.factor(0), clipper.high(0));
        assertEquals(Math.sqrt(9 + 1600 + 0.25 + 25), report.normBefore(), 1e-14);
        assertEquals(1, report.normAfter(), 1e-7);
        assertEquals(0.5, report.clampedFraction());
        assertEquals(1 / norm, report.factor());
    }

    @Example
    void globalNormThenValueIsOnePlan() {
        float[] gradient = {3, -4};
        float[] before = gradient.clone();
        Clipper clipper = Clip.globalNorm(1).then(Clip.value(0.7f)).on(gradient);
        clipper.plan();
        Bits.assertSame(before, gradient);
        assertEquals(0.2f, clipper.factor(0));
        assertEquals(-0.7f, clipper.low(0));
        assertEquals(0.7f, clipper.high(0));
    }

    @Example
    void twoFactorsAreTwoRoundings() {
        float[] one = {3, 4};
        float[] two = {0.3f, 0.4f};
        Clipper clipper = Clip.norm(1).then(Clip.globalNorm(0.3f)).on(one, two);
        ClipReport report = clipper.plan();
        // The first is too large on its own and is scaled at once; the second has one factor only.
        Bits.assertSame(new float[] {3 * 0.2f, 4 * 0.2f}, one);
        Bits.assertSame(new float[] {0.3f, 0.4f}, two);
        assertEquals(clipper.factor(0), clipper.factor(1));
        assertEquals(Math.sqrt(25.25), report.normBefore(), 1e-7);
        assertEquals(0.3, report.normAfter(), 1e-7);
        assertEquals(0.2 * report.tensorFactor(1), report.tensorFactor(0), 1e-12);
    }

    @Example
    void noneInAChainIsNothing() {
        assertEquals("norm(1.0)", Clip.none().then(Clip.norm(1)).toString());
        assertEquals("norm(1.0)", Clip.norm(1).then(Clip.none()).toString());
        assertEquals("none()", Clip.none().then(Clip.none()).toString());
    }

    @Example
    void chainsAreAssociative() {
        Clip left = Clip.value(1).then(Clip.norm(2)).then(Clip.globalNorm(3, 1));
        Clip right = Clip.value(1).then(Clip.norm(2).then(Clip.globalNorm(3, 1)));
        assertEquals("value(-1.0, 1.0) then norm(2.0) then globalNorm(3.0, 1.0)", left.toString());
        assertEquals(left.toString(), right.toString());
    }

    /** Else a checkpoint of one could not be read by the other. */
    @Example
    void theMemoryOfEqualChainsHasEqualNames() {
        Clip a = Clip.autoClip();
        Clip b = Clip.zClip();
        Clip c = Clip.uClip(1);
        Clip d = Clip.adaGc();
        float[] gradient = new float[3];
        assertEquals(
                names(a.then(b).then(c).then(d).on(gradient)),
                names(a.then(b.then(c.then(d))).on(gradient)));
        assertEquals(
                names(a.then(b).then(c).then(d).on(gradient)),
                names(a.then(b).then(c.then(d)).on(gradient)));
    }

    private static List<String> names(Clipper clipper) {
        return clipper.state().stream().map(StateArray::name).toList();
    }

    /** 1 + ulp times the factor is the bound times the factor. */
    @Example
    void whatALaterFactorRoundsToTheBoundHasBeenClampedAllTheSame() {
        float c = 1.5f;
        float[] gradient = new float[1000];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = i % 2 == 0 ? c : Math.nextUp(c);
        }
        for (Clip more : new Clip[] {
            Clip.globalNorm(1), Clip.globalNorm(10), Clip.globalNorm(1).then(Clip.value(100))
        }) {
            Clipper clipper = Clip.value(c).then(more).on(gradient);
            assertEquals(0.5, clipper.plan().clampedFraction());
            assertEquals(0.5, clipper.apply().clampedFraction());
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] = i % 2 == 0 ? c : Math.nextUp(c);
            }
        }
    }

    @Example
    void policiesAreShared() {
        Clip zero = Clip.value(1).nonFinite(NonFinite.ZERO_ELEMENTS).maxConsecutiveSkips(3);
        assertSame(NonFinite.ZERO_ELEMENTS, zero.then(Clip.norm(1)).nonFinite());
        assertSame(NonFinite.ZERO_ELEMENTS, Clip.norm(1).then(zero).nonFinite());
        assertEquals(3, Clip.norm(1).then(zero).maxConsecutiveSkips());
        assertEquals(3, zero.then(zero).maxConsecutiveSkips());
        assertEquals("value(-1.0, 1.0), ZERO_ELEMENTS, at most 3 skips in a row", zero.toString());
    }

    private static double lastP(List<Clip> clips) {
        double p = 2;
        for (Clip clip : clips) {
            String text = clip.toString();
            if (text.startsWith("globalNorm")) {
                int comma = text.indexOf(", ");
                p = comma < 0 ? 2 : Double.parseDouble(text.substring(comma + 2, text.length() - 1));
            }
        }
        return p;
    }

    private static void assertSameReport(ClipReport expected, ClipReport actual) {
        assertEquals(expected.normBefore(), actual.normBefore());
        assertEquals(expected.normAfter(), actual.normAfter());
        assertEquals(expected.factor(), actual.factor());
        assertEquals(expected.clipped(), actual.clipped());
        assertEquals(expected.clampedFraction(), actual.clampedFraction());
        assertEquals(expected.skipped(), actual.skipped());
        assertEquals(expected.zeroed(), actual.zeroed());
        for (int i = 0; i < expected.count(); i++) {
            assertEquals(expected.tensorNorm(i), actual.tensorNorm(i));
            assertEquals(expected.tensorNormAfter(i), actual.tensorNormAfter(i));
            assertEquals(expected.tensorFactor(i), actual.tensorFactor(i));
        }
    }

    /** Gradients and thresholds of one magnitude, which may be any: so that clips bite and meet each other. */
    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Case> cases = Arbitraries.integers().between(-149, 124).flatMap(exponent -> {
            Arbitrary<Float> finite = FloatArbitraries.between(-1, 1)
                    .flatMap(
                            x -> Arbitraries.integers().between(-3, 3).map(nearby -> Math.scalb(x, exponent + nearby)));
            Arbitrary<Float> zero = Arbitraries.of(0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE);
            Arbitrary<Float> wild = Arbitraries.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
            Arbitrary<Float> mostly = Arbitraries.frequencyOf(Tuple.of(9, finite), Tuple.of(1, zero));
            Arbitrary<Float> any = Arbitraries.frequencyOf(Tuple.of(40, mostly), Tuple.of(1, wild));
            Arbitrary<List<Clip>> clips = clip(exponent).list().ofMinSize(1).ofMaxSize(4);
            return Arbitraries.oneOf(
                    Combinators.combine(gradients(mostly), clips).as((g, c) -> new Case(g, c, NonFinite.SKIP_STEP)),
                    Combinators.combine(gradients(any), clips).as((g, c) -> new Case(g, c, NonFinite.ZERO_ELEMENTS)),
                    Combinators.combine(gradients(any), clips).as((g, c) -> new Case(g, c, NonFinite.PROPAGATE)));
        });
        return cases.withoutEdgeCases();
    }

    private static Arbitrary<float[][]> gradients(Arbitrary<Float> element) {
        return element.array(float[].class).ofMaxSize(20).array(float[][].class).ofMaxSize(4);
    }

    private static Arbitrary<Clip> clip(int exponent) {
        Arbitrary<Float> near = FloatArbitraries.between(1, 2)
                .flatMap(x -> Arbitraries.integers().between(-6, 6).map(nearby -> Math.scalb(x, exponent + nearby)));
        Arbitrary<Float> far = Arbitraries.of(0f, Float.MIN_VALUE, 1e-30f, 1e30f, Float.POSITIVE_INFINITY);
        Arbitrary<Float> threshold = Arbitraries.frequencyOf(Tuple.of(8, near), Tuple.of(1, far));
        return Arbitraries.oneOf(
                threshold.map(Clip::value),
                Combinators.combine(threshold, threshold).as((low, high) -> Clip.value(-low, high)),
                threshold.map(Clip::norm),
                threshold.map(Clip::globalNorm),
                Combinators.combine(threshold, Arbitraries.of(1.0, Double.POSITIVE_INFINITY, 3.0))
                        .as((t, p) -> Clip.globalNorm(t, p)));
    }
}
