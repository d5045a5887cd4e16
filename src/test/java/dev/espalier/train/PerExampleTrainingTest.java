package dev.espalier.train;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ExampleClipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.NonFiniteGradientException;
import dev.espalier.clip.PerExample;
import dev.espalier.nn.Batch;
import dev.espalier.nn.Binding;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Initializer;
import dev.espalier.nn.Layer;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Adam;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.Sgd;
import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Trainers that clip each example. */
@Tag("kernel")
class PerExampleTrainingTest {
    private static final int SIZE = 150;
    private static final Fit FIT = Fit.epochs(3).batchSize(16).seed(42);
    private static final float C = 4;
    private static final PerExample CLIP = PerExample.norm(C);
    private static final PerExample PRIVATE = CLIP.noise(0.3f, 9).adaptive(0.5f, 0.2f, 1);

    private static Trainer trainer(Optimizer optimizer, Clip clip) {
        return Trainer.of(Runs.model(), Loss.softmaxCrossEntropy(), optimizer, clip);
    }

    private static Trainer trainer(PerExample clip) {
        return trainer(Adam.withLearningRate(0.01f), Clip.none()).perExample(clip);
    }

    private static float[] weights(Trainer trainer) {
        return trainer.model().parameters().weights();
    }

    private static float[] fitted(Trainer trainer, Fit fit) {
        trainer.fit(Runs.clouds(SIZE, 1), fit);
        return weights(trainer);
    }

    @Test
    void theWeightsAreTheCommittedOnes() {
        String[] hashes = {
            "ab089f59937a354d2cb0fbea6cb66cd863f235d21d0007aa96e88b4136a664d2",
            "11f20ab1baa4b786e2d944b604483201d49114f9fd91df090b3b6169965e7631"
        };
        assertEquals(hashes[0], Runs.sha256(fitted(trainer(CLIP), FIT)));
        assertEquals(hashes[1], Runs.sha256(fitted(trainer(PRIVATE), FIT)));
    }

    /** Layers wide enough for their products to be shared. */
    @Test
    void theNumberOfThreadsDoesNotShow() {
        float[] expected = null;
        for (int threads : new int[] {1, 2, 7}) {
            Sequential wide = Sequential.of(Runs.COLUMNS, Dense.relu(530), Dense.tanh(390), Dense.linear(Runs.CLASSES))
                    .initialize(5);
            Trainer trainer = Trainer.of(wide, Loss.softmaxCrossEntropy(), Adam.withLearningRate(0.01f), Clip.none())
                    .perExample(PRIVATE)
                    .threads(threads);
            float[] weights = fitted(trainer, Fit.epochs(1).batchSize(60).seed(2));
            expected = expected == null ? weights : expected;
            assertArrayEquals(expected, weights, threads + " threads");
        }
    }

    @Test
    void anInfiniteThresholdChangesNoBit() {
        Trainer measured = trainer(PerExample.norm(Float.POSITIVE_INFINITY));
        float[] plain = fitted(trainer(Adam.withLearningRate(0.01f), Clip.none()), FIT);
        assertArrayEquals(plain, fitted(measured, FIT));
        assertEquals(0, measured.examples().clipped());
        assertTrue(measured.examples().meanNorm() > 0);
    }

    @Test
    void microBatchesHaveTheBitsOfOneLargeBatch() {
        float[] large = fitted(trainer(PRIVATE), Fit.epochs(2).batchSize(24).seed(1));
        for (int accumulate : new int[] {2, 3, 24}) {
            Fit fit = Fit.epochs(2)
                    .batchSize(24 / accumulate)
                    .accumulate(accumulate)
                    .seed(1);
            assertArrayEquals(large, fitted(trainer(PRIVATE), fit), accumulate + " batches");
        }
    }

    @Test
    void aStepIsTheMeanOfTheClippedGradients() {
        // One batch and SGD with rate 1: the weights move by the mean.
        int n = 40;
        DataSet data = Runs.clouds(n, 1);
        Trainer trainer = trainer(Sgd.withLearningRate(1), Clip.none()).perExample(CLIP);
        float[] before = weights(trainer).clone();
        double[] expected = new double[before.length];
        Sequential model = Runs.model();
        Pass pass = model.pass(1, true);
        int clipped = 0;
        double norms = 0;
        for (int i = 0; i < n; i++) {
            System.arraycopy(Runs.features(n, 1), i * Runs.COLUMNS, pass.input().array(), 0, Runs.COLUMNS);
            pass.forward(1);
            Targets label = Targets.labels(new int[] {Runs.labels(n)[i]}, Runs.CLASSES);
            Loss.softmaxCrossEntropy().gradient(pass.output(), label, 1, 1, pass.outputGradient());
            pass.backward(1, false);
            float[] g = model.parameters().gradients();
            double norm = 0;
            for (float x : g) {
                norm += (double) x * x;
            }
            norm = Math.sqrt(norm);
            norms += norm;
            clipped += norm > C ? 1 : 0;
            for (int j = 0; j < g.length; j++) {
                expected[j] -= g[j] * Math.min(1, C / norm) / n;
            }
        }
        trainer.fit(data, Fit.epochs(1).batchSize(n).shuffle(false));
        for (int j = 0; j < before.length; j++) {
            assertEquals(expected[j], weights(trainer)[j] - before[j], 2e-6, "weight " + j);
        }
        ExampleClipper examples = trainer.examples();
        assertEquals(n, examples.examples());
        assertEquals(clipped, examples.clipped());
        assertTrue(clipped > 0 && clipped < n, examples.toString());
        assertEquals(norms / n, examples.meanNorm(), 1e-5);
        assertEquals(C, examples.threshold());
    }

