package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import dev.espalier.train.Fit;
import dev.espalier.train.Trainer;
import org.junit.jupiter.api.Test;

class DifficultyTest {
    private static final Images TRAIN = DrawnDigits.draw(28, 0, 10_000);
    private static final Images TEST = DrawnDigits.draw(28, 10_000, 5_000);

    @Test
    void theDrawnDigitsNeedAHiddenLayerAndRewardIt() {
        double linear = accuracy(Sequential.of(Images.PIXELS, Dense.linear(Images.CLASSES)));
        double hidden = accuracy(Sequential.of(Images.PIXELS, Dense.relu(64), Dense.linear(Images.CLASSES)));
        assertTrue(hidden >= 0.95, "with a hidden layer " + hidden);
        assertTrue(linear <= hidden - 0.02, "linear " + linear + ", with a hidden layer " + hidden);
        // Learnable without one, too: these are digits, not noise.
        assertTrue(linear >= 0.85, "linear " + linear);
    }

    private static double accuracy(Sequential model) {
        Trainer trainer =
                Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(1e-3f), Clip.value(0.05f));
        trainer.fit(TRAIN.dataSet(), Fit.epochs(10).batchSize(32).seed(1));
        return trainer.evaluate(TEST.dataSet()).accuracy();
    }
}
