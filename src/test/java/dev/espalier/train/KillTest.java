package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.clip.Clip;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Adam;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that saves checkpoints in a loop is killed at random moments: what it leaves is always a whole checkpoint. */
class KillTest {
    private static final int KILLS = Boolean.getBoolean("espalier.test.deep") ? 200 : 10;
    private static final DataSet DATA = Runs.clouds(40, 1);
    private static final Fit FIT = Fit.epochs(100_000).batchSize(20).seed(5).norms(false);

    @TempDir
    Path folder;

    @Test
    void aKilledProcessLeavesAWholeCheckpoint() throws Exception {
        Path file = folder.resolve("checkpoint");
        SplittableRandom random = new SplittableRandom(17);
        int step = 0;
        int leftovers = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int atLeast = saveUntilKilled(file, random);
            Trainer trainer = trainer();
            Checkpoint at = Checkpoint.load(file, trainer);
            assertTrue(at.step() >= Math.max(step, atLeast), () -> at + " after " + atLeast);
            assertEquals(at.step(), trainer.stepper().steps(), "position and state are of one moment");
            step = at.step();
            leftovers += removeTemporary(file);
        }
        Trainer resumed = trainer();
        Checkpoint.load(file, resumed);
        Trainer whole = trainer();
        int last = step;
        whole.fit(DATA, FIT.listener(Listener.eachStep(history -> {
            if (history.nextStep() == last) {
                Thread.currentThread().interrupt();
            }
        })));
        assertTrue(Thread.interrupted());
        Bits.assertSame(
                whole.model().parameters().weights(),
                resumed.model().parameters().weights());
        assertTrue(KILLS < 200 || leftovers > 0, "no kill met a write");
        System.out.println(
                "KillTest: " + KILLS + " kills survived, " + leftovers + " of them during a write, step " + step);
    }

    /** Returns a step that the process has said it saved. */
    private static int saveUntilKilled(Path file, SplittableRandom random) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            String line = lines.readLine();
            assertTrue(line != null, "the child died before its first checkpoint");
            TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000));
            // By its handle: the process itself would close what it has printed.
            process.toHandle().destroyForcibly();
            int saved = 0;
            for (; line != null; line = lines.readLine()) {
                // The last line may be cut short, which only makes it smaller.
                saved = line.isEmpty() ? saved : Integer.parseInt(line);
            }
            return saved;
        } finally {
            process.destroyForcibly();
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        }
    }

    private int removeTemporary(Path file) throws IOException {
        int count = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path other : files.toList()) {
                if (!other.equals(file)) {
                    assertTrue(other.getFileName().toString().endsWith(".tmp"), other::toString);
                    Files.delete(other);
                    count++;
                }
            }
        }
        return count;
    }

    /** Large enough that a write takes a while, small enough that a step does not. */
    static Trainer trainer() {
        Sequential model = Sequential.of(Runs.COLUMNS, Dense.relu(3000), Dense.linear(Runs.CLASSES));
        return Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(1e-3f), Clip.globalNorm(0.1f))
                .threads(1);
    }

    /** Goes on from the file, if there is one, and saves every step; says so after each. */
    static final class Child {
        public static void main(String... arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            Trainer trainer = trainer();
            Fit fit = FIT;
            if (Files.exists(file)) {
                fit = Checkpoint.load(file, trainer).resume(FIT, DATA);
            }
            trainer.fit(
                    DATA, fit.listener(Checkpoint.everySteps(1, file, trainer)).listener(Listener.eachStep(history -> {
                        System.out.println(history.nextStep());
                        System.out.flush();
                    })));
        }
    }
}
