package dev.espalier.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ClipPart;
import dev.espalier.clip.ClipReport;
import dev.espalier.clip.Clipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.internal.Allocation;
import dev.espalier.tensor.Parameters;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** In the steady state a step allocates nothing, for every optimizer with every clip. */
@Tag("allocation")
class AllocationTest {
    private static final int STEPS = 50;

    private final Parameters parameters =
            Parameters.builder().add("a", 17, 31).add("b", 31).build();

    /** Not p = 3: the power sum goes through StrictMath.pow, which allocates. */
    private static final List<Clip> CLIPS = Subjects.clips(0.5f).stream()
            .filter(clip -> !clip.toString().endsWith(", 3.0)"))
            .toList();

    /** These thresholds clip always or never, for thousands of steps. */
    private static final Logger WARNINGS = Logger.getLogger(Clip.class.getPackageName());

    private double read;

    @BeforeAll
    static void silence() {
        WARNINGS.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        WARNINGS.setLevel(null);
    }

    @Test
    void steps() {
        for (Optimizer optimizer : Subjects.optimizers(LearningRate.cosine(1e-3f, 1000, 10))) {
            for (Clip clip : CLIPS) {
                Stepper stepper = optimizer.on(parameters, clip);
                assertComesToAllocateNothing(optimizer + " with " + clip, () -> {
                    fill();
                    stepper.step();
                });
            }
        }
    }

    @Test
    void stepsWithGroupsAndWeights() {
        for (Clip clip : List.of(
                Clip.agc(),
                Clip.globalNorm(1).only("a").then(Clip.norm(0.1f).only("b")),
                Clip.value(1).except("b").then(Clip.agc().only("a")))) {
            Stepper stepper = Adam.withLearningRate(1e-3f).on(parameters, clip);
            assertComesToAllocateNothing(clip.toString(), () -> {
                fill();
                ClipReport report = stepper.step();
                List<ClipPart> parts = report.parts();
                for (int i = 0; i < parts.size(); i++) {
                    ClipPart part = parts.get(i);
                    read += part.measured() + part.threshold() + part.normBefore() + part.normAfter() + part.factor();
                    read += part.clampedFraction() + part.clipRate();
                }
            });
        }
    }

    @Test
    void stepsOnBadGradients() {
        for (NonFinite policy : new NonFinite[] {NonFinite.SKIP_STEP, NonFinite.ZERO_ELEMENTS, NonFinite.PROPAGATE}) {
            Clip clip = Clip.globalNorm(1).nonFinite(policy).maxConsecutiveSkips(Integer.MAX_VALUE);
            Stepper stepper = Adam.withLearningRate(1e-3f).on(parameters, clip);
            assertComesToAllocateNothing(clip.toString(), () -> {
                fill();
                parameters.gradients()[100] = Float.NaN;
                stepper.step();
            });
        }
    }

    @Test
    void clipsInPlaceAndReports() {
        for (Clip clip : CLIPS) {
            float[] gradients = parameters.gradients();
            Clipper clipper = clip.on(gradients);
            assertComesToAllocateNothing(clip.toString(), () -> {
                fill();
                ClipReport report = clipper.apply();
                read += report.normBefore() + report.normAfter() + report.factor() + report.clampedFraction();
                read += report.clipped() ? report.tensorNorm(0) : report.tensorNormAfter(0);
            });
        }
    }

    private void fill() {
        float[] gradients = parameters.gradients();
        long bits = 42;
        for (int i = 0; i < gradients.length; i++) {
            bits = bits * 6364136223846793005L + 1442695040888963407L;
            gradients[i] = (bits >> 40) * 0x1p-23f;
        }
    }

    private static void assertComesToAllocateNothing(String what, Runnable step) {
        long allocated = Allocation.perRound(() -> {
            for (int i = 0; i < STEPS; i++) {
                step.run();
            }
        });
        assertEquals(0, allocated, () -> what + " allocates in " + STEPS + " steps");
    }
}
