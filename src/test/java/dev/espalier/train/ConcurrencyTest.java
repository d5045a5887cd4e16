package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.clip.Clip;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import dev.espalier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

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

    @Test
    void threadsPredictFromOneModel() throws Exception {
        // Wide enough that kernels take scratch arrays, which threads share.
        Sequential model = Sequential.of(Runs.COLUMNS, Dense.relu(300), Dense.tanh(300), Dense.linear(Runs.CLASSES));
        Tensor x = Tensor.of(Runs.features(20, 1), 20, Runs.COLUMNS);
        float[] expected = model.predict(x).array();
        Evaluation evaluation = Trainer.of(model, LOSS, ADAM, CLIP).evaluate(Runs.clouds(20, 1));
        predictFrom(Executors.newFixedThreadPool(4), model, x, expected, evaluation);
        predictFrom(Executors.newVirtualThreadPerTaskExecutor(), model, x, expected, evaluation);
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
                    assertEquals(evaluation, Trainer.of(model, LOSS, ADAM, CLIP).evaluate(Runs.clouds(20, 1)));
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
