package dev.espalier.optim;

import static dev.espalier.Errors.assertIllegal;
import static dev.espalier.Errors.assertOutOfBounds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import dev.espalier.clip.Clip;
import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** Update clips against their formulas in double, and against Adam without them. */
@Tag("kernel")
class UpdateClipTest {
    private final Parameters parameters =
            Parameters.builder().add("a", 2).add("none", 0).add("b", 1).build();

    @Example
    void rmsByHand() {
        AdamW adam = AdamW.withLearningRate(0.5f).betas(0, 0.75f).weightDecay(0.25f);
        Stepper stepper = adam.updateClip(UpdateClip.rms()).on(parameters, Clip.none());
        put(1, 2, 3, 1, 1, 1);
        stepper.step();
        // In the first step v̂ = g²: RMS 1 (and not above it but for rounding).
        assertEquals(1, stepper.updateFactor(0), 1e-6);
        put(1, 2, 3, 7, 1, 1);
        stepper.step();
        // v = 0.75·0.25 + 0.25·49 = 12.4375 and 0.75·0.25 + 0.25 = 0.4375; v̂ = v/(1 − 0.75²) = v/0.4375.
        double rms = Math.sqrt((49 / (12.4375 / 0.4375) + 1) / 2);
        assertEquals(1 / rms, stepper.updateFactor(0), 1e-6);
        assertEquals(1, stepper.updateFactor(1));
        assertEquals(1, stepper.updateFactor(2), 1e-6);
        double rate = 0.5 / rms;
        assertEquals(
                1 * (1 - rate * 0.25) - rate * 7 / Math.sqrt(12.4375 / 0.4375),
                parameters.weights()[0],
                1e-6);
        assertEquals(2 * (1 - rate * 0.25) - rate, parameters.weights()[1], 1e-6);
        assertEquals(3 * (1 - 0.5 * 0.25) - 0.5, parameters.weights()[2], 1e-6);
    }

    @Example
    void clippyByHand() {
        Stepper stepper = AdamW.withLearningRate(0.5f)
                .weightDecay(0.25f)
                .updateClip(UpdateClip.clippy(0.5f, 0.25f))
                .on(parameters, Clip.none());
        put(4, 0, 8, 3, -3, 1);
        stepper.step();
        // The first step of Adam is the rate: 0.5 against 0.5·4 + 0.25 and 0.25; against 0.5·8 + 0.25.
        assertEquals(0.5, stepper.updateFactor(0), 1e-6);
        assertEquals(1, stepper.updateFactor(2));
        assertEquals(4 * 0.875 - 0.25, parameters.weights()[0], 1e-6);
        assertEquals(0.25, parameters.weights()[1], 1e-6);
        assertEquals(8 * 0.875 - 0.5, parameters.weights()[2], 1e-6);
    }

    /** A step size among the subnormals could be rounded up by half: the tensor is left as it is. */
    @Example
    void aStepSizeThatWouldBeSubnormalIsNone() {
        Stepper stepper = Adam.withLearningRate(1e-8f)
                .betas(0.9f, 0)
                .epsilon(1e-19f)
                .updateClip(UpdateClip.clippy(0, 1e-8f))
                .on(parameters, Clip.none());
        put(0, 0, 0, 0x1p62f, 1, 1);
        stepper.step();
        put(0, 0, 0, 0, 0, 0);
        stepper.step();
        assertTrue(stepper.updateFactor(0) < 1e-30, "factor " + stepper.updateFactor(0));
        assertEquals(0, parameters.weights()[0]);
    }

    /** A moment with decay rate 0 is measured as the update will store it: without what it was before. */
    @Example
    void momentsWithoutMemoryAreMeasuredAfresh() {
        for (UpdateClip clip : new UpdateClip[] {UpdateClip.rms(0.5f), UpdateClip.clippy(0.5f, 0.25f)}) {
            Stepper stepper =
                    Adam.withLearningRate(2).betas(0, 0).updateClip(clip).on(parameters, Clip.none());
            put(0, 0, 0, 1e10f, 1e10f, 1e10f);
            stepper.step();
            put(1, 1, 2, 3, 3, 3);
            stepper.step();
            // Every ratio is 1: an RMS of 1 against 0.5; an update of 2 against 0.5·1 + 0.25 and 0.5·2 + 0.25.
            boolean clippy = clip.toString().startsWith("clippy");
            assertEquals(clippy ? 0.375 : 0.5, stepper.updateFactor(0), 1e-6);
            assertEquals(clippy ? 0.625 : 0.5, stepper.updateFactor(2), 1e-6);
        }
    }

