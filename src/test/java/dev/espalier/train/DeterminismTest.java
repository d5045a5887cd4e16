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
                "b959a6a7e16e4f20353a834e7af199b5807f104d08ed7448de7cf438fec29a00"),
        MOMENTUM(
                Sgd.withLearningRate(0.1f).momentum(0.9f),
                Clip.value(0.05f),
                "43c686ab2c7cccfb5e182a436c75ad411574468135b4b5c713be1e21ab5550c7"),
        NESTEROV(
                Sgd.withLearningRate(0.1f).momentum(0.9f).nesterov(),
                Clip.value(-0.02f, 0.05f),
                "5b60e23ad9d536b12ba6831d827384af1f3e31ce58eaf41ed81a02798eaf1167"),
        RMS_PROP(
                RmsProp.withLearningRate(0.01f),
                Clip.value(0.05f),
                "af0bcb0abe0c47ffe89fe54017c27cb59722ca9b12bd9a8f69f08a34eefcc68b"),
        RMS_PROP_MOMENTUM(
                RmsProp.withLearningRate(0.01f).momentum(0.5f),
                Clip.value(0.05f),
                "d4e6ac281ae54949d533868f7b696bf7990f8df408915c75d0457c86eb99d335"),
        ADAM(
                Adam.withLearningRate(0.01f),
                Clip.value(0.05f),
                "7cb866a06afc6b330cf3176c7af8a6caa5da460c06200728da7e0ac6580e3731"),
        ADAM_W(
                AdamW.withLearningRate(0.01f),
                Clip.value(0.05f),
                "be24f54e0c524b27c14d26a8353e39e58241739e3bcf730d9fcf4b1b9c9b9586"),
        ADAM_COSINE(
                Adam.withLearningRate(LearningRate.cosine(0.02f, 30)),
                Clip.value(0.05f),
                "582db58ce7b1f92b6d4e1ba4dca5749019faf8b63079edd6056ee36cf366d857"),
        NONE(
                Adam.withLearningRate(0.01f),
                Clip.none(),
                "2028acfb4acdb0d951940b947224aa5d72a408bee4bb451a0a5d91932b8faeb5"),
        NORM(
                Adam.withLearningRate(0.01f),
                Clip.norm(0.1f),
                "702578e0e8a2daad9e9c46aeeb0228de40f2805ffe35f4e04c368d12a1e3bd08"),
        GLOBAL_NORM(
                Adam.withLearningRate(0.01f),
                Clip.globalNorm(0.1f),
                "5645cf1faed9749138d11e50e21f18d6057ba0dccb414434b925178827231cd0"),
        CHAIN(
                Adam.withLearningRate(0.01f),
                Clip.value(0.05f).then(Clip.globalNorm(0.1f)),
                "4775dc2884e9a08b370c8e404a869e609a7cc6a447f191d2cc7ddcc606c3ac30");

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
