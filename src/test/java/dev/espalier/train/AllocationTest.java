package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.PerExample;
import dev.espalier.internal.Allocation;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Adam;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("allocation")
class AllocationTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final int QUIET_EPOCHS = 20;

    @Test
    void aPassAllocatesNothingWhenFullAndShortBatchesChange() {
        Sequential model = Runs.model();
        Pass pass = model.pass(16, true);
        float[] features = Runs.features(16, 1);
        System.arraycopy(features, 0, pass.input().array(), 0, features.length);
        Targets targets = Targets.labels(Runs.labels(16), Runs.CLASSES);
        Loss loss = Loss.softmaxCrossEntropy();
        assertEquals(0, Allocation.perRound(() -> {
            for (int i = 0; i < 100; i++) {
                int rows = i % 3 == 0 ? 5 : 16;
                pass.forward(rows);
                loss.gradient(pass.output(), targets, rows, 1.0 / rows, pass.outputGradient());
                pass.backward(rows, i % 2 == 0);
            }
        }));
    }

    /** From one onStep to the next lie gather, forward, loss, backward, update and the history. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStepOfTheTrainerAllocatesNothing(int accumulate) {
        Clip[] clips = {Clip.value(0.05f), Clip.value(0.05f).then(Clip.globalNorm(0.1f)), Clip.none()};
        for (Clip clip : clips) {
            long deadline = System.nanoTime() + PATIENCE;
            Quiet quiet = new Quiet(deadline);
            Trainer trainer = Trainer.of(Runs.model(), Loss.softmaxCrossEntropy(), Adam.withLearningRate(0.01f), clip);
            if (clip == Clip.none()) {
                trainer.perExample(PerExample.norm(1).noise(1, 1).adaptive(0.5f, 0.2f, 1));
            }
            // The last batch of an epoch is short.
            trainer.fit(
                    Runs.clouds(250, 1),
                    Fit.epochs(1_000_000)
                            .batchSize(8 / accumulate)
                            .accumulate(accumulate)
                            .listener(quiet));
            assertTrue(Thread.interrupted());
            assertEquals(QUIET_EPOCHS, quiet.epochs, "epochs in a row whose steps allocated nothing");
        }
    }

    /**
     * Ends training when no step of so many epochs has allocated. Between epochs, where figures are added up, one may.
     */
    private static final class Quiet implements Listener {
        private final long deadline;
        private int epochs;
        private boolean quiet;
        private long last;

        Quiet(long deadline) {
            this.deadline = deadline;
        }

        @Override
        public void onStep(History history) {
            long now = Allocation.now();
            int step = (history.steps() - 1) % history.stepsPerEpoch();
            quiet = step == 0 || quiet && now == last;
            if (step == history.stepsPerEpoch() - 1) {
                epochs = quiet ? epochs + 1 : 0;
                if (epochs == QUIET_EPOCHS || System.nanoTime() > deadline) {
                    Thread.currentThread().interrupt();
                }
            }
            last = Allocation.now();
        }
    }
}
