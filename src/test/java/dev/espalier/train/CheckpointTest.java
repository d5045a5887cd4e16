package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.Errors;
import dev.espalier.clip.Clip;
import dev.espalier.clip.PerExample;
import dev.espalier.io.FileFormatException;
import dev.espalier.io.SafeTensors;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import dev.espalier.optim.AdamW;
import dev.espalier.optim.LearningRate;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.RmsProp;
import dev.espalier.optim.Sgd;
import dev.espalier.tensor.StateArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final LearningRate RATE = LearningRate.cosine(0.05f, 40, 5);
    private static final List<Optimizer> OPTIMIZERS = List.of(
            Sgd.withLearningRate(RATE),
            Sgd.withLearningRate(RATE).momentum(0.9f).nesterov(),
            RmsProp.withLearningRate(RATE),
            RmsProp.withLearningRate(RATE).momentum(0.5f),
            Adam.withLearningRate(RATE),
            AdamW.withLearningRate(step -> 0.01f).weightDecay(0.1f));
    private static final List<Clip> CLIPS = List.of(
            Clip.none(),
            Clip.value(0.05f),
            Clip.norm(0.1f),
            Clip.globalNorm(0.2f),
            Clip.value(0.05f).then(Clip.globalNorm(0.1f)));

    /** 50 rows, 2 batches of 6 a step: 5 steps an epoch, the last one short. */
    private static final Fit FIT = Fit.epochs(4).batchSize(6).accumulate(2).seed(11);

    private static final int STEPS = 20;
    private static final DataSet DATA = Runs.clouds(50, 1);

    @TempDir
    Path folder;

    @Property(tries = 60)
    void aResumedRunHasTheBitsOfAnUninterruptedOne(
            @ForAll @IntRange(max = 5) int optimizer,
            @ForAll @IntRange(max = 4) int clip,
            @ForAll @IntRange(min = 1, max = STEPS) int step,
            @ForAll boolean poisoned)
            throws IOException {
        DataSet data = poisoned ? poisoned() : DATA;
        Trainer whole = trainer(OPTIMIZERS.get(optimizer), CLIPS.get(clip));
        History all = whole.fit(data, FIT);
        Path file = Files.createTempFile("checkpoint", ".safetensors");
        try {
            Trainer first = trainer(OPTIMIZERS.get(optimizer), CLIPS.get(clip));
            History begun = first.fit(data, FIT.listener(Runs.interruptAfter(step)));
            Thread.interrupted();
            assertEquals(step, begun.nextStep());
            Checkpoint.save(file, first, begun);
            Trainer second = trainer(OPTIMIZERS.get(optimizer), CLIPS.get(clip));
            second.model().initialize(99);
            Checkpoint at = Checkpoint.load(file, second);
            assertEquals(step, at.step());
            assertSame(first, second);
            History rest = second.fit(data, at.resume(FIT, data));
            assertSame(whole, second);
            for (int i = 0; i < rest.steps(); i++) {
                assertEquals(all.loss(step + i), rest.loss(i));
                assertEquals(all.normAfter(step + i), rest.normAfter(i));
            }
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void theThresholdAndTheNoiseOfExamplesGoOn() throws IOException {
        PerExample clip = PerExample.norm(0.5f).noise(1.1f, 7).adaptive(0.5f, 0.2f);
        Trainer whole = trainer().perExample(clip);
        whole.fit(DATA, FIT);
        Trainer first = trainer().perExample(clip);
        Path file = folder.resolve("examples");
        History begun = first.fit(DATA, FIT.listener(Runs.interruptAfter(7)));
        assertTrue(Thread.interrupted());
        Checkpoint.save(file, first, begun);
        Trainer second = trainer().perExample(clip);
        second.fit(DATA, Checkpoint.load(file, second).resume(FIT, DATA));
        assertSame(whole, second);
        refused(
                file,
                trainer(),
                "metadata \"per example\": perExample(norm 0.5, noise 1.1, adaptive 0.5): expected none");
        refused(saved(), trainer().perExample(clip), "metadata \"per example\": none: expected perExample(norm");
        refused(
                file,
                trainer().perExample(clip.adaptive(0.5f, 0.9f)),
                "expected perExample(norm 0.5, noise 1.1, adaptive 0.5 by 0.9)");
        refused(
                file,
                trainer().perExample(clip.adaptive(0.5f, 0.2f, 3)),
                "expected perExample(norm 0.5, noise 1.1, adaptive 0.5, count noise 3.0)");
    }

    @Test
    void listenersSaveEveryEpochAndEverySoManySteps() throws IOException {
        Path steps = folder.resolve("steps");
        Path epochs = folder.resolve("epochs");
        Trainer trainer = trainer();
        List<Integer> saved = new ArrayList<>();
        trainer.fit(
                DATA,
                FIT.listener(Checkpoint.everySteps(3, steps, trainer))
                        .listener(Checkpoint.everyEpoch(epochs, trainer))
                        .listener(Listener.eachStep(history -> {
                            if (history.nextStep() == 13) {
                                saved.add(load(steps).step());
                                saved.add(load(epochs).step());
                            }
                        })));
        assertEquals(List.of(12, 10), saved);
        assertEquals(18, load(steps).step());
        assertEquals(20, load(epochs).step());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count(), "temporary files are gone");
        }
        Path nowhere = folder.resolve("no/such/file");
        assertThrows(
                UncheckedIOException.class,
                () -> trainer.fit(DATA, FIT.listener(Checkpoint.everyEpoch(nowhere, trainer))));
        Errors.assertIllegal(() -> Checkpoint.everySteps(0, steps, trainer), "steps = 0");
    }

    @Test
    void stepsAreCountedFromTheBeginningOfTheRunNotOfTheFit() throws IOException {
        Path file = folder.resolve("steps");
        Trainer trainer = trainer();
        Listener save = Checkpoint.everySteps(4, file, trainer);
        trainer.fit(DATA, FIT.startAt(3).listener(Runs.interruptAfter(5)).listener(save));
        assertTrue(Thread.interrupted());
        assertEquals(4, load(file).step());
    }

    @Test
    void theFileTellsWhatItIs() throws IOException {
        Path file = saved();
        SafeTensors read = SafeTensors.read(file);
        Map<String, String> texts = read.metadata();
        assertEquals("espalier checkpoint 1", texts.get("format"));
        assertEquals("Sequential[12, dense relu 16, dense tanh 9, dense linear 5: 411 weights]", texts.get("model"));
        assertEquals("globalNorm(0.2)", texts.get("clip"));
        assertEquals("20", texts.get("step"));
        assertArrayEquals(new int[] {12, 16}, read.shape("dense1.weight"));
        assertArrayEquals(new long[] {20}, read.longs("optimizer.steps"));
        assertEquals(411, read.floats("optimizer.m").length);
    }

    /** The hashes of files that safetensors 0.8.0 opened in Python, every value and text the same. */
    @Test
    void theBytesAreThoseThatPythonOpened() throws Exception {
        assertEquals("bfa6c1a7148db927b370cefc6b8d453efd6359a5531c180c73f14b029c2565d6", sha256(saved()));
        Path file = folder.resolve("opened");
        Trainer quantiles = trainer(Sgd.withLearningRate(RATE).momentum(0.9f), Clip.autoClip());
        Checkpoint.save(file, quantiles, quantiles.fit(DATA, FIT));
        assertEquals("a33dc9c90660e3bab69e7c153841896f30f3bd5a462e4fd5e29e124583f41eb3", sha256(file));
        Trainer examples = trainer(RmsProp.withLearningRate(0.01f).momentum(0.5f), Clip.none())
                .perExample(PerExample.norm(0.5f).noise(1.1f, 7).adaptive(0.5f, 0.2f));
        Checkpoint.save(file, examples, examples.fit(DATA, FIT));
        assertEquals("780db35b2084cbf01aaa475a1481ec7e82f2858926d4e2a8f57d9a07a0608cb8", sha256(file));
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void anotherTrainerIsRefusedAndUnchanged() throws IOException {
        Path file = saved();
        Adam adam = Adam.withLearningRate(RATE);
        Loss loss = Loss.softmaxCrossEntropy();
        Clip clip = Clip.globalNorm(0.2f);
        Sequential other = Sequential.of(12, Dense.linear(5));
        refused(file, Trainer.of(other, loss, adam, clip), "metadata \"model\": Sequential[12, dense relu");
        Trainer otherLoss = Trainer.of(Runs.model(), Loss.meanSquaredError(), adam, clip);
        refused(file, otherLoss, "metadata \"loss\": softmaxCrossEntropy: expected mean");
        refused(file, Trainer.of(Runs.model(), loss, adam.epsilon(1e-7f), clip), "metadata \"optimizer\"");
        Trainer otherClip = Trainer.of(Runs.model(), loss, adam, Clip.globalNorm(0.3f));
        refused(file, otherClip, "metadata \"clip\": globalNorm(0.2): expected globalNorm(0.3)");
        Trainer otherSkips = Trainer.of(Runs.model(), loss, adam, clip.maxConsecutiveSkips(3));
        refused(
                file,
                otherSkips,
                "metadata \"clip\": globalNorm(0.2): expected globalNorm(0.2), at most 3 skips in a row");
    }

    /** A learning rate that says what it is. */
    private record Told(String text) implements LearningRate {
        @Override
        public float at(long step) {
            return 0.01f;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    @Test
    void onlyWhatCannotNameItselfIsNotCompared() throws IOException {
        Loss loss = Loss.softmaxCrossEntropy();
        Path file = folder.resolve("named");
        Clip filtered = Clip.value(1).only("dense1.*", "*");
        for (String[] texts : new String[][] {
            {"drop@1000", "drop@10"},
            {"at 0.5@10, 20", "at 0.5@10, 30"},
            {"a.Rate@1b2c.x", "a.Rate@1b2d.x"},
            {"\"a.b@1\"", "\"a.b@2\""}
        }) {
            Trainer saved = Trainer.of(Runs.model(), loss, Adam.withLearningRate(new Told(texts[0])), filtered);
            Checkpoint.save(file, saved, saved.fit(DATA, FIT));
            refused(
                    file,
                    Trainer.of(Runs.model(), loss, Adam.withLearningRate(new Told(texts[1])), filtered),
                    texts[1]);
        }
        LearningRate[] unnamed = {
            step -> 0.01f,
            step -> 0.02f,
            new LearningRate() {
                @Override
                public float at(long step) {
                    return 0.01f;
                }
            },
            new Told("a.Rate@1b2c")
        };
        for (LearningRate one : unnamed) {
            Trainer saved = Trainer.of(Runs.model(), loss, Adam.withLearningRate(one), filtered);
            Checkpoint.save(file, saved, saved.fit(DATA, FIT));
            for (LearningRate other : unnamed) {
                assertEquals(
                        STEPS,
                        Checkpoint.load(file, Trainer.of(Runs.model(), loss, Adam.withLearningRate(other), filtered))
                                .step());
            }
        }
    }

    @Test
    void longTextsAreShownFromWhereTheyDiffer() throws IOException {
        Loss loss = Loss.softmaxCrossEntropy();
        Path file = folder.resolve("long");
        Clip[] chains = {Clip.value(1), Clip.value(1)};
        for (int i = 0; i < 60; i++) {
            for (int k = 0; k < 2; k++) {
                chains[k] = chains[k].then(Clip.globalNorm(i == 40 ? 7 + k : 100));
            }
        }
        Trainer saved = Trainer.of(Runs.model(), loss, Adam.withLearningRate(RATE), chains[0]);
        Checkpoint.save(file, saved, saved.fit(DATA, FIT));
        Trainer other = Trainer.of(Runs.model(), loss, Adam.withLearningRate(RATE), chains[1]);
        String message = assertThrows(FileFormatException.class, () -> Checkpoint.load(file, other))
                .getMessage();
        assertTrue(message.matches("(?s).*globalNorm\\(7\\.0\\).*: expected ….*globalNorm\\(8\\.0\\).*"), message);
    }

    @Test
    void anInterruptDoesNotKeepARunFromBeingSaved() throws IOException {
        Path steps = folder.resolve("steps");
        Path end = folder.resolve("end");
        Trainer trainer = trainer();
        History history = trainer.fit(
                DATA, FIT.listener(Runs.interruptAfter(7)).listener(Checkpoint.everySteps(1, steps, trainer)));
        Checkpoint.save(end, trainer, history);
        assertTrue(Thread.interrupted());
        assertEquals(7, load(steps).step());
        assertEquals(7, load(end).step());
    }

    @Test
    void anotherOrderOfTheDataIsRefused() throws IOException {
        Checkpoint at = Checkpoint.load(saved(), trainer());
        assertEquals(
                "Checkpoint at step 20, {seed=11, shuffle=1, batch size=6, batches per step=2, examples=50}",
                at.toString());
        Errors.assertIllegal(() -> at.resume(FIT.seed(12), DATA), "seed = 12: expected 11, as in the checkpoint");
        Errors.assertIllegal(() -> at.resume(FIT.shuffle(false), DATA), "shuffle = 0");
        Errors.assertIllegal(() -> at.resume(FIT.batchSize(12), DATA), "batch size = 12");
        Errors.assertIllegal(() -> at.resume(FIT.accumulate(1), DATA), "batches per step = 1");
        Errors.assertIllegal(() -> at.resume(FIT, Runs.clouds(49, 1)), "examples = 49");
        Errors.assertIllegal(() -> at.resume(null, DATA), "fit");
        assertEquals(20, at.resume(Fit.epochs(9).batchSize(6).accumulate(2).seed(11), DATA).startAt);
    }

    @Test
    void editedFilesAreRefused() throws IOException {
        Path file = saved();
        edited(file, (texts, tensors) -> texts.put("step", "21"), "metadata \"checksum\"");
        edited(file, (texts, tensors) -> texts.put("seed", "1"), "metadata \"checksum\"");
        edited(file, (texts, tensors) -> texts.put("more", "text"), "metadata \"checksum\"");
        edited(file, (texts, tensors) -> texts.remove("step"), "metadata \"checksum\"");
        edited(file, (texts, tensors) -> texts.remove("checksum"), "metadata \"checksum\": missing");
        edited(
                file,
                (texts, tensors) -> texts.put("format", "espalier checkpoint 2"),
                "expected espalier checkpoint 1");
        edited(file, (texts, tensors) -> texts.clear(), "metadata \"format\": missing: this is no checkpoint");
        edited(file, (texts, tensors) -> tensors.add("extra", new long[1]), "tensors [extra]: the trainer has none");
    }

    /** A checksum finds damage, not malice: texts that reach messages later are looked at. */
    @Test
    void numbersThatAreTextAreRefusedAndShownShortened() throws IOException {
        Path file = folder.resolve("saved");
        Trainer trainer = trainer();
        Checkpoint.save(file, trainer, trainer.fit(DATA, FIT));
        SafeTensors read = SafeTensors.read(file);
        for (String key : History.ORDER) {
            Map<String, String> texts = new LinkedHashMap<>(read.metadata());
            texts.remove("checksum");
            texts.put(key, "42\n\u001b[2J forged " + "x".repeat(100_000));
            texts.put(
                    "checksum", Checksum.of(texts, trainer.model().parameters().weights(), trainer.state()));
            Path forged = folder.resolve("forged");
            copy(read, texts, "").write(forged);
            refused(forged, trainer(), "metadata \"" + key + "\"");
            String message = assertThrows(FileFormatException.class, () -> Checkpoint.load(forged, trainer()))
                    .getMessage();
            assertTrue(message.length() < 2000, message);
            assertTrue(message.chars().noneMatch(Character::isISOControl), message);
        }
    }

    @Test
    void missingAndForeignTensorsAreRefused() throws IOException {
        Path file = saved();
        SafeTensors read = SafeTensors.read(file);
        for (String name : read.names()) {
            Path other = folder.resolve("other");
            copy(read, read.metadata(), name).write(other);
            refused(other, trainer(), "tensor \"" + name + "\": missing");
            SafeTensors.Builder reshaped = copy(read, read.metadata(), name);
            reshaped.add(name, new float[7]).write(other);
            refused(other, trainer(), "tensor \"" + name + "\": ");
            copy(read, read.metadata(), name).add(name, new double[1]).write(other);
            refused(other, trainer(), "tensor \"" + name + "\": ");
        }
    }

    @Test
    void noFlippedBitGoesUnseen() throws IOException {
        byte[] bytes = Files.readAllBytes(saved());
        Path file = folder.resolve("flipped");
        Trainer trainer = trainer();
        float[] before = trainer.model().parameters().weights().clone();
        for (int bit = 0; bit < 8 * bytes.length; bit += 11) {
            byte[] flipped = bytes.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, flipped);
            assertThrows(FileFormatException.class, () -> Checkpoint.load(file, trainer), "bit " + bit);
        }
        assertArrayEquals(before, trainer.model().parameters().weights());
    }

    private interface Edit {
        void on(Map<String, String> texts, SafeTensors.Builder tensors);
    }

    private void edited(Path file, Edit edit, String message) throws IOException {
        SafeTensors read = SafeTensors.read(file);
        Map<String, String> texts = new java.util.HashMap<>(read.metadata());
        SafeTensors.Builder tensors = copy(read, Map.of(), "");
        edit.on(texts, tensors);
        texts.forEach(tensors::metadata);
        Path other = folder.resolve("edited");
        tensors.write(other);
        refused(other, trainer(), message);
    }

    private static SafeTensors.Builder copy(SafeTensors read, Map<String, String> texts, String without)
            throws IOException {
        SafeTensors.Builder builder = SafeTensors.builder();
        texts.forEach(builder::metadata);
        for (String name : read.names()) {
            if (name.equals(without)) {
                continue;
            }
            switch (read.type(name)) {
                case F32 -> builder.add(name, read.floats(name), read.shape(name));
                case I64 -> builder.add(name, read.longs(name), read.shape(name));
                default -> builder.add(name, read.doubles(name), read.shape(name));
            }
        }
        return builder;
    }

    private static void refused(Path file, Trainer trainer, String message) {
        float[] weights = trainer.model().parameters().weights().clone();
        List<String> state = texts(trainer);
        Exception e = assertThrows(FileFormatException.class, () -> Checkpoint.load(file, trainer), message);
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().contains(message), e.getMessage());
        assertArrayEquals(weights, trainer.model().parameters().weights());
        assertEquals(state, texts(trainer));
    }

    /** All state of a trainer, as text. */
    private static List<String> texts(Trainer trainer) {
        return trainer.state().stream()
                .map(array -> array.name() + " "
                        + switch (array) {
                            case StateArray.Floats floats -> Arrays.toString(floats.array());
                            case StateArray.Doubles doubles -> Arrays.toString(doubles.array());
                            case StateArray.Longs longs -> Arrays.toString(longs.array());
                        })
                .toList();
    }

    private Path saved() throws IOException {
        Path file = folder.resolve("saved");
        Trainer trainer = trainer();
        Checkpoint.save(file, trainer, trainer.fit(DATA, FIT));
        return file;
    }

    private static Checkpoint load(Path file) {
        try {
            return Checkpoint.load(file, trainer());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Trainer trainer() {
        return trainer(Adam.withLearningRate(RATE), Clip.globalNorm(0.2f));
    }

    private static Trainer trainer(Optimizer optimizer, Clip clip) {
        return Trainer.of(Runs.model(), Loss.softmaxCrossEntropy(), optimizer, clip);
    }

    /** Every step of an epoch whose batches hold row 7 is skipped. */
    private static DataSet poisoned() {
        float[] features = Runs.features(50, 1);
        features[7 * Runs.COLUMNS] = Float.NaN;
        return DataSet.labelled(features, Runs.COLUMNS, Runs.labels(50), Runs.CLASSES);
    }

    private static void assertSame(Trainer expected, Trainer actual) {
        Bits.assertSame(
                expected.model().parameters().weights(),
                actual.model().parameters().weights());
        List<StateArray> mine = expected.state();
        List<StateArray> theirs = actual.state();
        assertEquals(mine.size(), theirs.size());
        for (int i = 0; i < mine.size(); i++) {
            switch (mine.get(i)) {
                case StateArray.Floats floats ->
                    Bits.assertSame(floats.name(), floats.array(), ((StateArray.Floats) theirs.get(i)).array());
                case StateArray.Doubles doubles ->
                    assertArrayEquals(doubles.array(), ((StateArray.Doubles) theirs.get(i)).array());
                case StateArray.Longs longs ->
                    assertArrayEquals(longs.array(), ((StateArray.Longs) theirs.get(i)).array());
            }
        }
    }
}
