package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ClipReport;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.NonFiniteGradientException;
import dev.espalier.internal.SplitMix64;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.Stepper;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * NaN and ±∞ in data, targets, weights and gradients, at any step, for every optimizer with every clip: a skipped step leaves all as
 * it was, to the bit, and what follows is as if the step had never been; a throwing one leaves the model as before.
 */
@Tag("kernel")
class FaultTest {
    private static final boolean DEEP = Boolean.getBoolean("espalier.test.deep");
    private static final float[] BAD = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
    private static final int ROWS = 8;
    private static final int BATCHES = 6;
    private static final int OUTPUTS = 3;

    enum Place {
        DATA,
        TARGETS,
        WEIGHTS,
        GRADIENTS
    }

    static Stream<String> optimizers() {
        return TrainingHashes.optimizers().keySet().stream();
    }

    /** The clips that skip, so not the ones with a policy of their own. */
    private static Map<String, Clip> clips() {
        Map<String, Clip> clips = new TreeMap<>(TrainingHashes.clips());
        clips.values().removeIf(clip -> clip.nonFinite() != NonFinite.SKIP_STEP);
        return clips;
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void skippedStepsLeaveNoTrace(String name) {
        Optimizer optimizer = TrainingHashes.optimizers().get(name);
        SplitMix64 random = new SplitMix64(name.hashCode());
        clips().forEach((clipName, clip) -> {
            for (Place place : Place.values()) {
                Run run = new Run(optimizer, clip);
                Run healthy = new Run(optimizer, clip);
                long skips = 0;
                for (int batch = 0; batch < BATCHES; batch++) {
                    String what = name + ", " + clipName + ", " + place + " at step " + batch;
                    for (int fault = random.nextInt(3); fault > 0; fault--) {
                        Map<String, long[]> before = run.bits();
                        ClipReport report = run.poisoned(place, batch, random);
                        assertTrue(report.skipped(), what);
                        assertEquals(++skips, report.skips(), what);
                        run.assertIs(before, what);
                    }
                    assertFalse(run.step(batch).skipped(), what);
                    assertFalse(healthy.step(batch).skipped(), what);
                    run.assertIs(healthy.bits(), what);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void throwingLeavesAllAsBeforeTheStep(String name) {
        Optimizer optimizer = TrainingHashes.optimizers().get(name);
        SplitMix64 random = new SplitMix64(name.hashCode());
        clips().forEach((clipName, clip) -> {
            for (Place place : Place.values()) {
                Run run = new Run(optimizer, clip.nonFinite(NonFinite.THROW));
                run.step(0);
                Map<String, long[]> before = run.bits();
                String what = name + ", " + clipName + ", " + place;
                var e = assertThrows(NonFiniteGradientException.class, () -> run.poisoned(place, 1, random), what);
                assertFalse(Float.isFinite(e.value()), what);
                run.assertIs(before, what);
                run.step(1);
                Run healthy = new Run(optimizer, clip);
                healthy.step(0);
                healthy.step(1);
                run.assertIs(healthy.bits(), what);
            }
        });
    }

    /** Wherever it is, the report names the first one. */
    @ParameterizedTest
    @ValueSource(strings = {"none", "value", "norm", "global norm", "value, global norm"})
    void theReportNamesParameterAndIndex(String clip) {
        Run run = new Run(
                TrainingHashes.optimizers().get("adam"),
                TrainingHashes.clips().get(clip).maxConsecutiveSkips(5));
        Parameters parameters = run.model.parameters();
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            for (int j = 0; j < slice.length(); j++) {
                run.gradient(0);
                int at = slice.offset() + j;
                parameters.gradients()[at] = BAD[at % BAD.length];
                parameters.gradients()[Math.min(parameters.size() - 1, at + 5)] = Float.NaN;
                ClipReport report = run.stepper.step();
                assertEquals(slice.name(), report.nonFiniteName());
                assertEquals(j, report.nonFiniteIndex());
                run.step(0);
            }
        }
    }

    /** One batch in a hundred holds something not finite, and one in a hundred something huge. */
    @ParameterizedTest
    @EnumSource
    void longRunsWithPoisonedBatchesEndWithFiniteWeights(LongRun longRun) {
        int steps = DEEP ? 1_000_000 : 3_000;
        DataSet clouds = Runs.clouds(400, 1);
        SplitMix64 random = new SplitMix64(longRun.ordinal());
        int[] poisoned = new int[1];
        DataSet data = new Delegate(clouds) {
            @Override
            public void gather(int[] order, int from, int count, float[] features, Targets targets) {
                super.gather(order, from, count, features, targets);
                int dice = random.nextInt(100);
                int at = random.nextInt(count * Runs.COLUMNS);
                if (dice == 0) {
                    features[at] = BAD[random.nextInt(BAD.length)];
                    poisoned[0]++;
                } else if (dice == 1) {
                    features[at] = (random.nextInt(2) - 0.5f) * Math.scalb(1f, random.nextInt(127));
                }
            }
        };
        Sequential model = Runs.model();
        Trainer trainer = Trainer.of(
                        model,
                        Loss.softmaxCrossEntropy(),
                        TrainingHashes.optimizers().get(longRun.optimizer),
                        TrainingHashes.clips().get(longRun.clip))
                .threads(1);
        double before = trainer.evaluate(clouds).loss();
        int skipped = 0;
        for (int done = 0; done < steps; done += 1000) {
            History history = trainer.fit(data, Fit.epochs(20).batchSize(8).seed(done));
            assertEquals(1000, history.steps());
            for (int step = 0; step < 1000; step++) {
                skipped += history.skipped(step) ? 1 : 0;
            }
            for (float weight : model.parameters().weights()) {
                assertTrue(Float.isFinite(weight), () -> longRun + ": a weight is " + weight);
            }
            for (StateArray state : trainer.stepper().state()) {
                if (state instanceof StateArray.Floats floats) {
                    for (float moment : floats.array()) {
                        assertTrue(Float.isFinite(moment), () -> longRun + ": " + state.name() + " holds " + moment);
                    }
                }
            }
        }
        assertTrue(poisoned[0] > steps / 200, poisoned[0] + " batches of " + steps + " were poisoned");
        assertTrue(skipped >= poisoned[0], skipped + " of " + poisoned[0] + " were skipped");
        assertEquals(steps - skipped, trainer.stepper().steps());
        double after = trainer.evaluate(clouds).loss();
        assertTrue(after < before, longRun + ": the loss went from " + before + " to " + after);
        if (DEEP) {
            System.out.printf(
                    "deep: %s with %s: %,d steps, %,d batches not finite, %,d skipped, all weights finite, loss %.3g to %.3g%n",
                    longRun.optimizer, longRun.clip, steps, poisoned[0], skipped, before, after);
        }
    }

    enum LongRun {
        ADAM("adam", "value"),
        SGD("sgd", "value"),
        MOMENTUM("momentum", "global norm"),
        RMS_PROP("rmsprop", "value, global norm");

        private final String optimizer;
        private final String clip;

        LongRun(String optimizer, String clip) {
            this.optimizer = optimizer;
            this.clip = clip;
        }
    }

    /** A model with targets in float, step by step. */
    private static final class Run {
        private final Sequential model = Sequential.of(
                        Runs.COLUMNS, Dense.tanh(7), Dense.relu(9), Dense.linear(OUTPUTS))
                .initialize(4);
        private final Tensor x = Tensor.of(Runs.features(ROWS * BATCHES, 1), ROWS * BATCHES, Runs.COLUMNS);
        private final Tensor y = Tensor.of(Runs.features(ROWS * BATCHES, 2), 4 * ROWS * BATCHES, OUTPUTS);
        private final Pass pass = model.pass(ROWS, true, 1);
        private final Targets targets = Targets.values(new float[ROWS * OUTPUTS], OUTPUTS);
        private final Stepper stepper;

        Run(Optimizer optimizer, Clip clip) {
            stepper = optimizer.on(model.parameters(), clip);
        }

        ClipReport step(int batch) {
            gradient(batch);
            return stepper.step();
        }

        /** A step with one bad element; in the weights only for the time of the step. */
        ClipReport poisoned(Place place, int batch, SplitMix64 random) {
            float bad = BAD[random.nextInt(BAD.length)];
            float[] weights = model.parameters().weights();
            // NaN anywhere reaches the outputs; ±∞ may end at a saturated tanh or a relu, but not in the bias of an
            // output.
            int at = weights.length - 1 - random.nextInt(Float.isNaN(bad) ? weights.length : OUTPUTS);
            float weight = weights[at];
            try {
                fill(batch);
                if (place == Place.DATA) {
                    // tanh of ±∞ is ±1, but its gradient by the weights multiplies with the data.
                    pass.input().array()[random.nextInt(ROWS * Runs.COLUMNS)] = bad;
                } else if (place == Place.TARGETS) {
                    targets.values()[random.nextInt(ROWS * OUTPUTS)] = bad;
                } else if (place == Place.WEIGHTS) {
                    weights[at] = bad;
                }
                backward();
                if (place == Place.GRADIENTS) {
                    model.parameters().gradients()[random.nextInt(weights.length)] = bad;
                }
                return stepper.step();
            } finally {
                weights[at] = weight;
            }
        }

        void gradient(int batch) {
            fill(batch);
            backward();
        }

        private void fill(int batch) {
            int rows = ROWS * batch;
            System.arraycopy(x.array(), rows * Runs.COLUMNS, pass.input().array(), 0, ROWS * Runs.COLUMNS);
            System.arraycopy(y.array(), rows * OUTPUTS, targets.values(), 0, ROWS * OUTPUTS);
        }

        private void backward() {
            pass.forward(ROWS);
            Loss.meanSquaredError().gradient(pass.output(), targets, ROWS, 1.0 / ROWS, pass.outputGradient());
            pass.backward(ROWS, false);
        }

        /** Weights and all state but the count of skips. */
        Map<String, long[]> bits() {
            List<StateArray> arrays = new ArrayList<>(stepper.state());
            arrays.add(new StateArray.Floats("weights", model.parameters().weights()));
            Map<String, long[]> bits = new TreeMap<>();
            for (StateArray array : arrays) {
                if (!array.name().endsWith("skips")) {
                    bits.put(
                            array.name(),
                            switch (array) {
                                case StateArray.Floats floats -> {
                                    long[] copy = new long[floats.array().length];
                                    Arrays.setAll(copy, i -> Float.floatToRawIntBits(floats.array()[i]));
                                    yield copy;
                                }
                                case StateArray.Doubles doubles ->
                                    Arrays.stream(doubles.array())
                                            .mapToLong(Double::doubleToRawLongBits)
                                            .toArray();
                                case StateArray.Longs longs -> longs.array().clone();
                            });
                }
            }
            return bits;
        }

        void assertIs(Map<String, long[]> expected, String what) {
            Map<String, long[]> actual = bits();
            assertEquals(expected.keySet(), actual.keySet(), what);
            expected.forEach((name, bits) ->
                    assertTrue(Arrays.equals(bits, actual.get(name)), () -> what + ": " + name + " is another"));
        }
    }
}
