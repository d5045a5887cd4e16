package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void defaultsAreTheReferenceModel() throws Mistake {
        Options options = Options.parse();
        assertEquals(Optional.empty(), options.data());
        assertEquals(10, options.epochs());
        assertEquals(32, options.batchSize());
        assertEquals(0, options.seed());
        assertEquals(OptimizerOption.ADAM, options.optimizer());
        assertEquals(Clip.value(0.05f).toString(), options.clip().clip().toString());
        assertEquals(1, options.threads());
        assertEquals(Optional.empty(), options.plots());
        assertEquals(Optional.empty(), options.save());
        assertEquals(Optional.empty(), options.resume());
        assertFalse(options.help());
    }

    @Test
    void everyOptionIsRead() throws Mistake {
        Options options = Options.parse(
                "--data",
                "in",
                "--epochs=3",
                "--batch-size",
                "64",
                "--seed",
                "-7",
                "--optimizer",
                "AdamW",
                "--clip",
                "none",
                "--threads",
                "2",
                "--plots",
                "out");
        assertEquals(Optional.of(Path.of("in")), options.data());
        assertEquals(3, options.epochs());
        assertEquals(64, options.batchSize());
        assertEquals(-7, options.seed());
        assertEquals(OptimizerOption.ADAMW, options.optimizer());
        assertEquals(Clip.none().toString(), options.clip().clip().toString());
        assertEquals(2, options.threads());
        assertEquals(Optional.of(Path.of("out")), options.plots());
    }

    @Test
    void parsingLeavesNoTraceInTheNextOne() throws Mistake {
        Options.parse("--epochs", "3", "--clip", "norm=1");
        assertEquals(10, Options.parse().epochs());
        assertEquals(List.of(), Options.parse().clip().norms());
    }

    @Test
    void everyOptimizerIsKnown() throws Mistake {
        for (OptimizerOption option : OptimizerOption.values()) {
            String name = option.name().toLowerCase(Locale.ROOT);
            assertEquals(option, Options.parse("--optimizer", name).optimizer());
            assertTrue(Options.usage().contains(name), name);
            assertTrue(mistake("--optimizer", "lamb").contains(name), name);
            assertFalse(option.create().toString().isEmpty());
        }
    }

    @Test
    void clipsAreReadOneByOne() throws Mistake {
        assertClip(Clip.value(0.5f), "value=0.5");
        assertClip(Clip.norm(2), "norm=2", new ClipOption.Norm("threshold for each tensor", 2));
        assertClip(Clip.globalNorm(1), "globalnorm=1", new ClipOption.Norm("threshold", 1));
        assertClip(Clip.globalNorm(1), " GlobalNorm = 1 ", new ClipOption.Norm("threshold", 1));
        assertClip(Clip.value(Float.POSITIVE_INFINITY), "value=inf");
        assertClip(
                Clip.globalNorm(Float.POSITIVE_INFINITY),
                "globalnorm=Infinity",
                new ClipOption.Norm("threshold", Float.POSITIVE_INFINITY));
        assertClip(Clip.averageNorm(0.01f), "averagenorm=0.01");
        assertClip(Clip.blockRms(1), "blockrms=1");
        assertClip(Clip.unitNorm(2), "unitnorm=2");
        assertClip(Clip.agc(), "agc");
        assertClip(Clip.agc(0.02f), "agc=0.02");
        assertClip(Clip.soft(3), "soft=3", new ClipOption.Norm("threshold", 3));
        assertClip(Clip.autoClip(), "autoclip");
        assertClip(Clip.autoClip(20), "autoclip=20");
        assertClip(Clip.zClip(), "zclip");
        assertClip(Clip.adaGc(), "adagc");
        assertClip(Clip.spikes(), "spikes");
        assertClip(Clip.spikes(100), "spikes=100");
        assertClip(Clip.uClip(1), "uclip=1");
    }

    @Test
    void commasCompose() throws Mistake {
        assertClip(
                Clip.value(0.05f).then(Clip.globalNorm(1)),
                "value=0.05,globalnorm=1",
                new ClipOption.Norm("threshold", 1));
    }

    @Test
    void unknownClipsListTheKnownOnes() {
        for (String text : List.of("clip", "clip=1", "value=1,clip=1", "", "value=1,", "value2=1")) {
            String message = mistake("--clip=" + text);
            for (String known : List.of(
                    "none",
                    "value=C",
                    "norm=C",
                    "globalnorm=C",
                    "averagenorm=C",
                    "blockrms=C",
                    "unitnorm=C",
                    "agc[=C]",
                    "soft=C",
                    "autoclip[=C]",
                    "zclip",
                    "adagc",
                    "spikes[=C]",
                    "uclip=C")) {
                assertTrue(message.contains(known), message);
                // Long lines of the usage are broken, also before a bracket.
                assertTrue(Options.usage().replaceAll("\\s", "").contains(known), known);
            }
        }
    }

    @Test
    void badInputGivesOneSentenceThatNamesIt() {
        assertEquals("--clip: 'norm' needs a threshold, as in norm=1.", mistake("--clip", "norm"));
        assertEquals("--clip: 'none=1': expected none without a number.", mistake("--clip", "none=1"));
        assertEquals(
                "--clip: 'autoclip=200': percentile = 200.0: expected in [0, 100].", mistake("--clip", "autoclip=200"));
        for (String number : List.of("-1", "NaN", "x", "")) {
            assertEquals(
                    "--clip: 'value=" + number.toLowerCase(Locale.ROOT)
                            + "': expected a threshold that is a number at least 0.",
                    mistake("--clip", "value=" + number));
        }
        assertEquals("--epochs 0: expected 1 to 2147483647.", mistake("--epochs", "0"));
        assertEquals("--batch-size -1: expected 1 to 2147483647.", mistake("--batch-size", "-1"));
        assertEquals("--threads 3000000000: expected 1 to 2147483647.", mistake("--threads", "3000000000"));
        assertEquals("--seed 1.5: expected a whole number.", mistake("--seed", "1.5"));
        assertTrue(mistake("--epoch", "3").startsWith("Unknown option"));
        assertTrue(mistake("--epochs").contains("--epochs"));
        assertTrue(mistake("mnist").contains("mnist"));
        assertEquals("--data: expected the name of a folder.", mistake("--data", ""));
        assertTrue(mistake("--plots", "a\0b").startsWith("--plots "));
    }

    private static void assertClip(Clip clip, String text, ClipOption.Norm... norms) throws Mistake {
        ClipOption option = Options.parse("--clip", text).clip();
        assertEquals(clip.toString(), option.clip().toString());
        assertEquals(List.of(norms), option.norms());
    }

    private static String mistake(String... arguments) {
        String message =
                assertThrows(Mistake.class, () -> Options.parse(arguments)).getMessage();
        assertEquals(-1, message.indexOf('\n'), message);
        assertTrue(message.endsWith("."), message);
        return message;
    }
}
