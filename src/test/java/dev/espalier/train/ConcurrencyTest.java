package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.PerExample;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import dev.espalier.optim.AdamW;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.RmsProp;
import dev.espalier.optim.Sgd;
import dev.espalier.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {
    private static final Loss LOSS = Loss.softmaxCrossEntropy();
    private static final Adam ADAM = Adam.withLearningRate(0.01f);
    private static final Clip CLIP = Clip.globalNorm(0.1f);

    @Test
    void threadsTrainModelsOfTheirOwnFromOneDataSet() throws Exception {
        DataSet data = Runs.clouds(150, 1);
        List<Future<float[]>> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 8; i++) {
                results.add(threads.submit(() -> train(data)));
            }
        }
        float[] expected = train(data);
        for (Future<float[]> result : results) {
            assertArrayEquals(expected, result.get());
        }
    }

    /** A checkpoint of a model that another thread changes would be of two steps, and replace the last good one. */
    @Test
    void anotherThreadMayNotTrainSaveOrLoadMeanwhile(@TempDir Path folder) throws IOException {
        DataSet data = Runs.clouds(64, 1);
        Sequential model = Runs.model();
        Trainer trainer = Runs.trainer(model);
        Path file = folder.resolve("checkpoint");
        Checkpoint.save(file, trainer, trainer.fit(data, Fit.epochs(1)));
        byte[] saved = Files.readAllBytes(file);
        List<String> refused = new ArrayList<>();
        Listener listener = Listener.eachEpoch(history -> {
            List<ThrowingRunnable> calls = List.of(
                    () -> Checkpoint.save(file, trainer, history),
                    () -> Checkpoint.load(file, trainer),
                    () -> trainer.fit(data, Fit.epochs(1)));
            for (ThrowingRunnable call : calls) {
                Thread thread = Thread.ofPlatform().name("second").start(() -> {
                    refused.add(
                            assertThrows(IllegalStateException.class, call::run).getMessage());
                });
                join(thread);
            }
            assertThrows(IllegalStateException.class, () -> trainer.perExample(PerExample.norm(1)));
        });
        trainer.fit(data, Fit.epochs(1).listener(listener));
        String message =
                "the trainer is training on thread \"" + Thread.currentThread().getName()
                        + "\": expected calls from that one, for example from a listener, or after fit";
        assertEquals(List.of(message, message, message), refused);
        assertArrayEquals(saved, Files.readAllBytes(file));
        Checkpoint.load(file, trainer);
        trainer.perExample(PerExample.norm(1));
    }

    private interface ThrowingRunnable {
        void run() throws IOException;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void threadsPredictFromOneModel() throws Exception {
        // Wide enough that products are shared among threads and take scratch arrays.
        Sequential model = Sequential.of(Runs.COLUMNS, Dense.relu(300), Dense.tanh(300), Dense.linear(Runs.CLASSES));
        Tensor x = Tensor.of(Runs.features(24, 1), 24, Runs.COLUMNS);
        float[] expected = model.predict(x).array();
        Evaluation evaluation = Trainer.of(model, LOSS, ADAM, CLIP).evaluate(Runs.clouds(24, 1));
        predictFrom(Executors.newFixedThreadPool(4), model, x, expected, evaluation);
        predictFrom(Executors.newVirtualThreadPerTaskExecutor(), model, x, expected, evaluation);
    }

    @Test
    void everyOptimizerAndClipTrainsAtOnceAsAlone() throws Exception {
        DataSet data = Runs.clouds(90, 1);
        List<Optimizer> optimizers = List.of(
                Sgd.withLearningRate(0.01f).momentum(0.9f),
                RmsProp.withLearningRate(0.01f),
                ADAM,
                AdamW.withLearningRate(0.01f));
        List<Clip> clips = List.of(
                Clip.none(),
                Clip.value(0.01f),
                Clip.norm(0.05f),
                Clip.value(0.01f).then(CLIP));
        List<Future<float[]>> results = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (Optimizer optimizer : optimizers) {
                for (Clip clip : clips) {
                    int threadsEach = 1 + results.size() % 3;
                    // The descriptions are shared, the trainers are not.
                    results.add(threads.submit(() -> {
                        start.await();
                        return wide(optimizer, clip, data, threadsEach);
                    }));
                }
            }
            start.countDown();
        }
        int next = 0;
        for (Optimizer optimizer : optimizers) {
            for (Clip clip : clips) {
                assertArrayEquals(
                        wide(optimizer, clip, data, 1), results.get(next++).get(), optimizer + ", " + clip);
            }
        }
    }

    @Test
    void anInterruptEndsEveryRunBetweenStepsWithAUsableModel() throws Exception {
        DataSet data = Runs.clouds(90, 1);
        for (int i = 0; i < 5; i++) {
            Sequential model = Runs.model();
            Trainer trainer = Trainer.of(model, LOSS, ADAM, CLIP);
            CountDownLatch running = new CountDownLatch(3 * i + 1);
            History[] history = new History[1];
            Fit endless = Fit.epochs(1_000_000)
                    .batchSize(16)
                    .norms(false)
                    .listener(Listener.eachStep(h -> running.countDown()));
            Thread thread = new Thread(() -> history[0] = trainer.fit(data, endless));
            thread.start();
            running.await();
            thread.interrupt();
            thread.join(20_000);
            assertFalse(thread.isAlive(), "fit goes on after an interrupt");
            assertTrue(history[0].interrupted());
            // Whatever the step, it is a whole one: as many steps in peace give the same weights.
            Sequential again = Runs.model();
            int steps = history[0].steps();
            assertEquals(steps, trainer.stepper().steps());
            Trainer.of(again, LOSS, ADAM, CLIP).fit(data, endless.listener(Listener.eachStep(h -> {
                if (h.steps() == steps) {
                    Thread.currentThread().interrupt();
                }
            })));
            assertTrue(Thread.interrupted());
            assertArrayEquals(again.parameters().weights(), model.parameters().weights());
            assertTrue(Double.isFinite(trainer.evaluate(data).loss()));
            assertEquals(6, trainer.fit(data, Fit.epochs(1).batchSize(16)).steps());
        }
    }

    /** Wide enough that products and updates are shared among threads and take scratch arrays. */
    private static float[] wide(Optimizer optimizer, Clip clip, DataSet data, int threads) {
        Sequential model = Sequential.of(Runs.COLUMNS, Dense.relu(400), Dense.tanh(340), Dense.linear(Runs.CLASSES));
        Trainer.of(model, LOSS, optimizer, clip)
                .threads(threads)
                .fit(data, Fit.epochs(2).batchSize(30));
        return model.parameters().weights();
    }

    private static void predictFrom(
            ExecutorService executor, Sequential model, Tensor x, float[] expected, Evaluation evaluation)
            throws ExecutionException, InterruptedException {
        List<Future<?>> results = new ArrayList<>();
        try (executor) {
            for (int i = 0; i < 8; i++) {
                int threads = 1 + i % 2;
                results.add(executor.submit(() -> {
                    for (int k = 0; k < 2; k++) {
                        assertArrayEquals(expected, model.predict(x, threads).array());
                    }
                    assertEquals(evaluation, Trainer.of(model, LOSS, ADAM, CLIP).evaluate(Runs.clouds(24, 1)));
                }));
            }
        }
        for (Future<?> result : results) {
            result.get();
        }
    }

    private static float[] train(DataSet data) {
        Sequential model = Runs.model();
        Trainer.of(model, LOSS, ADAM, CLIP).fit(data, Fit.epochs(3).batchSize(16));
        return model.parameters().weights();
    }
}
