package dev.espalier.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Stepper#state} lists is all that a run needs to go on, for every optimizer with every clip. */
@Tag("kernel")
class StateTest {
    private static final int STEPS = 8;

    static Stream<Optimizer> optimizers() {
        return Subjects.optimizers(LearningRate.stepDecay(0.1f, 3, 0.5f)).stream();
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aFreshStepperGoesOnFromCopiedArrays(Optimizer optimizer) {
        for (Clip clip : Subjects.clips(0.5f)) {
            Parameters whole = model();
            Stepper uninterrupted = optimizer.on(whole, clip);
            run(uninterrupted, 0, STEPS);

            Parameters resumed = model();
            Stepper fresh = optimizer.on(resumed, clip);
            System.arraycopy(whole.weights(), 0, resumed.weights(), 0, whole.size());
            copy(uninterrupted.state(), fresh.state());
            run(uninterrupted, STEPS, 2 * STEPS);
            run(fresh, STEPS, 2 * STEPS);
            String what = optimizer + " with " + clip;
            assertArrayEquals(whole.weights(), resumed.weights(), what);
            assertSame(uninterrupted.state(), fresh.state(), what);
        }
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void aSkippedStepLeavesEveryArrayAsItWas(Optimizer optimizer) {
        for (Clip clip : Subjects.clips(0.5f)) {
            Parameters model = model();
            Stepper stepper = optimizer.on(model, clip);
            run(stepper, 0, STEPS);
            Parameters other = model();
            Stepper copy = optimizer.on(other, clip);
            copy(stepper.state(), copy.state());
            float[] weights = model.weights().clone();
            fill(99, model.gradients());
            model.gradients()[11] = Float.NEGATIVE_INFINITY;
            assertTrue(stepper.step().skipped());
            // The counts of skips alone have moved.
            long[] skips = ((StateArray.Longs) named(copy.state(), "clip.skips")).array();
            skips[0]++;
            skips[1]++;
            assertSame(copy.state(), stepper.state(), optimizer + " with " + clip);
            assertArrayEquals(weights, model.weights());
        }
    }

    @Test
    void namesAreUniqueAndLengthsFixed() {
        for (Optimizer optimizer : Subjects.optimizers(LearningRate.constant(0.1f))) {
            for (Clip clip : Subjects.clips(0.5f)) {
                Stepper stepper = optimizer.on(model(), clip);
                List<StateArray> before = stepper.state();
                run(stepper, 0, 3);
                List<StateArray> after = stepper.state();
                assertEquals(before.size(), after.size());
                assertEquals(
                        before.size(),
                        before.stream().map(StateArray::name).distinct().count());
                for (int i = 0; i < before.size(); i++) {
                    assertEquals(before.get(i), after.get(i), "the same live array");
                }
            }
        }
    }

    private static StateArray named(List<StateArray> state, String name) {
        return state.stream()
                .filter(array -> array.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void copy(List<StateArray> from, List<StateArray> to) {
        assertEquals(from.size(), to.size());
        for (int i = 0; i < from.size(); i++) {
            assertEquals(from.get(i).name(), to.get(i).name());
            to.get(i).set(from.get(i));
        }
    }

    private static void assertSame(List<StateArray> expected, List<StateArray> actual, String what) {
        for (int i = 0; i < expected.size(); i++) {
            String name = what + ", " + expected.get(i).name();
            switch (expected.get(i)) {
                case StateArray.Floats floats ->
                    assertArrayEquals(floats.array(), ((StateArray.Floats) actual.get(i)).array(), name);
                case StateArray.Doubles doubles ->
                    assertArrayEquals(doubles.array(), ((StateArray.Doubles) actual.get(i)).array(), name);
                case StateArray.Longs longs ->
                    assertArrayEquals(longs.array(), ((StateArray.Longs) actual.get(i)).array(), name);
            }
        }
    }

    private static void run(Stepper stepper, int from, int to) {
        for (int step = from; step < to; step++) {
            fill(step, stepper.parameters().gradients());
            stepper.step();
        }
    }

    private static Parameters model() {
        Parameters model = Parameters.builder().add("a", 5, 7).add("b", 7).build();
        fill(-1, model.weights());
        return model;
    }

    /** Some steps with large gradients, some with zeros. */
    private static void fill(long seed, float[] array) {
        SplitMix64 random = new SplitMix64(seed);
        float scale = seed % 5 == 4 ? 30 : 1;
        for (int i = 0; i < array.length; i++) {
            float x = scale * (float) random.nextGaussian();
            array[i] = seed % 3 == 2 && i % 4 == 0 ? 0 : x;
        }
    }
}
