package dev.espalier.train;

import dev.espalier.HashTable;
import dev.espalier.clip.Clip;
import dev.espalier.clip.NonFinite;
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
import dev.espalier.optim.UpdateClip;
import dev.espalier.tensor.StateArray;
import dev.espalier.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * CRC-32 over all that a small training run ends with: weights, the state of optimizer and clip, and the loss and norms of each
 * step. Every optimizer meets every clip. A new one gets a line here and in the committed table.
 */
public final class TrainingHashes {
    public static final Map<String, String> COMMITTED =
            HashTable.read(TrainingHashes.class.getResource("training-hashes.txt"));

    private TrainingHashes() {}

    static Map<String, Optimizer> optimizers() {
        Map<String, Optimizer> all = new LinkedHashMap<>();
        all.put("sgd", Sgd.withLearningRate(0.1f));
        all.put(
                "momentum",
                Sgd.withLearningRate(LearningRate.stepDecay(0.1f, 5, 0.5f)).momentum(0.9f));
        all.put("nesterov", Sgd.withLearningRate(0.1f).momentum(0.9f).nesterov());
        all.put("rmsprop", RmsProp.withLearningRate(0.01f));
        all.put("rmsprop with momentum", RmsProp.withLearningRate(0.01f).momentum(0.5f));
        all.put("adam", Adam.withLearningRate(0.01f));
        all.put("adam, clippy", Adam.withLearningRate(0.01f).updateClip(UpdateClip.clippy()));
        all.put("stable adamw", AdamW.withLearningRate(0.02f).updateClip(UpdateClip.rms()));
        all.put("adamw", AdamW.withLearningRate(LearningRate.cosine(0.02f, 10)).weightDecay(0.1f));
        return all;
    }

    static Map<String, Clip> clips() {
        Map<String, Clip> all = new LinkedHashMap<>();
        all.put("none", Clip.none());
        all.put("value", Clip.value(0.05f));
        all.put("value asymmetric", Clip.value(-0.02f, 0.05f));
        all.put("norm", Clip.norm(0.1f));
        all.put("global norm", Clip.globalNorm(0.1f));
        all.put("global norm 1", Clip.globalNorm(1, 1));
        all.put("global norm 3", Clip.globalNorm(0.1f, 3));
        all.put("global norm max", Clip.globalNorm(0.05f, Double.POSITIVE_INFINITY));
        all.put("measure only", Clip.globalNorm(Float.POSITIVE_INFINITY));
        all.put("value, global norm", Clip.value(0.05f).then(Clip.globalNorm(0.1f)));
        all.put("global norm, value", Clip.globalNorm(0.2f).then(Clip.value(0.02f)));
        all.put(
                "norm, global norm, value",
                Clip.norm(0.2f).then(Clip.globalNorm(0.3f)).then(Clip.value(0.04f)));
        all.put("average norm", Clip.averageNorm(0.001f));
        all.put("block RMS", Clip.blockRms(0.005f));
        all.put("unit norm", Clip.unitNorm(0.05f));
        all.put("agc", Clip.agc(0.02f, 1e-3f));
        all.put("soft", Clip.soft(0.5f));
        all.put("AutoClip", Clip.autoClip(50));
        all.put("ZClip", Clip.zClip(0.9f, 0.5f, 2));
        all.put("AdaGC", Clip.adaGc(1.01f, 0.9f, 2, 0.2f));
        all.put("spikes", Clip.spikes(2));
        all.put("U-Clip", Clip.uClip(0.02f));
        all.put("U-Clip by norm", Clip.uClip(Clip.globalNorm(0.1f)));
        all.put(
                "groups",
                Clip.globalNorm(0.1f).only("*1.*").then(Clip.globalNorm(0.2f).except("*1.*")));
        all.put("value, propagating", Clip.value(0.05f).nonFinite(NonFinite.PROPAGATE));
        all.put("global norm, zeroing", Clip.globalNorm(0.1f).nonFinite(NonFinite.ZERO_ELEMENTS));
        return all;
    }

    /** The table as this JVM computes it. */
    public static Map<String, String> compute() {
        Map<String, String> hashes = new TreeMap<>();
        optimizers()
                .forEach((optimizer, o) ->
                        clips().forEach((clip, c) -> hashes.put(optimizer + ", " + clip, classification(o, c))));
        optimizers().forEach((optimizer, o) -> hashes.put(optimizer + ", squared error", regression(o)));
        return hashes;
    }

    /** Two epochs over 42 examples in batches of 16, the last one short. */
    private static String classification(Optimizer optimizer, Clip clip) {
        return hash(
                Runs.model(),
                Loss.softmaxCrossEntropy(),
                optimizer,
                clip,
                Runs.clouds(42, 1),
                Fit.epochs(2).batchSize(16).seed(42),
                1);
    }

    /** Every activation, every initializer, micro-batches. */
    private static String regression(Optimizer optimizer) {
        Sequential model = Sequential.of(
                        Runs.COLUMNS,
                        Dense.sigmoid(17).weights(Initializer.heNormal()),
                        Dense.tanh(9).bias(Initializer.lecunUniform()),
                        Dense.relu(11),
                        Dense.linear(3))
                .initialize(8);
        Tensor x = Tensor.of(Runs.features(42, 1), 42, Runs.COLUMNS);
        Tensor y = Tensor.of(Runs.features(42, 2), 4 * 42, 3);
        Tensor targets = Tensor.zeros(42, 3);
        System.arraycopy(y.array(), 0, targets.array(), 0, 3 * 42);
        return hash(
                model,
                Loss.meanSquaredError(),
                optimizer,
                Clip.value(0.05f).then(Clip.norm(0.1f)),
                DataSet.of(x, targets),
                Fit.epochs(2).batchSize(7).accumulate(2).seed(1),
                1);
    }

    /** A run in which products and updates are large enough to be split between threads. */
    static String large(Optimizer optimizer, Clip clip, int threads) {
        Sequential model = Sequential.of(Runs.COLUMNS, Dense.relu(530), Dense.tanh(390), Dense.linear(Runs.CLASSES))
                .initialize(5);
        return hash(
                model,
                Loss.softmaxCrossEntropy(),
                optimizer,
                clip,
                Runs.clouds(90, 1),
                Fit.epochs(1).batchSize(60).seed(2),
                threads);
    }

    private static String hash(
            Sequential model, Loss loss, Optimizer optimizer, Clip clip, DataSet data, Fit fit, int threads) {
        Trainer trainer = Trainer.of(model, loss, optimizer, clip).threads(threads);
        History history = trainer.fit(data, fit);
        CRC32 crc = new CRC32();
        update(crc, model.parameters().weights());
        for (StateArray state : trainer.stepper().state()) {
            switch (state) {
                case StateArray.Floats floats -> update(crc, floats.array());
                case StateArray.Doubles doubles -> update(crc, doubles.array());
                case StateArray.Longs longs -> {
                    for (long x : longs.array()) {
                        update(crc, x);
                    }
                }
            }
        }
        update(crc, history.losses());
        update(crc, history.normsBefore());
        update(crc, history.normsAfter());
        return String.format("%08x", crc.getValue());
    }

    private static void update(CRC32 crc, float[] array) {
        for (float x : array) {
            update(crc, Float.floatToIntBits(x));
        }
    }

    private static void update(CRC32 crc, double[] array) {
        for (double x : array) {
            update(crc, Double.doubleToLongBits(x));
        }
    }

    private static void update(CRC32 crc, long bits) {
        for (int shift = 0; shift < 64; shift += 8) {
            crc.update((int) (bits >>> shift));
        }
    }
}
