package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.espalier.clip.Clip;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Initializer;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import dev.espalier.optim.AdamW;
import dev.espalier.optim.LearningRate;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.RmsProp;
import dev.espalier.optim.Sgd;
import dev.espalier.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Hashes of the weights after small runs. Every backend, every vector width and every number of threads must give
 * these.
 */
@Tag("kernel")
class DeterminismTest {
    enum Run {
        SGD(
                Sgd.withLearningRate(0.1f),
                Clip.value(0.05f),
                "c6bd6989c525c6f39ba86edf49658af088f59171eb8af6ada88b143cafe0eb69"),
        MOMENTUM(
                Sgd.withLearningRate(0.1f).momentum(0.9f),
                Clip.value(0.05f),
                "71ed072274fcaa89ddddfa9bed17bf43e95c0813f1e8df32c168789309bda212"),
        NESTEROV(
                Sgd.withLearningRate(0.1f).momentum(0.9f).nesterov(),
                Clip.value(-0.02f, 0.05f),
                "957fa83dca4a5cd272acc2a4d5c4853c82e062d27e711e7a5c4ac26fd629e331"),
        RMS_PROP(
                RmsProp.withLearningRate(0.01f),
                Clip.value(0.05f),
                "31a517593991c1bee0cdac3112a91b8de5ca5c7e4b8bd804e161729aeec52ec6"),
        RMS_PROP_MOMENTUM(
                RmsProp.withLearningRate(0.01f).momentum(0.5f),
                Clip.value(0.05f),
                "3c14573a510a016bff8450f29f73d089cd9e15ceb7835248d2beda5b8b1e2c18"),
        ADAM(
                Adam.withLearningRate(0.01f),
                Clip.value(0.05f),
                "44782edf7d39e0f7f310833743240d4cf1387be0be0cadc04d0a04072d5bb397"),
        ADAM_W(
                AdamW.withLearningRate(0.01f),
                Clip.value(0.05f),
                "0563773e586823f641183904f36707e8e447c71216abd406914767b2956274d6"),
        ADAM_COSINE(
                Adam.withLearningRate(LearningRate.cosine(0.02f, 30)),
                Clip.value(0.05f),
                "cbceb516cc5655936193c184891133b93a708a13d76e747ecaa14aecc0433f2a"),
        NONE(
                Adam.withLearningRate(0.01f),
                Clip.none(),
                "2f2216b42f36111368b112dfe3cbca3002ee5c37f231801ba4fe5cb4e98074f7"),
        NORM(
                Adam.withLearningRate(0.01f),
                Clip.norm(0.1f),
                "d912f72a7d4c65fb01c998b156e9bcf2131b4ceac93fd430601b83e4577b594f"),
        GLOBAL_NORM(
                Adam.withLearningRate(0.01f),
                Clip.globalNorm(0.1f),
                "c4d151ffc05d85ab93dcd0f092c6779edce5a02fc8a426e7e67f60f6f31ae093"),
        CHAIN(
                Adam.withLearningRate(0.01f),
                Clip.value(0.05f).then(Clip.globalNorm(0.1f)),
                "48806d7e25a340535a452ddb9809f4ac917bc02c912608ca0ce7df7f0d0829fc");

        private final Optimizer optimizer;
        private final Clip clip;
        private final String weights;

        Run(Optimizer optimizer, Clip clip, String weights) {
            this.optimizer = optimizer;
            this.clip = clip;
            this.weights = weights;
        }

        /** Three epochs on 150 examples in batches of 16, so with a short one. */
        String train(int threads, long seed) {
            Sequential model = Runs.model();
            Trainer.of(model, Loss.softmaxCrossEntropy(), optimizer, clip)
                    .threads(threads)
                    .fit(Runs.clouds(150, 1), Fit.epochs(3).batchSize(16).seed(seed));
            return Runs.sha256(model.parameters().weights());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theWeightsAreTheCommittedOnes(Run run) {
        assertEquals(run.weights, run.train(1, 42));
    }

    @Test
    void theSeedDoes() {
        assertNotEquals(Run.ADAM.weights, Run.ADAM.train(1, 43));
    }

    /** All activations, squared error, and products large enough to be split between threads. */
    @Test
    void aLargerModelHasTheSameBitsOnAnyNumberOfThreads() {
        for (int threads : new int[] {1, 2, 3}) {
            Sequential model = Sequential.of(
                            Runs.COLUMNS,
                            Dense.sigmoid(200).weights(Initializer.heNormal()),
                            Dense.tanh(300).bias(Initializer.lecunUniform()),
                            Dense.relu(200),
                            Dense.linear(3))
                    .initialize(8);
            Tensor x = Tensor.of(Runs.features(130, 1), 130, Runs.COLUMNS);
            Tensor y = Tensor.of(Runs.features(130, 2), 130, 3, 4).reshape(130, 12);
            Tensor targets = Tensor.zeros(130, 3);
            for (int i = 0; i < 130; i++) {
                System.arraycopy(y.array(), i * 12, targets.array(), i * 3, 3);
            }
            Trainer.of(model, Loss.meanSquaredError(), Adam.withLearningRate(0.01f), Clip.value(0.01f))
                    .threads(threads)
                    .fit(DataSet.of(x, targets), Fit.epochs(2).batchSize(60).seed(1));
            assertEquals(
                    "f047b141c37eadd8840a9e01797f403a20358d0cf2818e3430f141a6b67ffc7d",
                    Runs.sha256(model.parameters().weights()));
        }
    }
}
