package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Thresholds of no use are told once, with one that would be of use. */
@Isolated
class WatchTest {
    private final Logger logger = Logger.getLogger("dev.espalier.clip");
    private final List<String> warnings = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord warning) {
            warnings.add(warning.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void stop() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void aThresholdThatNeverClips() {
        Clipper clipper = run(Clip.globalNorm(10), 999, step -> step % 1000 / 1000.0);
        assertEquals(List.of(), warnings);
        assertEquals(0, clipper.report().parts().get(0).clipRate());
        run(Clip.globalNorm(10), 5000, step -> (step % 1000 + 1) / 1000.0);
        assertEquals(
                List.of("globalNorm(10.0) clipped none of 1000 steps: it compared 0.001 to 1.0 with 10.0."
                        + " A threshold of 0.9 would have clipped 100 of them."),
                warnings);
    }

    @Test
    void aThresholdThatClipsNearlyAlways() {
        Clipper clipper = run(Clip.norm(0.05f), 2000, step -> (step % 1000 + 1) / 1000f);
        assertEquals(List.of(), warnings, "950 of 1000 are 95 %, not more");
        assertEquals(0.95, clipper.report().parts().get(0).clipRate());
        assertEquals(2000, clipper.report().parts().get(0).steps());
        run(Clip.norm(0.0495f), 2000, step -> (step % 1000 + 1) / 1000f);
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).startsWith("norm(0.0495) clipped 951 of 1000 steps: "), warnings.get(0));
        assertTrue(warnings.get(0).contains("A threshold of 0.9 would"), warnings.get(0));
    }

    @Test
    void theSuggestedThresholdClipsATenth() {
        Clipper clipper = run(Clip.globalNorm(0.9f), 1000, step -> (step + 1) / 1000f);
        assertEquals(0.1, clipper.report().parts().get(0).clipRate());
    }

    @Test
    void eachGroupIsWatched() {
        float[] first = {5};
        float[] second = {5};
        Clipper clipper = Clip.globalNorm(1)
                .only("*[0]")
                .then(Clip.globalNorm(9).only("*[1]"))
                .on(first, second);
        for (int step = 0; step < 1000; step++) {
            clipper.plan();
        }
        assertEquals(2, warnings.size());
        assertTrue(warnings.get(0).startsWith("globalNorm(1.0).only(\"*[0]\") clipped 1000 of 1000"), warnings.get(0));
        assertTrue(warnings.get(1).startsWith("globalNorm(9.0).only(\"*[1]\") clipped none of 1000"), warnings.get(1));
    }

    @Test
    void valuesMayClampSomeElementInEveryStep() {
        Clipper clipper = run(Clip.value(0.05f), 1000, step -> 1);
        assertEquals(List.of(), warnings);
        assertEquals(1, clipper.report().parts().get(0).clipRate());
        run(Clip.value(2), 1000, step -> (step + 1) / 1000f);
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("value(-2.0, 2.0) clipped none"), warnings.get(0));
        assertTrue(warnings.get(0).contains("A threshold of 0.9 would"), warnings.get(0));
    }

    @Test
    void boundsThatDifferAreCountedWhereSomebodyAsks() {
        float[] gradient = {1, 3};
        Clipper clipper = Clip.value(-4, 2).on(gradient);
        for (int step = 0; step < 2001; step++) {
            gradient[1] = step < 1000 && step % 4 == 0 ? 3 : 1;
            ClipReport report = clipper.plan();
            report.normBefore();
            report.clipped();
        }
        // The last step is not over.
        assertEquals(2000, clipper.report().parts().get(0).steps());
        assertEquals(0.125, clipper.report().parts().get(0).clipRate());
        assertEquals(List.of("value(-4.0, 2.0) clipped none of 1000 steps."), warnings);
    }

    @Test
    void oneInfiniteBoundLeavesTheOtherToBeWatched() {
        float[] gradient = {1};
        Clipper clipper = Clip.value(Float.NEGATIVE_INFINITY, 5).on(gradient);
        for (int step = 0; step <= 1000; step++) {
            clipper.plan().clipped();
        }
        assertEquals(List.of("value(-Infinity, 5.0) clipped none of 1000 steps."), warnings);
    }

    @Test
    void otherThresholdsAreWatchedToo() {
        for (Clip clip : List.of(Clip.averageNorm(10), Clip.blockRms(10), Clip.unitNorm(10), Clip.unitNorm(0.5f))) {
            warnings.clear();
            run(clip, 1000, step -> 1);
            assertEquals(1, warnings.size(), clip.toString());
        }
    }

    /** How many elements lay outside is known for all values of a chain together, so it says nothing of one of them. */
    @Test
    void valuesOfAChainAreNotCountedForEachOther() {
        float[] gradient = new float[1];
        Clipper clipper = Clip.value(1).then(Clip.value(100)).on(gradient);
        for (int step = 0; step < 1000; step++) {
            gradient[0] = 2;
            assertEquals(1, clipper.apply().clampedFraction());
        }
        assertEquals(0, clipper.report().parts().get(1).steps());
    }

    @Test
    void whatAUClipWrapsIsWatchedStepByStep() {
        run(Clip.uClip(Clip.globalNorm(5).only("*")), 1000, step -> step == 0 ? 10 : 0.1);
        assertEquals(List.of(), warnings, "two steps of a thousand are clipped");
        for (Clip inner : List.of(Clip.globalNorm(5), Clip.globalNorm(5).only("*"))) {
            warnings.clear();
            run(Clip.uClip(inner), 1000, step -> 0.1);
            assertEquals(1, warnings.size(), inner.toString());
        }
        assertTrue(warnings.get(0).contains("clipped none of 1000 steps"), warnings.get(0));
    }

    @Test
    void valuesWithinAUClipAreCountedWhereSomebodyAsks() {
        float[] gradient = new float[2];
        for (Clip clip : List.of(Clip.uClip(0.5f), Clip.spikes(2))) {
            Clipper clipper = clip.on(gradient);
            for (int step = 0; step < 100; step++) {
                gradient[0] = step % 4 == 0 ? 1000 : 0.25f;
                gradient[1] = 0;
                clipper.plan().clipped();
            }
            ClipPart part = clipper.report().parts().get(0);
            assertEquals(99, part.steps(), clip.toString());
            assertTrue(part.clipRate() > 0.2, clip + ": " + part.clipRate());
        }
        warnings.clear();
        Clipper idle = Clip.uClip(100).on(gradient);
        for (int step = 0; step <= 1000; step++) {
            gradient[0] = 1;
            idle.plan().clipped();
        }
        assertEquals(List.of("value(-100.0, 100.0) clipped none of 1000 steps."), warnings);
    }

    @Test
    void noClipIsToldOfWhatAnotherHasClamped() {
        for (Clip clip : List.of(
                Clip.none().only("*").then(Clip.value(1)),
                Clip.globalNorm(1e9f).then(Clip.value(1)).nonFinite(NonFinite.PROPAGATE),
                Clip.blockRms(1).only("*").then(Clip.value(1)))) {
            float[] gradient = {5};
            Clipper clipper = clip.on(gradient, new float[0]);
            for (int step = 0; step < 5; step++) {
                gradient[0] = clip.nonFinite() == NonFinite.PROPAGATE ? Float.NaN : 5;
                clipper.apply().clampedFraction();
            }
            ClipPart first = clipper.report().parts().get(0);
            assertTrue(
                    Double.isNaN(first.measured()) == (first.steps() == 0), clip + ": " + first + ", " + first.steps());
        }
    }

    @Test
    void whatOnlyMeasuresIsNotWatched() {
        for (Clip clip : List.of(
                Clip.none(),
                Clip.globalNorm(Float.POSITIVE_INFINITY),
                Clip.value(Float.POSITIVE_INFINITY),
                Clip.soft(1))) {
            run(clip, 3000, step -> 0.5);
        }
        run(Clip.globalNorm(1), 3000, step -> 0);
        assertEquals(List.of(), warnings);
    }

    @Test
    void aLoggerThatFailsDoesNotStopTraining() {
        Handler failing = new Handler() {
            @Override
            public void publish(LogRecord warning) {
                throw new IllegalStateException("no disk");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(failing);
        float[] gradient = {1};
        Clipper clipper = Clip.globalNorm(100).on(gradient);
        try {
            for (int step = 0; step < 1000; step++) {
                clipper.plan();
            }
        } finally {
            logger.removeHandler(failing);
        }
        for (int step = 0; step < 3000; step++) {
            clipper.plan();
        }
        assertEquals(4000, clipper.report().parts().get(0).steps());
    }

    @Test
    void skippedStepsDoNotCount() {
        Clip clip = Clip.globalNorm(1).maxConsecutiveSkips(5000);
        Clipper clipper = run(clip, 1998, step -> step % 2 == 0 ? Double.NaN : 0.5);
        assertEquals(999, clipper.report().parts().get(0).steps());
        assertEquals(List.of(), warnings);
    }

    private static Clipper run(Clip clip, int steps, IntToDoubleFunction norm) {
        float[] gradient = {0};
        Clipper clipper = clip.on(gradient);
        for (int step = 0; step < steps; step++) {
            gradient[0] = (float) norm.applyAsDouble(step);
            clipper.plan();
        }
        return clipper;
    }
}
