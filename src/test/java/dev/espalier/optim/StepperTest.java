package dev.espalier.optim;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.clip.Clip;
import dev.espalier.clip.ClipReport;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.NonFiniteGradientException;
import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StepperTest {
    private static final LearningRate RATE = LearningRate.stepDecay(0.1f, 2, 0.5f);

    static List<Optimizer> optimizers() {
        return Subjects.optimizers(RATE);
    }

    /** Large enough to be shared, in two slices of which clips treat each by itself. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void threadsDoNotShow(Optimizer optimizer) {
        SplitMix64 random = new SplitMix64(1);
        float[] gradient = new float[501 * 1001 + 150_001];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = 2 * random.nextFloat() - 1;
        }
        for (Clip clip : List.of(Clip.value(0.5f), Clip.norm(1), Clip.value(1).then(Clip.globalNorm(2)))) {
            float[] expected = null;
            for (int threads : new int[] {1, 2, 3, 7}) {
                Parameters parameters = Parameters.builder()
                        .add("a", 501, 1001)
                        .add("b", 150_001)
                        .build();
                Stepper stepper = optimizer.on(parameters, clip).threads(threads);
                for (int step = 0; step < 2; step++) {
                    System.arraycopy(gradient, step, parameters.gradients(), 0, gradient.length - step);
                    stepper.step();
                }
                expected = expected == null ? parameters.weights() : expected;
                Bits.assertSame(clip + " on " + threads, expected, parameters.weights());
            }
        }
        Parameters few = Parameters.builder().add("a", 1).build();
        assertIllegal(() -> optimizer.on(few, Clip.none()).threads(0), "threads = 0", "expected at least 1");
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aSkippedStepLeavesEverythingAsItWas(Optimizer optimizer) {
        for (Clip clip : Subjects.clips(1)) {
            Run run = new Run(optimizer, clip);
            run.step(1);
            run.step(2);
            Run.Snapshot before = run.snapshot();
            run.gradient(3);
            run.parameters.gradients()[run.parameters.slice("b").offset() + 2] = Float.NaN;
            ClipReport report = run.stepper.step();
            assertTrue(report.skipped());
            assertEquals("b", report.nonFiniteName());
            assertEquals(2, report.nonFiniteIndex());
            run.assertIs(before);

            // And the steps that follow are those of a run that never saw the bad gradient.
            Run other = new Run(optimizer, clip);
            other.step(1);
            other.step(2);
            other.step(3);
            run.step(3);
            run.assertIs(other.snapshot());
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void throwingLeavesEverythingAsItWas(Optimizer optimizer) {
        for (Clip clip : Subjects.clips(1)) {
            Run run = new Run(optimizer, clip.nonFinite(NonFinite.THROW));
            run.step(1);
            Run.Snapshot before = run.snapshot();
            run.gradient(2);
            run.parameters.gradients()[4] = Float.POSITIVE_INFINITY;
            NonFiniteGradientException e = assertThrows(NonFiniteGradientException.class, run.stepper::step);
            assertEquals("a", e.parameter());
            assertEquals(4, e.index());
            run.assertIs(before);
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aRestoredRunGoesOnToTheSameBits(Optimizer optimizer) {
        Clip clip = Clip.globalNorm(1);
        Run whole = new Run(optimizer, clip);
        for (int step = 0; step < 4; step++) {
            whole.step(step);
        }
        Run resumed = new Run(optimizer, clip);
        System.arraycopy(whole.parameters.weights(), 0, resumed.parameters.weights(), 0, whole.parameters.size());
        for (String state : whole.stepper.stateNames()) {
            System.arraycopy(whole.stepper.state(state), 0, resumed.stepper.state(state), 0, whole.parameters.size());
        }
        resumed.stepper.restore(whole.stepper.steps());
        for (int step = 4; step < 8; step++) {
            whole.step(step);
            resumed.step(step);
        }
        resumed.assertIs(whole.snapshot());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void everyStepMovesTheWeightsAndCounts(Optimizer optimizer) {
        Run run = new Run(optimizer, Clip.none());
        Run.Snapshot before = run.snapshot();
        ClipReport report = run.step(1);
        assertFalse(report.skipped());
        assertEquals(1, run.stepper.steps());
        for (int i = 0; i < run.parameters.size(); i++) {
            assertNotEquals(before.arrays[0][i], run.parameters.weights()[i]);
        }
        assertSame(report, run.step(2));
    }

    @Test
    void statesHaveNames() {
        Parameters parameters = Parameters.builder().add("w", 3).build();
        assertEquals(
                List.of(), Sgd.withLearningRate(1).on(parameters, Clip.none()).stateNames());
        assertEquals(
                List.of("velocity"),
                Sgd.withLearningRate(1)
                        .momentum(0.5f)
                        .on(parameters, Clip.none())
                        .stateNames());
        assertEquals(
                List.of("v"),
                RmsProp.withLearningRate(1).on(parameters, Clip.none()).stateNames());
        assertEquals(
                List.of("v", "velocity"),
                RmsProp.withLearningRate(1)
                        .momentum(0.5f)
                        .on(parameters, Clip.none())
                        .stateNames());
        Stepper adam = Adam.withLearningRate(1).on(parameters, Clip.none());
        assertEquals(List.of("m", "v"), adam.stateNames());
        assertSame(adam.state("m"), adam.state("m"));
        assertEquals(3, adam.state("v").length);
        assertIllegal(() -> adam.state("velocity"), "name = \"velocity\"", "one of [m, v]");
        assertIllegal(() -> adam.state(null), "name is null");
        assertIllegal(() -> adam.restore(-1), "steps = -1", "at least 0");
    }

    @Test
    void aStepperKnowsWhatItWorksOn() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        Clip clip = Clip.norm(1);
        Stepper stepper = Sgd.withLearningRate(RATE).on(parameters, clip);
        assertSame(parameters, stepper.parameters());
        assertSame(clip, stepper.clip());
        for (int step = 0; step < 5; step++) {
            assertEquals(RATE.at(step), stepper.learningRate());
            stepper.step();
        }
        assertEquals(0.025f, stepper.learningRate());
    }

    /** What {@link NonFinite#PROPAGATE} switches off: weights stay finite, and only what is squared is held at 2⁶². */
    @Test
    void onlyPropagateLetsAnUpdateOverflow() {
        for (NonFinite policy : NonFinite.values()) {
            boolean raw = policy == NonFinite.PROPAGATE;
            Clip clip = Clip.none().nonFinite(policy);
            Parameters parameters = Parameters.builder().add("w", 1).build();
            parameters.weights()[0] = -Float.MAX_VALUE;
            parameters.gradients()[0] = 0x1p100f;
            Sgd.withLearningRate(0x1p27f).on(parameters, clip).step();
            assertEquals(
                    raw ? Float.NEGATIVE_INFINITY : -Float.MAX_VALUE, parameters.weights()[0]);

            parameters.weights()[0] = 0;
            Sgd.withLearningRate(1).on(parameters, clip).step();
            assertEquals(-0x1p100f, parameters.weights()[0]);

            Stepper adam = Adam.withLearningRate(1).betas(0.5f, 0.5f).on(parameters, clip);
            adam.step();
            assertEquals(raw ? 0x1p99f : 0x1p61f, adam.state("m")[0]);
            assertEquals(raw ? Float.POSITIVE_INFINITY : 0x1p123f, adam.state("v")[0]);
        }
    }

    /** After many steps without a gradient the first one moves a weight by √10 rates: here that is past the last float. */
    @Test
    void adamKeepsAWeightThatWouldOverflow() {
        for (float epsilon : new float[] {1e-19f, 1}) {
            Parameters parameters = Parameters.builder().add("w", 1).build();
            parameters.weights()[0] = -Float.MAX_VALUE;
            parameters.gradients()[0] = 1e6f;
            Stepper stepper = Adam.withLearningRate(0x1p102f).epsilon(epsilon).on(parameters, Clip.none());
            stepper.restore(1_000_000);
            stepper.step();
            assertEquals(-Float.MAX_VALUE, parameters.weights()[0], "epsilon " + epsilon);
        }
    }

    /** The second moment forgets at once, the first does not: it is divided by epsilon alone. */
    @Test
    void adamKeepsAWeightThatWouldOverflowWithoutAGradient() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        parameters.weights()[0] = Float.MAX_VALUE;
        parameters.gradients()[0] = -0x1p62f;
        Stepper stepper = Adam.withLearningRate(1.3f * 0x1p-20f)
                .betas(0.9f, 0)
                .epsilon(1e-19f)
                .on(parameters, Clip.none());
        stepper.step();
        parameters.gradients()[0] = 0;
        stepper.step();
        assertEquals(Float.MAX_VALUE, parameters.weights()[0]);
    }

    /** Twice the weight is beyond all floats, though what a step takes of it is not. */
    @Test
    void weightDecayOfTheLargestWeightStaysFinite() {
        Parameters parameters = Parameters.builder().add("w", 19).build();
        Arrays.fill(parameters.weights(), Float.MAX_VALUE);
        AdamW.withLearningRate(1e-3f)
                .betas(0, 0)
                .weightDecay(2)
                .on(parameters, Clip.none())
                .step();
        for (float weight : parameters.weights()) {
            assertEquals(Float.MAX_VALUE, weight);
        }
    }

    @Test
    void weightDecayMayTakeAWholeWeight() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        parameters.weights()[0] = 8;
        AdamW.withLearningRate(2).weightDecay(0.5f).on(parameters, Clip.none()).step();
        assertEquals(0, parameters.weights()[0], 8 * 0x1p-23);
    }

    /** 1 − 10⁻⁶·0.01 is 1 in float: weights decay all the same, for the update rounds each step another way. */
    @Test
    void smallWeightDecayIsNotRoundedAway() {
        int n = 512;
        int steps = 4000;
        float rate = 1e-6f;
        Parameters parameters = Parameters.builder().add("w", n).build();
        Parameters plain = Parameters.builder().add("w", n).build();
        SplitMix64 random = new SplitMix64(5);
        for (int i = 0; i < n; i++) {
            parameters.weights()[i] = 0.55f + 0.4f * random.nextFloat();
            plain.weights()[i] = parameters.weights()[i];
        }
        double before = mean(parameters.weights());
        Stepper stepper = AdamW.withLearningRate(rate).weightDecay(0.01f).on(parameters, Clip.none());
        Stepper without = Adam.withLearningRate(rate).on(plain, Clip.none());
        for (int step = 0; step < steps; step++) {
            for (int i = 0; i < n; i++) {
                parameters.gradients()[i] = (float) random.nextGaussian();
                plain.gradients()[i] = parameters.gradients()[i];
            }
            stepper.step();
            without.step();
        }
        double decay = mean(plain.weights()) - mean(parameters.weights());
        double exact = before * steps * rate * 0.01;
        assertEquals(exact, decay, 0.1 * exact);
    }

    private static double mean(float[] x) {
        double sum = 0;
        for (float each : x) {
            sum += each;
        }
        return sum / x.length;
    }

    @Test
    void anEpsilonOfAnyFiniteSizeIsLegal() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        parameters.weights()[0] = 8;
        parameters.gradients()[0] = 1;
        Adam.withLearningRate(1)
                .epsilon(Float.MAX_VALUE)
                .on(parameters, Clip.none())
                .step();
        assertEquals(8, parameters.weights()[0]);
    }

    /** Only {@link UpdateClip} shrinks an update. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void updateFactorsBeginAtOne(Optimizer optimizer) {
        Run run = new Run(optimizer, Clip.norm(1));
        assertEquals(1, run.stepper.updateFactor(0));
        assertEquals(1, run.stepper.updateFactor(1));
        run.step(1);
        if (!optimizer.toString().contains("update clip")) {
            assertEquals(1, run.stepper.updateFactor(0));
            assertEquals(1, run.stepper.updateFactor(1));
        }
    }

    @Test
    void anyFiniteRateAndAnyCountFromZeroAreLegal() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        for (float rate : new float[] {0, Float.MIN_VALUE, Float.MAX_VALUE}) {
            Stepper stepper = Sgd.withLearningRate(step -> rate).on(parameters, Clip.none());
            assertEquals(rate, stepper.learningRate());
            stepper.step();
            stepper.restore(0);
            assertEquals(0, stepper.steps());
        }
    }

    @Test
    void noParametersAreLegal() {
        Stepper stepper = Adam.withLearningRate(1).on(Parameters.builder().build(), Clip.globalNorm(1));
        assertFalse(stepper.step().skipped());
        assertEquals(1, stepper.steps());
    }

    @Test
    void aBadLearningRateStopsBeforeTheStep() {
        for (float bad : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY}) {
            for (Optimizer optimizer : Subjects.optimizers(step -> step < 2 ? 0.1f : bad)) {
                Run run = new Run(optimizer, Clip.globalNorm(1));
                run.step(0);
                run.step(1);
                Run.Snapshot before = run.snapshot();
                assertIllegal(() -> run.step(2), "learning rate at step 2 = " + bad, "a finite number at least 0");
                assertIllegal(run.stepper::learningRate, "learning rate at step 2 = " + bad);
                run.assertIs(before);
            }
        }
    }

    /** Else the clip would count a step that was not taken. */
    @Test
    void aBadRateStopsBeforeTheClipRemembersTheGradient() {
        for (Optimizer optimizer : List.of(
                Sgd.withLearningRate(step -> Float.NaN),
                AdamW.withLearningRate(1).weightDecay(2))) {
            Parameters parameters = Parameters.builder().add("w", 2).build();
            Arrays.fill(parameters.gradients(), 1);
            Stepper stepper = optimizer.on(parameters, Clip.spikes());
            assertThrows(IllegalArgumentException.class, stepper::step);
            StateArray v = stepper.state().stream()
                    .filter(array -> array.name().equals("clip.v"))
                    .findFirst()
                    .orElseThrow();
            Bits.assertSame(new float[2], ((StateArray.Floats) v).array());
        }
    }

    @Test
    void rateZeroMovesMomentsButNoWeight() {
        for (Optimizer optimizer : Subjects.optimizers(step -> 0)) {
            Run run = new Run(optimizer, Clip.none());
            float[] weights = run.parameters.weights().clone();
            run.step(0);
            Bits.assertSame(weights, run.parameters.weights());
            assertEquals(1, run.stepper.steps());
            for (String state : run.stepper.stateNames()) {
                assertNotEquals(0, run.stepper.state(state)[0]);
            }
        }
    }

    @Test
    void aMomentWithoutMemoryIsTheLastGradient() {
        Optimizer[] optimizers = {
            Adam.withLearningRate(1).betas(0, 0),
            RmsProp.withLearningRate(1).rho(0),
            RmsProp.withLearningRate(1).rho(0).momentum(0.5f)
        };
        for (Optimizer optimizer : optimizers) {
            Parameters parameters = Parameters.builder().add("w", 1).build();
            Stepper stepper = optimizer.on(parameters, Clip.none());
            for (float gradient : new float[] {1e10f, 3, -1e-5f}) {
                parameters.gradients()[0] = gradient;
                stepper.step();
                assertEquals(gradient * gradient, stepper.state("v")[0]);
                if (optimizer instanceof Adam) {
                    assertEquals(gradient, stepper.state("m")[0]);
                }
            }
        }
    }

    @Test
    void weightDecayMustNotTurnWeightsAround() {
        Run run = new Run(AdamW.withLearningRate(step -> step == 0 ? 1 : 3).weightDecay(0.5f), Clip.none());
        run.step(0);
        Run.Snapshot before = run.snapshot();
        assertIllegal(() -> run.step(1), "weight decay at step 1 = 1.5", "at most 1");
        run.assertIs(before);
    }

    @Test
    void weightDecayIsNotClipped() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        parameters.weights()[0] = 8;
        AdamW.withLearningRate(0.5f)
                .weightDecay(0.5f)
                .on(parameters, Clip.value(0))
                .step();
        assertEquals(6, parameters.weights()[0]);
    }

    @Test
    void describesItself() {
        assertEquals("Sgd(0.1)", Sgd.withLearningRate(0.1f).toString());
        assertEquals(
                "Sgd(0.1, momentum 0.9, nesterov)",
                Sgd.withLearningRate(0.1f).momentum(0.9f).nesterov().toString());
        assertEquals(
                "RmsProp(0.1, rho 0.9, epsilon 1.0E-8)",
                RmsProp.withLearningRate(0.1f).toString());
        assertEquals(
                "RmsProp(0.1, rho 0.5, epsilon 1.0, momentum 0.25)",
                RmsProp.withLearningRate(0.1f)
                        .rho(0.5f)
                        .epsilon(1)
                        .momentum(0.25f)
                        .toString());
        assertEquals(
                "Adam(0.1, beta1 0.9, beta2 0.999, epsilon 1.0E-8)",
                Adam.withLearningRate(0.1f).toString());
        assertEquals(
                "AdamW(0.1, beta1 0.5, beta2 0.75, epsilon 1.0, weight decay 0.125)",
                AdamW.withLearningRate(0.1f)
                        .betas(0.5f, 0.75f)
                        .epsilon(1)
                        .weightDecay(0.125f)
                        .toString());
    }

    @Test
    void settingsStayWhateverIsChosenNext() {
        AdamW adamW = AdamW.withLearningRate(0.1f)
                .betas(0.8f, 0.9f)
                .epsilon(1e-6f)
                .weightDecay(0.5f)
                .updateClip(UpdateClip.rms());
        for (AdamW same : List.of(
                adamW.betas(0.8f, 0.9f),
                adamW.epsilon(1e-6f),
                adamW.weightDecay(0.5f),
                adamW.updateClip(UpdateClip.rms()))) {
            assertEquals(adamW.toString(), same.toString());
        }
        RmsProp rmsProp =
                RmsProp.withLearningRate(0.1f).rho(0.8f).epsilon(1e-6f).momentum(0.5f);
        for (RmsProp same : List.of(rmsProp.rho(0.8f), rmsProp.epsilon(1e-6f), rmsProp.momentum(0.5f))) {
            assertEquals(rmsProp.toString(), same.toString());
        }
    }

    @Test
    void badHyperparametersAreNamed() {
        for (float bad : new float[] {Float.NaN, 0, -1, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> Sgd.withLearningRate(bad), "learning rate = " + bad, "above 0");
            assertIllegal(() -> RmsProp.withLearningRate(bad), "learning rate = " + bad, "above 0");
            assertIllegal(() -> Adam.withLearningRate(bad), "learning rate = " + bad, "above 0");
            assertIllegal(() -> AdamW.withLearningRate(bad), "learning rate = " + bad, "above 0");
        }
        Sgd sgd = Sgd.withLearningRate(1);
        RmsProp rmsProp = RmsProp.withLearningRate(1);
        Adam adam = Adam.withLearningRate(1);
        AdamW adamW = AdamW.withLearningRate(1);
        for (float bad : new float[] {Float.NaN, -0.1f, 1, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> sgd.momentum(bad), "momentum = " + bad, "[0, 1)");
            assertIllegal(() -> rmsProp.momentum(bad), "momentum = " + bad, "[0, 1)");
            assertIllegal(() -> rmsProp.rho(bad), "rho = " + bad, "[0, 1)");
            assertIllegal(() -> adam.betas(bad, 0.5f), "beta1 = " + bad, "[0, 1)");
            assertIllegal(() -> adam.betas(0.5f, bad), "beta2 = " + bad, "[0, 1)");
            assertIllegal(() -> adamW.betas(0.5f, bad), "beta2 = " + bad, "[0, 1)");
        }
        for (float bad : new float[] {Float.NaN, 0, -1, 1e-20f, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> rmsProp.epsilon(bad), "epsilon = " + bad, "at least 1.0E-19");
            assertIllegal(() -> adam.epsilon(bad), "epsilon = " + bad, "at least 1.0E-19");
            assertIllegal(() -> adamW.epsilon(bad), "epsilon = " + bad, "at least 1.0E-19");
        }
        for (float bad : new float[] {Float.NaN, -1, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> adamW.weightDecay(bad), "weightDecay = " + bad, "at least 0");
        }
        assertIllegal(sgd::nesterov, "momentum = 0.0", "above 0");
        assertIllegal(() -> sgd.momentum(0.5f).nesterov().momentum(0), "momentum = 0.0");
        assertIllegal(() -> Sgd.withLearningRate(null), "rate is null");
        assertIllegal(() -> RmsProp.withLearningRate(null), "rate is null");
        assertIllegal(() -> Adam.withLearningRate(null), "rate is null");
        assertIllegal(() -> AdamW.withLearningRate(null), "rate is null");
    }

    @Test
    void bindingNeedsParametersAndAClip() {
        Parameters parameters = Parameters.builder().add("w", 1).build();
        for (Optimizer optimizer : optimizers()) {
            assertIllegal(() -> optimizer.on(null, Clip.none()), "parameters is null");
            assertIllegal(() -> optimizer.on(parameters, null), "clip is null");
        }
    }

    /** An optimizer at work on two tensors, with gradients that depend on nothing but a seed. */
    private static final class Run {
        private final Parameters parameters =
                Parameters.builder().add("a", 3, 7).add("b", 7).build();
        private final Stepper stepper;

        Run(Optimizer optimizer, Clip clip) {
            stepper = optimizer.on(parameters, clip);
            fill(99, parameters.weights());
        }

        ClipReport step(long seed) {
            gradient(seed);
            return stepper.step();
        }

        void gradient(long seed) {
            fill(seed, parameters.gradients());
        }

        Snapshot snapshot() {
            float[][] arrays = new float[1 + stepper.stateNames().size()][];
            arrays[0] = parameters.weights().clone();
            for (int i = 1; i < arrays.length; i++) {
                arrays[i] = stepper.state(stepper.stateNames().get(i - 1)).clone();
            }
            return new Snapshot(arrays, stepper.steps());
        }

        void assertIs(Snapshot expected) {
            Bits.assertSame(expected.arrays, snapshot().arrays);
            assertEquals(expected.steps, stepper.steps());
        }

        private static void fill(long seed, float[] array) {
            SplitMix64 random = new SplitMix64(seed);
            for (int i = 0; i < array.length; i++) {
                array[i] = (float) random.nextGaussian();
            }
        }

        record Snapshot(float[][] arrays, long steps) {}
    }
}
