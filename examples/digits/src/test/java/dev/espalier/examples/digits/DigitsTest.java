package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitsTest {
    @TempDir
    static Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void write() throws IOException {
        // The last batch of an epoch is short.
        Folder.write(folder, DrawnDigits.draw(1, 0, 330), DrawnDigits.draw(1, 330, 100));
    }

    @Test
    void theLastTwoLinesAreTheWeightsAndTheAccuracy() {
        List<String> lines = succeed("--epochs", "2");
        assertTrue(lines.get(lines.size() - 2).matches("weights sha256 [0-9a-f]{64}"), lines.toString());
        assertTrue(lines.get(lines.size() - 1).matches("test accuracy [01]\\.[0-9]{4}"), lines.toString());
    }

    @Test
    void aRunWithoutClippingSuggestsAThreshold() {
        List<String> lines = succeed("--epochs", "2", "--clip", "none");
        String line = lines.get(lines.size() - 3);
        assertTrue(line.matches("--clip globalnorm=[0-9.]+ would have clipped 10 % of these steps\\."), line);
    }

    @Test
    void everyEpochHasItsLine() {
        List<String> lines = succeed("--epochs", "3", "--clip", "globalnorm=0.5");
        List<String> epochs =
                lines.stream().filter(line -> line.startsWith("epoch ")).toList();
        assertEquals(3, epochs.size());
        for (int i = 0; i < 3; i++) {
            assertTrue(
                    epochs.get(i)
                            .matches("epoch  " + (i + 1)
                                    + "  loss [0-9.]+  accuracy [01]\\.[0-9]{4}  gradient norm [0-9.]+"
                                    + "  clipped +[0-9.]+ %  [0-9,]+ samples/s"),
                    epochs.get(i));
        }
    }

    @Test
    void theSameSeedGivesTheSameWeightsOnAnyNumberOfThreads() {
        List<String> once = succeed("--epochs", "2", "--seed", "5");
        List<String> again = succeed("--epochs", "2", "--seed", "5", "--threads", "2");
        List<String> other = succeed("--epochs", "2", "--seed", "6");
        assertEquals(once.subList(once.size() - 2, once.size()), again.subList(again.size() - 2, again.size()));
        assertNotEquals(once.get(once.size() - 2), other.get(other.size() - 2));
    }

    @Test
    void everyOptimizerLearns() {
        for (OptimizerOption option : OptimizerOption.values()) {
            List<String> lines =
                    succeed("--epochs", "12", "--optimizer", option.name().toLowerCase(Locale.ROOT));
            double accuracy = Double.parseDouble(lines.get(lines.size() - 1).substring("test accuracy ".length()));
            assertTrue(accuracy > 0.5, option + " " + accuracy);
        }
    }

    @Test
    void numbersArePrintedTheSameInEveryCountry() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            List<String> lines = succeed("--epochs", "1");
            assertTrue(lines.get(lines.size() - 1).matches("test accuracy [01]\\.[0-9]{4}"), lines.toString());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void plotsAreWrittenAndChangeNoWeight() throws IOException {
        Path plots = folder.resolve("plots/of a run");
        List<String> without = succeed("--epochs", "2");
        List<String> with = succeed("--epochs", "2", "--plots", plots.toString());
        assertEquals(without.get(without.size() - 2), with.get(with.size() - 2));
        for (String name : List.of("loss.png", "accuracy.png", "gradient-norm.png")) {
            byte[] file = Files.readAllBytes(plots.resolve(name));
            assertTrue(file.length > 5000 && file[1] == 'P' && file[2] == 'N' && file[3] == 'G', name);
        }
        try (Stream<Path> files = Files.list(plots)) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void aResumedRunEndsAsAnUninterruptedOne() {
        String file = folder.resolve("run.safetensors").toString();
        List<String> whole = succeed("--epochs", "4", "--seed", "5");
        succeed("--epochs", "1", "--seed", "5", "--save", file);
        succeed("--epochs", "3", "--seed", "5", "--save", file, "--resume", file);
        List<String> rest = succeed("--epochs", "4", "--seed", "5", "--resume", file, "--threads", "2");
        assertEquals(whole.subList(whole.size() - 2, whole.size()), rest.subList(rest.size() - 2, rest.size()));
        assertTrue(rest.contains("Going on with " + file + " after 33 of 44 steps."), rest.toString());
        assertEquals(1, rest.stream().filter(line -> line.startsWith("epoch ")).count());
    }

    @Test
    void aRunThatIsOverIsEvaluatedAgain() {
        String file = folder.resolve("over.safetensors").toString();
        Path plots = folder.resolve("plots of nothing");
        List<String> whole = succeed("--epochs", "2", "--clip", "none", "--save", file);
        List<String> again = succeed("--epochs", "2", "--clip", "none", "--resume", file, "--plots", plots.toString());
        assertEquals(whole.subList(whole.size() - 2, whole.size()), again.subList(again.size() - 2, again.size()));
        assertTrue(again.contains("Going on with " + file + " after 22 of 22 steps."), again.toString());
        assertTrue(
                again.stream().noneMatch(line -> line.startsWith("--clip") || line.startsWith("Plots")),
                again.toString());
        assertFalse(Files.exists(plots.resolve("loss.png")));
    }

    @Test
    void aRunIsNotResumedAsAnother() {
        String file = folder.resolve("other.safetensors").toString();
        succeed("--epochs", "2", "--save", file);
        mistake(
                "--resume: " + folder,
                "--resume",
                folder.resolve(Folder.TEST_LABELS).toString());
        mistake("metadata \"clip\"", "--resume", file, "--clip", "none");
        mistake("metadata \"optimizer\"", "--resume", file, "--optimizer", "sgd");
        mistake("--resume: seed = 1: expected 0, as in the checkpoint.", "--resume", file, "--seed", "1");
        mistake("--resume: batch size = 8: expected 32", "--resume", file, "--batch-size", "8");
        mistake("--epochs 1: that is 11 steps, but " + file + " has taken 22.", "--resume", file, "--epochs", "1");
        mistake("no such file", "--resume", file + ".none");
        mistake("--save " + file + "/in a file: " + file + " is no folder", "--save", file + "/in a file");
        mistake("--save " + folder + ": expected a file", "--save", folder.toString());
    }

    private void mistake(String message, String... arguments) {
        err.reset();
        List<String> all = new ArrayList<>(List.of("--data", folder.toString()));
        all.addAll(List.of(arguments));
        assertEquals(2, run(all.toArray(String[]::new)), message);
        String text = err.toString(StandardCharsets.UTF_8);
        assertEquals(1, text.lines().count(), text);
        assertTrue(text.contains(message), text);
    }

    @Test
    void badInputIsOneSentenceAndExitCodeTwo() {
        for (String[] arguments : new String[][] {
            {"--clip", "foo=1"},
            {"--epochs", "0"},
            {"--data", folder.resolve("nowhere").toString()},
            {"--no-such-option"},
            {"--plots", folder.resolve(Folder.TEST_LABELS).resolve("in a file").toString()}
        }) {
            out.reset();
            err.reset();
            assertEquals(2, run(arguments));
            String message = err.toString(StandardCharsets.UTF_8);
            assertTrue(message.startsWith("digits: ") && message.endsWith("." + System.lineSeparator()), message);
            assertEquals(1, message.lines().count(), message);
            assertFalse(message.contains("Exception"), message);
            assertEquals("", out.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void moreStepsThanAnIntAreRefused() {
        assertEquals(2, run("--data", folder.toString(), "--epochs", "2147483647"));
        assertTrue(
                err.toString(StandardCharsets.UTF_8).contains("--epochs 2147483647: that is 23622320117 steps"),
                err::toString);
    }

    @Test
    void helpNamesEveryOption() {
        assertEquals(0, run("--help"));
        String usage = out.toString(StandardCharsets.UTF_8);
        for (String option : List.of(
                "--data",
                "--epochs",
                "--batch-size",
                "--seed",
                "--optimizer",
                "--clip",
                "--threads",
                "--plots",
                "--save",
                "--resume")) {
            assertTrue(usage.contains(option), usage);
        }
    }

    @Test
    void theHashIsOverTheLittleEndianBytes() {
        // printf '\000\000\200\077\000\000\000\300' | sha256sum
        assertEquals(
                "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b", Digits.sha256(new float[] {1, -2}));
    }

    /** The lines of a run on the small folder. */
    private List<String> succeed(String... arguments) {
        out.reset();
        List<String> all = new ArrayList<>(List.of("--data", folder.toString()));
        all.addAll(List.of(arguments));
        assertEquals(0, run(all.toArray(String[]::new)), () -> err.toString(StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private int run(String... arguments) {
        return Digits.run(new PrintStream(out, true), new PrintStream(err, true), arguments);
    }
}
