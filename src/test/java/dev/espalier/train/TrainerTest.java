package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.NonFiniteGradientException;
import dev.espalier.kernel.Reductions;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Adam;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.Sgd;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TrainerTest {
    private static final Loss LOSS = Loss.softmaxCrossEntropy();
    private static final Optimizer ADAM = Adam.withLearningRate(0.01f);

    @Test
    void clustersAreLearned() {
        Sequential model = Runs.model();
        Trainer trainer = Runs.trainer(model);
        DataSet data = Runs.clouds(300, 1);
        Evaluation before = trainer.evaluate(data);
        History history = trainer.fit(data, Fit.epochs(20).validation(Runs.clouds(100, 2)));
        Evaluation after = trainer.evaluate(data);
        assertTrue(after.loss() < before.loss() / 4, before + " -> " + after);
        assertTrue(after.accuracy() > 0.95, after.toString());
        assertEquals(300, after.count());
        List<History.Epoch> epochs = history.epochs();
        assertEquals(20, epochs.size());
        assertTrue(epochs.getLast().loss() < epochs.getFirst().loss() / 4);
        assertTrue(epochs.getLast().validationAccuracy() > 0.9);
        assertTrue(epochs.getLast().validationLoss() < epochs.getFirst().validationLoss());
    }

    @Test
    void xorIsSolved() {
        Tensor x = Tensor.of(new float[] {0, 0, 0, 1, 1, 0, 1, 1}, 4, 2);
        Tensor y = Tensor.of(new float[] {0, 1, 1, 0}, 4, 1);
        Sequential model = Sequential.of(2, Dense.tanh(8), Dense.sigmoid(1)).initialize(1);
        Trainer trainer = Trainer.of(
                model, Loss.meanSquaredError(), Sgd.withLearningRate(0.5f).momentum(0.9f), Clip.none());
        History history = trainer.fit(DataSet.of(x, y), Fit.epochs(600).batchSize(4));
        assertTrue(history.lastEpoch().loss() < 0.01, history.lastEpoch().toString());
        assertTrue(Double.isNaN(history.lastEpoch().accuracy()));
        Tensor predicted = trainer.predict(x);
        for (int i = 0; i < 4; i++) {
            assertEquals(y.get(i, 0), predicted.get(i, 0), 0.2);
        }
    }

    @Test
    void aStepIsGradientThenUpdate() {
        // The same by hand: batches in the order of the data, the last one short.
        DataSet data = Runs.clouds(50, 1);
        Sequential model = Runs.model();
        History history = Trainer.of(model, LOSS, ADAM, Clip.globalNorm(0.5f))
                .fit(data, Fit.epochs(2).batchSize(16).shuffle(false));
        Sequential byHand = Runs.model();
        var stepper = ADAM.on(byHand.parameters(), Clip.globalNorm(0.5f));
        Pass pass = byHand.pass(16, true);
        Targets targets = data.targets(16);
        int[] order = identity(50);
        int step = 0;
        for (int epoch = 0; epoch < 2; epoch++) {
            for (int from = 0; from < 50; from += 16, step++) {
                int rows = Math.min(16, 50 - from);
                data.gather(order, from, rows, pass.input().array(), targets);
                pass.forward(rows);
                double sum = LOSS.gradient(pass.output(), targets, rows, 1.0 / rows, pass.outputGradient());
                pass.backward(rows, false);
                var report = stepper.step();
                assertEquals(sum / rows, history.loss(step));
                assertEquals(report.normBefore(), history.normBefore(step));
                assertEquals(report.normAfter(), history.normAfter(step));
                assertEquals(report.normBefore() > 0.5, history.clipped(step));
                assertEquals(report.factor(), history.factor(step));
                assertEquals(0, history.clampedFraction(step));
                assertEquals(
                        report.parts().get(0).measured(), history.parts().get(0).measured(step));
            }
        }
        assertEquals(8, history.steps());
        assertEquals(4, history.stepsPerEpoch());
        assertArrayEquals(byHand.parameters().weights(), model.parameters().weights());
    }

    @Test
    void theFiguresOfAnEpochFollowFromItsSteps() {
        DataSet data = Runs.clouds(50, 1);
        History history = Runs.trainer(Runs.model()).fit(data, Fit.epochs(3).batchSize(16));
        int[] rows = {16, 16, 16, 2};
        for (int e = 0; e < 3; e++) {
            History.Epoch epoch = history.epochs().get(e);
            double loss = 0;
            double norm = 0;
            double largest = 0;
            int clipped = 0;
            for (int i = 0; i < 4; i++) {
                int step = 4 * e + i;
                assertEquals(e, history.epochOf(step));
                loss += history.loss(step) * rows[i] / 50;
                norm += history.normBefore(step) / 4;
                largest = Math.max(largest, history.normBefore(step));
                clipped += history.clipped(step) ? 1 : 0;
            }
            assertEquals(e, epoch.epoch());
            assertEquals(loss, epoch.loss(), 1e-12);
            assertEquals(norm, epoch.meanNorm(), 1e-12);
            assertEquals(largest, epoch.maxNorm());
            assertEquals(clipped / 4.0, epoch.clipRate());
            assertEquals(0, epoch.skipped());
            assertEquals(50 / epoch.seconds(), epoch.samplesPerSecond(), 1e-6 * epoch.samplesPerSecond());
            assertTrue(epoch.accuracy() >= 0 && epoch.accuracy() <= 1);
            assertTrue(Double.isNaN(epoch.validationLoss()) && Double.isNaN(epoch.validationAccuracy()));
        }
    }

    @Test
    void valuesAreComparedWithTheLargestMagnitudeOfEachStep() {
        for (float bound : new float[] {0.05f, Float.POSITIVE_INFINITY}) {
            Sequential model = Runs.model();
            Trainer trainer = Trainer.of(model, LOSS, Sgd.withLearningRate(0.1f), Clip.value(bound));
            float[] largest = new float[20];
            Listener listener = Listener.eachStep(history -> {
                float[] gradients = model.parameters().gradients();
                largest[history.steps() - 1] = Reductions.maxAbs(gradients, 0, gradients.length);
            });
            History history =
                    trainer.fit(Runs.clouds(50, 1), Fit.epochs(5).batchSize(16).listener(listener));
            History.Part value = history.parts().get(0);
            for (int step = 0; step < largest.length; step++) {
                assertEquals(largest[step], value.measured(step));
                assertEquals(largest[step] > bound, history.clipped(step));
            }
            Arrays.sort(largest);
            assertEquals(largest[17], value.suggestThreshold(0.1));
        }
    }

    @Test
    void trainingAccuracyIsThatOfTheForwardPasses() {
        // Nothing moves at learning rate 0, so it must be that of evaluate.
        DataSet data = Runs.clouds(53, 1);
        Trainer trainer = Trainer.of(Runs.model(), LOSS, Sgd.withLearningRate(step -> 0), Clip.none());
        Evaluation evaluation = trainer.evaluate(data);
        History.Epoch epoch =
                trainer.fit(data, Fit.epochs(1).batchSize(7).validation(data)).lastEpoch();
        assertEquals(evaluation.accuracy(), epoch.accuracy());
        assertEquals(evaluation.accuracy(), epoch.validationAccuracy());
        assertEquals(evaluation.loss(), epoch.validationLoss());
        assertEquals(evaluation.loss(), epoch.loss(), 1e-12);
    }

    @Test
    void evaluationIsThatOfThePredictions() {
        for (int size : new int[] {1, 255, 256, 257, 600}) {
            Trainer trainer = Runs.trainer(Runs.model());
            Tensor outputs = trainer.predict(Tensor.of(Runs.features(size, 1), size, Runs.COLUMNS));
            double loss = 0;
            int correct = 0;
            for (int i = 0; i < size; i++) {
                double[] y = new double[Runs.CLASSES];
                int best = 0;
                double sum = 0;
                for (int j = 0; j < y.length; j++) {
                    y[j] = outputs.get(i, j);
                    best = y[j] > y[best] ? j : best;
                    sum += Math.exp(y[j]);
                }
                loss += Math.log(sum) - y[i % Runs.CLASSES];
                correct += best == i % Runs.CLASSES ? 1 : 0;
            }
            Evaluation evaluation = trainer.evaluate(Runs.clouds(size, 1));
            assertEquals(loss / size, evaluation.loss(), 1e-6);
            assertEquals((double) correct / size, evaluation.accuracy());
            assertEquals(size, evaluation.count());
        }
    }

    @Test
    void everyEpochVisitsEveryExampleOnceInAnOrderOfItsOwn() {
        List<int[]> visited = orders(Fit.epochs(3).batchSize(7).seed(5), 30);
        for (int[] order : visited) {
            int[] sorted = order.clone();
            Arrays.sort(sorted);
            assertArrayEquals(identity(30), sorted);
        }
        assertFalse(Arrays.equals(visited.get(0), visited.get(1)));
        assertFalse(Arrays.equals(visited.get(1), visited.get(2)));
        assertArrayEquals(
                visited.get(2), orders(Fit.epochs(3).batchSize(30).seed(5), 30).get(2));
        assertFalse(
                Arrays.equals(visited.get(0), orders(Fit.epochs(1).seed(6), 30).get(0)));
        for (int[] order : orders(Fit.epochs(2).batchSize(4).shuffle(false), 30)) {
            assertArrayEquals(identity(30), order);
        }
    }

    @Test
    @Tag("kernel")
    void accumulationHasTheBitsOfOneLargeBatch() {
        DataSet data = Runs.clouds(107, 1);
        Sequential large = Runs.model();
        History expected = Trainer.of(large, LOSS, ADAM, Clip.globalNorm(0.5f))
                .fit(data, Fit.epochs(3).batchSize(24));
        for (int[] split : new int[][] {{12, 2}, {8, 3}, {1, 24}}) {
            Sequential model = Runs.model();
            History history = Trainer.of(model, LOSS, ADAM, Clip.globalNorm(0.5f))
                    .fit(data, Fit.epochs(3).batchSize(split[0]).accumulate(split[1]));
            assertArrayEquals(large.parameters().weights(), model.parameters().weights());
            assertEquals(15, history.steps());
            assertArrayEquals(expected.normsBefore(), history.normsBefore());
            assertArrayEquals(expected.losses(), history.losses(), 1e-13);
            assertEquals(expected.lastEpoch().accuracy(), history.lastEpoch().accuracy());
        }
    }

    @Test
    void aBatchLargerThanTheDataIsTheData() {
        DataSet data = Runs.clouds(20, 1);
        Sequential exact = Runs.model();
        Runs.trainer(exact).fit(data, Fit.epochs(2).batchSize(20));
        Sequential model = Runs.model();
        History history = Runs.trainer(model)
                .fit(data, Fit.epochs(2).batchSize(1_000_000_000).accumulate(1_000_000_000));
        assertEquals(2, history.steps());
        assertArrayEquals(exact.parameters().weights(), model.parameters().weights());
    }

    @Test
    @Tag("kernel")
    void aPoisonedBatchIsSkippedAndTrainingGoesOn() {
        float[] features = Runs.features(40, 1);
        for (float poison : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float[] poisoned = features.clone();
            poisoned[13 * Runs.COLUMNS + 5] = poison;
            Sequential model = Runs.model();
            List<float[]> weights = new ArrayList<>();
            List<float[]> moments = new ArrayList<>();
            Trainer trainer = Runs.trainer(model);
            weights.add(model.parameters().weights().clone());
            moments.add(trainer.stepper()
                    .state(trainer.stepper().stateNames().get(0))
                    .clone());
            History history = trainer.fit(
                    DataSet.labelled(poisoned, Runs.COLUMNS, Runs.labels(40), Runs.CLASSES),
                    Fit.epochs(1).batchSize(8).shuffle(false).listener(Listener.eachStep(h -> {
                        weights.add(model.parameters().weights().clone());
                        moments.add(trainer.stepper()
                                .state(trainer.stepper().stateNames().get(0))
                                .clone());
                    })));
            for (int step = 0; step < 5; step++) {
                assertEquals(step == 1, history.skipped(step));
                assertEquals(step == 1, Arrays.equals(weights.get(step), weights.get(step + 1)));
                assertEquals(step == 1, Arrays.equals(moments.get(step), moments.get(step + 1)));
                assertEquals(
                        step == 1, !Double.isFinite(history.loss(step)) || !Double.isFinite(history.normBefore(step)));
            }
            assertEquals(4, trainer.stepper().steps());
            assertEquals(1, history.lastEpoch().skipped());
            double mean = (history.loss(0) + history.loss(2) + history.loss(3) + history.loss(4)) / 4;
            assertEquals(mean, history.lastEpoch().loss(), 1e-12);
            assertTrue(history.lastEpoch().accuracy() <= 1);
        }
    }

    @Test
    void anEpochOfSkippedStepsHasNoMeans() {
        float[] features = new float[8 * Runs.COLUMNS];
        Arrays.fill(features, Float.NaN);
        History.Epoch epoch = Runs.trainer(Runs.model())
                .fit(
                        DataSet.labelled(features, Runs.COLUMNS, Runs.labels(8), Runs.CLASSES),
                        Fit.epochs(1).batchSize(4))
                .lastEpoch();
        assertEquals(2, epoch.skipped());
        for (double mean :
                new double[] {epoch.loss(), epoch.accuracy(), epoch.meanNorm(), epoch.maxNorm(), epoch.clipRate()}) {
            assertTrue(Double.isNaN(mean));
        }
    }

    @Test
    void skippedStepsAreCountedEpochByEpoch() {
        float[] features = Runs.features(8, 1);
        features[0] = Float.NaN;
        DataSet data = DataSet.labelled(features, Runs.COLUMNS, Runs.labels(8), Runs.CLASSES);
        History history = Runs.trainer(Runs.model()).fit(data, Fit.epochs(2).batchSize(4));
        for (History.Epoch epoch : history.epochs()) {
            assertEquals(1, epoch.skipped());
        }
    }

    @Test
    void theSecondsOfAnEpochAreWithinThoseOfTheFit() {
        long start = System.nanoTime();
        History.Epoch epoch = Runs.trainer(Runs.model())
                .fit(Runs.clouds(64, 1), Fit.epochs(1))
                .lastEpoch();
        double seconds = (System.nanoTime() - start) * 1e-9;
        assertTrue(epoch.seconds() > 0 && epoch.seconds() <= seconds, epoch.seconds() + " of " + seconds);
        assertEquals(64, epoch.samplesPerSecond() * epoch.seconds(), 1e-9);
    }

    @Test
    void anEpochWithANormThatIsNanHasNoLargestOne() {
        Sequential model = Runs.model();
        float[] weights = model.parameters().weights();
        float[] before = weights.clone();
        float[] features = Runs.features(12, 1);
        features[5 * Runs.COLUMNS] = Float.NaN;
        DataSet data = DataSet.labelled(features, Runs.COLUMNS, Runs.labels(12), Runs.CLASSES);
        Listener heal = Listener.eachStep(history -> System.arraycopy(before, 0, weights, 0, before.length));
        History history = Trainer.of(
                        model,
                        Loss.softmaxCrossEntropy(),
                        Sgd.withLearningRate(0.1f),
                        Clip.none().nonFinite(NonFinite.PROPAGATE))
                .fit(data, Fit.epochs(1).batchSize(4).shuffle(false).listener(heal));
        assertTrue(history.normBefore(0) > 0 && Double.isNaN(history.normBefore(1)) && history.normBefore(2) > 0);
        assertTrue(Double.isNaN(history.lastEpoch().meanNorm()));
        assertTrue(Double.isNaN(history.lastEpoch().maxNorm()));
    }

    @Test
    void anOutputThatIsNaNIsNoAnswer() {
        float[] features = new float[8 * Runs.COLUMNS];
        Arrays.fill(features, Float.NaN);
        DataSet data = DataSet.labelled(features, Runs.COLUMNS, new int[8], Runs.CLASSES);
        assertEquals(0, Runs.trainer(Runs.model()).evaluate(data).accuracy());
    }

    @Test
    void fitDescribesItself() {
        assertEquals("Fit(3 epochs, batch size 32, seed 0)", Fit.epochs(3).toString());
        DataSet data = DataSet.labelled(new float[2], 2, new int[1], 3);
        assertEquals(
                "Fit(1 epochs, batch size 8, seed -5, not shuffled, 4 batches a step, without norms, from step 2,"
                        + " with validation)",
                Fit.epochs(1)
                        .batchSize(8)
                        .seed(-5)
                        .shuffle(false)
                        .accumulate(4)
                        .norms(false)
                        .startAt(2)
                        .validation(data)
                        .toString());
    }

    /** One output that is NaN makes the softmax of all NaN, wherever it stands. */
    @Test
    void anOutputWithANaNIsNoAnswer() {
        for (int broken = 0; broken < 3; broken++) {
            Sequential model = Sequential.of(2, Dense.linear(3)).initialize(1);
            float[] bias = model.parameters().weights();
            int label = broken == 0 ? 1 : 0;
            bias[bias.length - 3 + label] = 1e9f;
            bias[bias.length - 3 + broken] = Float.NaN;
            DataSet data = DataSet.labelled(new float[] {1, 2}, 2, new int[] {label}, 3);
            assertEquals(0, Runs.trainer(model).evaluate(data).accuracy(), "NaN in column " + broken);
        }
    }

    @Test
    void throwingLeavesTheModelAsBeforeTheStep() {
        float[] features = Runs.features(40, 1);
        features[13 * Runs.COLUMNS] = Float.NaN;
        DataSet data = DataSet.labelled(features, Runs.COLUMNS, Runs.labels(40), Runs.CLASSES);
        Sequential model = Runs.model();
        float[][] weights = new float[1][];
        Trainer trainer = Trainer.of(model, LOSS, ADAM, Clip.value(1).nonFinite(NonFinite.THROW));
        Fit fit = Fit.epochs(1).batchSize(8).shuffle(false);
        var exception = assertThrows(
                NonFiniteGradientException.class,
                () -> trainer.fit(
                        data,
                        fit.listener(Listener.eachStep(
                                h -> weights[0] = model.parameters().weights().clone()))));
        assertEquals("dense1.weight", exception.parameter());
        assertArrayEquals(weights[0], model.parameters().weights());
        assertEquals(1, trainer.stepper().steps());
    }

    @Test
    void aLabelOutsideTheClassesMidwayLeavesTheWeights() {
        DataSet data = new Delegate(Runs.clouds(40, 1)) {
            @Override
            public void gather(int[] order, int from, int count, float[] features, Targets targets) {
                super.gather(order, from, count, features, targets);
                if (from == 16) {
                    targets.labels()[3] = Runs.CLASSES;
                }
            }
        };
        Sequential model = Runs.model();
        float[][] weights = new float[1][];
        Trainer trainer = Runs.trainer(model);
        Fit fit = Fit.epochs(1)
                .batchSize(8)
                .listener(Listener.eachStep(
                        h -> weights[0] = model.parameters().weights().clone()));
        illegal("labels[3] = 5: expected a class in [0, 5)", () -> trainer.fit(data, fit));
        assertEquals(2, trainer.stepper().steps());
        assertArrayEquals(weights[0], model.parameters().weights());
    }

    @Test
    void aLearningRateThatTurnsNaNLeavesTheModelAsBeforeTheStep() {
        Sequential model = Runs.model();
        float[][] weights = new float[1][];
        Optimizer optimizer = Sgd.withLearningRate(step -> step == 2 ? Float.NaN : 0.1f);
        Trainer trainer = Trainer.of(model, LOSS, optimizer, Clip.none());
        Fit fit = Fit.epochs(1)
                .batchSize(5)
                .listener(Listener.eachStep(
                        h -> weights[0] = model.parameters().weights().clone()));
        illegal(
                "learning rate at step 2 = NaN: expected a finite number at least 0",
                () -> trainer.fit(Runs.clouds(20, 1), fit));
        assertEquals(2, trainer.stepper().steps());
        assertArrayEquals(weights[0], model.parameters().weights());
    }

    @Test
    void listenersAreToldInOrder() {
        List<String> told = new ArrayList<>();
        Fit fit = Fit.epochs(2).batchSize(10).validation(Runs.clouds(5, 2)).listener(new Listener() {
            @Override
            public void onStep(History history) {
                told.add("step " + (history.steps() - 1));
            }

            @Override
            public void onEpoch(History history) {
                assertFalse(Double.isNaN(history.lastEpoch().validationLoss()));
                told.add("epoch " + history.lastEpoch().epoch());
            }
        });
        Fit more = fit.listener(Listener.eachEpoch(h -> told.add("second"))).listener(new Listener() {});
        Runs.trainer(Runs.model()).fit(Runs.clouds(20, 1), more);
        assertEquals(List.of("step 0", "step 1", "epoch 0", "second", "step 2", "step 3", "epoch 1", "second"), told);
        told.clear();
        Runs.trainer(Runs.model()).fit(Runs.clouds(20, 1), fit);
        assertFalse(told.contains("second"), "options are immutable");
    }

    @Test
    void anExceptionOfAListenerPassesThrough() {
        Trainer trainer = Runs.trainer(Runs.model());
        IllegalStateException thrown = new IllegalStateException();
        Fit fit = Fit.epochs(1).batchSize(4).listener(Listener.eachStep(h -> {
            throw thrown;
        }));
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> trainer.fit(Runs.clouds(20, 1), fit)));
        assertEquals(1, trainer.stepper().steps());
    }

    @Test
    void theDefaultsOfAFitAreThoseItNames() {
        Fit fit = Fit.epochs(1);
        assertEquals(
                Map.of("seed", "0", "shuffle", "1", "batch size", "32", "batches per step", "1", "examples", "5"),
                History.order(fit, 5));
        assertTrue(fit.norms);
        assertEquals(0, fit.startAt);
        assertNull(fit.validation);
    }

    @Test
    void optionsStayWhateverIsChosenNext() {
        Listener listener = Listener.eachStep(history -> {});
        DataSet data = Runs.clouds(4, 1);
        Fit fit = Fit.epochs(2)
                .batchSize(3)
                .seed(4)
                .shuffle(false)
                .accumulate(5)
                .norms(false)
                .startAt(6)
                .validation(data)
                .listener(listener);
        for (Fit same : List.of(
                fit.batchSize(3),
                fit.seed(4),
                fit.shuffle(false),
                fit.accumulate(5),
                fit.norms(false),
                fit.startAt(6),
                fit.validation(data))) {
            assertEquals(2, same.epochs);
            assertEquals(3, same.batchSize);
            assertEquals(4, same.seed);
            assertFalse(same.shuffle);
            assertEquals(5, same.accumulate);
            assertFalse(same.norms);
            assertEquals(6, same.startAt);
            assertSame(data, same.validation);
            assertEquals(List.of(listener), same.listeners);
        }
    }

    @Test
    void withoutNormsNothingElseChanges() {
        Sequential with = Runs.model();
        Sequential without = Runs.model();
        DataSet data = Runs.clouds(40, 1);
        Runs.trainer(with).fit(data, Fit.epochs(2));
        History history = Runs.trainer(without).fit(data, Fit.epochs(2).norms(false));
        assertArrayEquals(with.parameters().weights(), without.parameters().weights());
        assertTrue(Double.isNaN(history.normBefore(0)) && Double.isNaN(history.normAfter(0)));
        assertTrue(Double.isNaN(history.factor(0)) && Double.isNaN(history.clampedFraction(0)));
        assertTrue(history.parts().isEmpty());
        assertFalse(history.clipped(0));
        assertTrue(Double.isNaN(history.lastEpoch().clipRate()));
        assertTrue(Double.isNaN(history.lastEpoch().meanNorm()));
        assertTrue(Double.isNaN(history.lastEpoch().maxNorm()));
        assertTrue(history.lastEpoch().loss() > 0);
    }

    @Test
    void optimizerStateLivesFromFitToFit() {
        DataSet data = Runs.clouds(40, 1);
        Sequential once = Runs.model();
        Runs.trainer(once).fit(data, Fit.epochs(2).shuffle(false));
        Sequential twice = Runs.model();
        Trainer trainer = Runs.trainer(twice);
        trainer.fit(data, Fit.epochs(1).shuffle(false));
        trainer.fit(data, Fit.epochs(1).shuffle(false));
        assertArrayEquals(once.parameters().weights(), twice.parameters().weights());
    }

    @Test
    void zeroEpochsTrainNothing() {
        Sequential model = Runs.model();
        float[] before = model.parameters().weights().clone();
        History history = Runs.trainer(model).fit(Runs.clouds(20, 1), Fit.epochs(0));
        assertEquals(0, history.steps());
        assertTrue(history.epochs().isEmpty());
        assertFalse(history.interrupted());
        assertArrayEquals(before, model.parameters().weights());
    }

    @Test
    void wrongArgumentsAreNamed() {
        Sequential model = Runs.model();
        float[] before = model.parameters().weights().clone();
        Trainer trainer = Runs.trainer(model);
        DataSet data = Runs.clouds(20, 1);
        illegal("model is null", () -> Trainer.of(null, LOSS, ADAM, Clip.none()));
        illegal("loss is null", () -> Trainer.of(model, null, ADAM, Clip.none()));
        illegal("optimizer is null", () -> Trainer.of(model, LOSS, null, Clip.none()));
        illegal("clip is null", () -> Trainer.of(model, LOSS, ADAM, null));
        illegal("threads = 0: expected at least 1", () -> trainer.threads(0));
        illegal("data is null", () -> trainer.fit(null, Fit.epochs(1)));
        illegal("data is null", () -> trainer.evaluate(null));
        illegal("options is null", () -> trainer.fit(data, null));
        illegal("x is null", () -> trainer.predict(null));
        illegal("epochs = -1: expected at least 0", () -> Fit.epochs(-1));
        illegal("batchSize = 0: expected at least 1", () -> Fit.epochs(1).batchSize(0));
        illegal("batches = 0: expected at least 1", () -> Fit.epochs(1).accumulate(0));
        illegal("validation is null", () -> Fit.epochs(1).validation(null));
        illegal("listener is null", () -> Fit.epochs(1).listener(null));
        illegal("action is null", () -> Listener.eachStep(null));
        illegal("action is null", () -> Listener.eachEpoch(null));
        illegal("step = -1: expected at least 0", () -> Fit.epochs(1).startAt(-1));
        illegal(
                "startAt = 3: expected at most the number of steps, 2",
                () -> trainer.fit(data, Fit.epochs(2).startAt(3)));
        illegal(
                "epochs x steps per epoch = 2147483647 x 20 = 42949672940: expected at most 2147483647",
                () -> trainer.fit(data, Fit.epochs(Integer.MAX_VALUE).batchSize(1)));
        assertArrayEquals(before, model.parameters().weights());
    }

    @Test
    void dataThatDoesNotFitIsNamed() {
        Sequential model = Runs.model();
        Trainer trainer = Runs.trainer(model);
        DataSet narrow = DataSet.labelled(new float[8], 4, new int[2], 3);
        DataSet values = DataSet.of(Tensor.zeros(2, Runs.COLUMNS), Tensor.zeros(2, 1));
        DataSet manyClasses = DataSet.labelled(new float[Runs.COLUMNS], Runs.COLUMNS, new int[1], 6);
        DataSet empty = new Delegate(Runs.clouds(1, 1)) {
            @Override
            public int size() {
                return 0;
            }
        };
        DataSet good = Runs.clouds(10, 1);
        refused(trainer, good, narrow, "columns of %s = 4: expected 12, the inputs of the model");
        refused(trainer, good, empty, "size of %s = 0: expected at least 1 example");
        refused(trainer, good, manyClasses, "classes = 6: expected at most one per output of the model, 5");
        refused(
                trainer,
                good,
                values,
                "targets = Targets[0 rows of 1 values]: expected labels, for softmax cross-entropy");
        assertEquals(0, trainer.stepper().steps());
        Trainer regression = Trainer.of(model, Loss.meanSquaredError(), ADAM, Clip.none());
        illegal(
                "targets = Targets[0 rows of 1 values]: expected 5 values per row, as the model has outputs",
                () -> regression.fit(values, Fit.epochs(1)));
    }

    private static void refused(Trainer trainer, DataSet good, DataSet bad, String message) {
        illegal(message.formatted("data"), () -> trainer.fit(bad, Fit.epochs(1)));
        illegal(message.formatted("data"), () -> trainer.evaluate(bad));
        illegal(
                message.formatted("validation"),
                () -> trainer.fit(good, Fit.epochs(1).validation(bad)));
    }

    /** The order in which each epoch visits the examples. */
    private static List<int[]> orders(Fit fit, int size) {
        List<Integer> visited = new ArrayList<>();
        DataSet data = new Delegate(Runs.clouds(size, 1)) {
            @Override
            public void gather(int[] order, int from, int count, float[] features, Targets targets) {
                super.gather(order, from, count, features, targets);
                for (int i = from; i < from + count; i++) {
                    visited.add(order[i]);
                }
            }
        };
        Runs.trainer(Runs.model()).fit(data, fit);
        List<int[]> orders = new ArrayList<>();
        for (int from = 0; from < visited.size(); from += size) {
            orders.add(visited.subList(from, from + size).stream()
                    .mapToInt(Integer::intValue)
                    .toArray());
        }
        return orders;
    }

    private static int[] identity(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        return order;
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