    @Test
    void noiseHasTheDeviationOfOneThresholdOverTheExamples() {
        float[] without = fitted(trainer(Sgd.withLearningRate(1), Clip.none()).perExample(CLIP), oneStep());
        Trainer noisy = trainer(Sgd.withLearningRate(1), Clip.none()).perExample(CLIP.noise(2, 5));
        float[] with = fitted(noisy, oneStep());
        double deviation = 2.0 * C / SIZE;
        double squares = 0;
        for (int i = 0; i < with.length; i++) {
            squares += Math.pow(with[i] - without[i], 2) / with.length;
        }
        assertEquals(deviation, Math.sqrt(squares), 4 * deviation / Math.sqrt(2 * with.length));
    }

    private static Fit oneStep() {
        return Fit.epochs(1).batchSize(SIZE);
    }

    @Test
    void theClipOfTheTrainerSeesTheMeanWithItsNoise() {
        Trainer trainer = trainer(Adam.withLearningRate(0.01f), Clip.globalNorm(Float.POSITIVE_INFINITY))
                .perExample(PerExample.norm(0.25f));
        History history = trainer.fit(Runs.clouds(SIZE, 1), FIT);
        for (int i = 0; i < history.steps(); i++) {
            assertTrue(history.normBefore(i) <= 0.25f * (1 + 1e-6), "step " + i + ": " + history.normBefore(i));
        }
        Trainer noisy = trainer(Adam.withLearningRate(0.01f), Clip.globalNorm(0.01f))
                .perExample(PerExample.norm(0.25f).noise(10, 1));
        History clipped = noisy.fit(Runs.clouds(SIZE, 1), FIT);
        assertTrue(clipped.clipped(0));
        assertEquals(0.01, clipped.normAfter(0), 1e-6);
    }

    @Test
    void aPoisonedExampleMeetsThePolicy() {
        int poisoned = 7;
        float[] features = Runs.features(SIZE, 1);
        features[poisoned * Runs.COLUMNS + 2] = Float.NaN;
        DataSet data = DataSet.labelled(features, Runs.COLUMNS, Runs.labels(SIZE), Runs.CLASSES);
        Fit fit = Fit.epochs(1).batchSize(10).shuffle(false);
        for (NonFinite policy : NonFinite.values()) {
            Trainer trainer = trainer(Adam.withLearningRate(0.01f), Clip.none().nonFinite(policy))
                    .perExample(PRIVATE);
            float[] start = weights(trainer).clone();
            List<Integer> nonFinite = new ArrayList<>();
            Fit listened = fit.listener(new Listener() {
                @Override
                public void onStep(History history) {
                    nonFinite.add(trainer.examples().nonFinite());
                    if (policy == NonFinite.SKIP_STEP && history.steps() == 1) {
                        assertArrayEquals(start, weights(trainer));
                        assertEquals(
                                0,
                                ((StateArray.Longs) trainer.examples().state().get(1)).array()[0]);
                    }
                }
            });
            if (policy == NonFinite.THROW) {
                assertThrows(NonFiniteGradientException.class, () -> trainer.fit(data, listened));
                assertArrayEquals(start, weights(trainer));
                // The step has ended: training can go on with other data.
                assertFalse(trainer.fit(Runs.clouds(SIZE, 1), fit).skipped(0));
                continue;
            }
            History history = trainer.fit(data, listened);
            assertEquals(1, nonFinite.getFirst());
            assertEquals(policy == NonFinite.SKIP_STEP, history.skipped(0));
            boolean finite = true;
            for (float w : weights(trainer)) {
                finite &= Float.isFinite(w);
            }
            assertEquals(policy != NonFinite.PROPAGATE, finite);
            if (policy != NonFinite.PROPAGATE) {
                assertEquals(0, nonFinite.getLast());
                assertFalse(history.skipped(1));
            }
        }
    }

