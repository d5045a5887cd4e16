package dev.espalier.train;

import dev.espalier.clip.Clip;
import dev.espalier.internal.SplitMix64;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Small data and models for the tests of training. */
final class Runs {
    static final int COLUMNS = 12;
    static final int CLASSES = 5;

    private Runs() {}

    /** Gaussian clouds around one random centre per class. */
    static DataSet clouds(int size, long seed) {
        return DataSet.labelled(features(size, seed), COLUMNS, labels(size), CLASSES);
    }

    static float[] features(int size, long seed) {
        SplitMix64 centres = new SplitMix64(1);
        float[] centre = new float[CLASSES * COLUMNS];
        for (int i = 0; i < centre.length; i++) {
            centre[i] = (float) centres.nextGaussian();
        }
        SplitMix64 random = new SplitMix64(seed);
        float[] features = new float[size * COLUMNS];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < COLUMNS; j++) {
                features[i * COLUMNS + j] = centre[i % CLASSES * COLUMNS + j] + 0.7f * (float) random.nextGaussian();
            }
        }
        return features;
    }

    static int[] labels(int size) {
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = i % CLASSES;
        }
        return labels;
    }

    static Sequential model() {
        return Sequential.of(COLUMNS, Dense.relu(16), Dense.tanh(9), Dense.linear(CLASSES))
                .initialize(3);
    }

    /** With Adam and a clip by value. */
    static Trainer trainer(Sequential model) {
        return Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(0.01f), Clip.value(0.05f));
    }

    /** Interrupts the thread that trains when so many steps are over. */
    static Listener interruptAfter(int steps) {
        return Listener.eachStep(history -> {
            if (history.nextStep() == steps) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** SHA-256 of the little-endian bytes of x. */
    static String sha256(float[] x) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * x.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(x);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