    @Property(tries = 100)
    void withinTheLimitNotABitChanges(@ForAll("gradients") float[][] steps) {
        for (UpdateClip clip : new UpdateClip[] {UpdateClip.rms(1e30f), UpdateClip.clippy(0, 1e30f)}) {
            Adam adam = Adam.withLearningRate(0.01f);
            Parameters expected = model(1);
            Parameters actual = model(1);
            Stepper plain = adam.on(expected, Clip.value(1));
            Stepper clipped = adam.updateClip(clip).on(actual, Clip.value(1));
            for (float[] step : steps) {
                System.arraycopy(step, 0, expected.gradients(), 0, step.length);
                System.arraycopy(step, 0, actual.gradients(), 0, step.length);
                plain.step();
                clipped.step();
                Bits.assertSame(expected.weights(), actual.weights());
                assertEquals(1, clipped.updateFactor(0));
                assertEquals(1, clipped.updateFactor(1));
            }
        }
    }

    @Property(tries = 200)
    void clippyNeverMovesAWeightFurther(@ForAll("gradients") float[][] steps, @ForAll("rate") float rate) {
        float relative = 0.5f;
        float absolute = 0.01f;
        Parameters model = model(2);
        Stepper stepper = Adam.withLearningRate(rate)
                .updateClip(UpdateClip.clippy(relative, absolute))
                .on(model, Clip.none());
        for (float[] step : steps) {
            float[] before = model.weights().clone();
            System.arraycopy(step, 0, model.gradients(), 0, step.length);
            stepper.step();
            for (int i = 0; i < before.length; i++) {
                double may = (double) relative * Math.abs(before[i]) + absolute;
                double moved = Math.abs((double) model.weights()[i] - before[i]);
                assertTrue(moved <= may * (1 + 1e-6) + Math.ulp(before[i]), moved + " above " + may);
            }
        }
    }

    @Property(tries = 100)
    void factorsAreThoseOfTheFormulas(@ForAll("gradients") float[][] steps) {
        Parameters one = model(3);
        Parameters two = model(3);
        float epsilon = 1e-8f;
        Stepper rms =
                Adam.withLearningRate(0.1f).updateClip(UpdateClip.rms(0.5f)).on(one, Clip.none());
        Stepper clippy =
                Adam.withLearningRate(0.1f).updateClip(UpdateClip.clippy()).on(two, Clip.none());
        for (int t = 1; t <= steps.length; t++) {
            float[] before = two.weights().clone();
            System.arraycopy(steps[t - 1], 0, one.gradients(), 0, one.size());
            System.arraycopy(steps[t - 1], 0, two.gradients(), 0, two.size());
            rms.step();
            clippy.step();
            double correction1 = 1 - Math.pow(0.9f, t);
            double correction2 = 1 - Math.pow(0.999f, t);
            for (int i = 0; i < one.count(); i++) {
                Parameters.Slice slice = one.slice(i);
                double squares = 0;
                double share = 0;
                for (int j = slice.offset(); j < slice.offset() + slice.length(); j++) {
                    double g = Math.clamp(one.gradients()[j], -0x1p62f, 0x1p62f);
                    double root = Math.sqrt(rms.state("v")[j] / correction2);
                    squares += Math.pow(g / Math.max(root, epsilon), 2);
                    double u = 0.1 * clippy.state("m")[j] / correction1 / (root + epsilon);
                    share = Math.max(share, Math.abs(u) / (0.5 * Math.abs(before[j]) + 0.01));
                }
                double expected = Math.min(1, 0.5 / Math.sqrt(squares / slice.length()));
                assertEquals(expected, rms.updateFactor(i), 1e-5 * expected);
                assertEquals(Math.min(1, 1 / share), clippy.updateFactor(i), 1e-5 * Math.min(1, 1 / share));
            }
        }
    }