    /** A dropped example contributes nothing at all: the step has the bits of one where its gradient is zero. */
    @Test
    void aDroppedExampleContributesNothing() {
        Trainer[] trainers = new Trainer[2];
        for (int i = 0; i < 2; i++) {
            float[] features = Runs.features(10, 1);
            for (int j = 0; j < Runs.COLUMNS; j++) {
                features[9 * Runs.COLUMNS + j] = i == 0 ? Float.NaN : Float.POSITIVE_INFINITY;
            }
            trainers[i] = trainer(Adam.withLearningRate(0.01f), Clip.none().nonFinite(NonFinite.ZERO_ELEMENTS))
                    .perExample(CLIP);
            DataSet data = DataSet.labelled(features, Runs.COLUMNS, Runs.labels(10), Runs.CLASSES);
            trainers[i].fit(data, Fit.epochs(2).batchSize(10));
            assertEquals(1, trainers[i].examples().nonFinite());
            assertTrue(trainers[i].examples().meanNorm() > 0);
        }
        assertArrayEquals(weights(trainers[0]), weights(trainers[1]));
    }

    /** With features that are not finite, not only with a gradient that is not. */
    @Test
    void thePolicyOfTheClipDropsAnExample() {
        DataSet data = DataSet.labelled(new float[] {1, 2, Float.NaN, 1}, 2, new int[] {0, 1}, 2);
        Sequential model = Sequential.of(2, Dense.linear(2)).initialize(1);
        float[] before = model.parameters().weights().clone();
        Clip zeroing = Clip.none().nonFinite(NonFinite.ZERO_ELEMENTS);
        Trainer trainer = Trainer.of(model, Loss.softmaxCrossEntropy(), Sgd.withLearningRate(1), zeroing)
                .perExample(PerExample.norm(1));
        trainer.fit(data, Fit.epochs(1).batchSize(2));
        assertEquals(1, trainer.examples().nonFinite());
        assertFalse(Arrays.equals(before, model.parameters().weights()), "the finite example moves them");
    }

    @Test
    void anotherClipBeginsWithItsOwnState() {
        Trainer trainer = trainer(CLIP);
        trainer.fit(Runs.clouds(8, 1), Fit.epochs(1));
        ExampleClipper first = trainer.examples();
        trainer.perExample(PerExample.norm(2));
        ExampleClipper second = trainer.examples();
        assertNotSame(first, second);
        assertEquals(2, second.threshold());
        assertEquals(0, ((StateArray.Longs) second.state().get(1)).array()[0]);
    }

    @Test
    void trainingResumesToTheSameBits() {
        float[] whole = fitted(trainer(PRIVATE), FIT);
        Trainer first = trainer(PRIVATE);
        Fit interrupted = FIT.listener(new Listener() {
            @Override
            public void onStep(History history) {
                if (history.steps() == 14) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        History history = first.fit(Runs.clouds(SIZE, 1), interrupted);
        assertTrue(Thread.interrupted());
        Trainer second = trainer(PRIVATE);
        System.arraycopy(weights(first), 0, weights(second), 0, weights(first).length);
        copy(first.stepper().state(), second.stepper().state());
        copy(first.examples().state(), second.examples().state());
        assertArrayEquals(whole, fitted(second, FIT.startAt(history.nextStep())));
        assertEquals(
                ((StateArray.Longs) second.examples().state().get(1)).array()[0],
                second.stepper().steps());
    }

    private static void copy(List<StateArray> from, List<StateArray> to) {
        for (int i = 0; i < from.size(); i++) {
            to.get(i).set(from.get(i));
        }
    }

    @Test
    void aModelWithALayerThatCannotIsRefused() {
        Layer doubled = new Layer() {
            @Override
            public String kind() {
                return "doubled";
            }

            @Override
            public int outputs(int inputs) {
                return inputs;
            }

            @Override
            public void declare(int inputs, Declaration to) {
                to.parameter("unused", Initializer.zeros(), 1, 1, 1);
            }

            @Override
            public Node bind(Binding binding) {
                Batch x = binding.input();
                return new Node() {
                    @Override
                    public void forward(int rows) {
                        System.arraycopy(x.array(), 0, binding.output().array(), 0, rows * x.columns());
                    }

                    @Override
                    public void propagate(int rows) {}

                    @Override
                    public void gradients(int rows, boolean accumulate) {}
                };
            }
        };
        Sequential model = Sequential.of(Runs.COLUMNS, doubled, Dense.linear(Runs.CLASSES));
        Trainer trainer = Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(0.01f), Clip.none());
        assertIllegal(() -> trainer.perExample(CLIP), "layer doubled1", "cannot tell the gradients of examples apart");
        assertIllegal(() -> trainer.perExample(null), "clip is null");
        assertThrows(IllegalStateException.class, trainer::examples);
        trainer.fit(Runs.clouds(20, 1), Fit.epochs(1));
    }
}
