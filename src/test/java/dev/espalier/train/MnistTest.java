package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.espalier.clip.Clip;
import dev.espalier.io.Idx;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The reference model on real digits, where the files are: 10,000 for training, 10,000 for testing. */
class MnistTest {
    private static final Path FOLDER = Path.of("..", "shared", "data", "mnist");

    @BeforeAll
    static void filesAreThere() {
        boolean there = Files.isDirectory(FOLDER);
        String reason = FOLDER.toAbsolutePath().normalize() + " is not there: no test on real digits";
        if (!there) {
            System.out.println(reason);
        }
        assumeTrue(there, reason);
    }

    /** PyTorch's three seeds on the same files reach 0.946, 0.938 and 0.946 after ten epochs. */
    @Test
    void theReferenceModelReadsRealDigits() throws IOException {
        boolean deep = Boolean.getBoolean("espalier.test.deep");
        DataSet train = read("train");
        DataSet test = read("t10k");
        int seeds = deep ? 3 : 1;
        double sum = 0;
        for (int seed = 0; seed < seeds; seed++) {
            Sequential model =
                    Sequential.of(784, Dense.relu(64), Dense.linear(10)).initialize(seed);
            Trainer trainer =
                    Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(1e-3f), Clip.value(0.05f));
            trainer.fit(train, Fit.epochs(deep ? 10 : 3).batchSize(32).seed(seed));
            sum += trainer.evaluate(test).accuracy();
        }
        double least = deep ? 0.938 : 0.90;
        assertTrue(sum / seeds >= least, "mean accuracy " + sum / seeds + ", expected at least " + least);
    }

    private static DataSet read(String set) throws IOException {
        Idx images = Idx.read(FOLDER.resolve(set + "-images-idx3-ubyte.gz"));
        Idx labels = Idx.read(FOLDER.resolve(set + "-labels-idx1-ubyte.gz"));
        return DataSet.labelled(images.toFloats(255), 784, labels.toInts(), 10);
    }
}