    @Example
    void aSkippedStepClipsNothing() {
        Stepper stepper =
                Adam.withLearningRate(10).updateClip(UpdateClip.clippy()).on(parameters, Clip.none());
        put(1, 1, 1, 1, 1, 1);
        stepper.step();
        assertTrue(stepper.updateFactor(0) < 1);
        put(1, 1, 1, 1, Float.NaN, 1);
        assertTrue(stepper.step().skipped());
        assertEquals(1, stepper.updateFactor(0));
    }

    @Example
    void threadsAndOffsetsDoNotShow() {
        SplitMix64 random = new SplitMix64(1);
        float[] gradient = new float[13 + 600_001];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = 2 * random.nextFloat() - 1;
        }
        for (UpdateClip clip : new UpdateClip[] {UpdateClip.rms(0.1f), UpdateClip.clippy(0.01f, 0.001f)}) {
            float[] expected = null;
            for (int threads : new int[] {1, 2, 7}) {
                Parameters model =
                        Parameters.builder().add("a", 13).add("b", 600_001).build();
                Stepper stepper = Adam.withLearningRate(0.1f)
                        .updateClip(clip)
                        .on(model, Clip.none())
                        .threads(threads);
                for (int step = 0; step < 3; step++) {
                    System.arraycopy(gradient, step, model.gradients(), 0, gradient.length - step);
                    stepper.step();
                }
                assertTrue(stepper.updateFactor(1) < 1);
                expected = expected == null ? model.weights() : expected;
                Bits.assertSame(clip + " on " + threads, expected, model.weights());
            }
        }
    }

    @Example
    void describeThemselvesAndNameBadArguments() {
        Adam adam = Adam.withLearningRate(1);
        assertEquals(
                "Adam(1.0, beta1 0.9, beta2 0.999, epsilon 1.0E-8, update clip rms(1.0))",
                adam.updateClip(UpdateClip.rms())
                        .epsilon(1e-8f)
                        .betas(0.9f, 0.999f)
                        .toString());
        assertEquals(
                "AdamW(1.0, beta1 0.9, beta2 0.999, epsilon 1.0E-8, weight decay 0.01, update clip clippy(0.5, 0.01))",
                AdamW.withLearningRate(1).updateClip(UpdateClip.clippy()).toString());
        for (float bad : new float[] {Float.NaN, -1, 0, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> UpdateClip.rms(bad), "threshold = " + bad, "above 0");
            assertIllegal(() -> UpdateClip.clippy(1, bad), "absolute = " + bad, "above 0");
        }
        assertIllegal(() -> UpdateClip.clippy(-1, 1), "relative = -1", "at least 0");
        assertIllegal(() -> adam.updateClip(null), "updateClip is null");
        Stepper stepper = adam.on(parameters, Clip.none());
        stepper.step();
        assertEquals(1, stepper.updateFactor(2));
        assertOutOfBounds(() -> stepper.updateFactor(3), "i = 3", "[0, 3)");
    }

    private void put(float w0, float w1, float w2, float g0, float g1, float g2) {
        System.arraycopy(new float[] {w0, w1, w2}, 0, parameters.weights(), 0, 3);
        System.arraycopy(new float[] {g0, g1, g2}, 0, parameters.gradients(), 0, 3);
    }

    private static Parameters model(long seed) {
        Parameters model = Parameters.builder().add("a", 40).add("b", 7).build();
        SplitMix64 random = new SplitMix64(seed);
        for (int i = 0; i < model.size(); i++) {
            model.weights()[i] = (float) random.nextGaussian();
        }
        return model;
    }

    @Provide
    Arbitrary<float[][]> gradients() {
        Arbitrary<Float> near = FloatArbitraries.between(-2, 2);
        return Arbitraries.oneOf(
                        near.array(float[].class).ofSize(47),
                        Arbitraries.of(-1e3f, 1e-3f, 1f, 1e-6f)
                                .array(float[].class)
                                .ofSize(47))
                .array(float[][].class)
                .ofSize(4);
    }

    @Provide
    Arbitrary<Float> rate() {
        return Arbitraries.of(1e-3f, 0.1f, 3f, 1000f);
    }
}
