package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a fit ends before its time, and goes on from there. */
class InterruptedFitTest {
    /** As {@link DataSet#gather} tells those who can only read forward. */
    @Test
    void aSourceThatReadsForwardGoesOnInTheMiddleOfAnEpoch() {
        DataSet data = Runs.clouds(50, 1);
        Fit fit = Fit.epochs(3).batchSize(16).shuffle(false);
        Sequential whole = Runs.model();
        Runs.trainer(whole).fit(data, fit);
        Sequential parts = Runs.model();
        Trainer trainer = Runs.trainer(parts);
        History first = trainer.fit(new Forward(data), fit.listener(Runs.interruptAfter(6)));
        assertTrue(Thread.interrupted());
        assertEquals(6, first.steps());
        trainer.fit(new Forward(data), fit.startAt(first.nextStep()));
        assertArrayEquals(whole.parameters().weights(), parts.parameters().weights());
    }

    /** Reads one row after the other; looks only at the first of the rows it is asked for. */
    private static final class Forward extends Delegate {
        private final int[] rows = new int[16];
        private int next;

        Forward(DataSet data) {
            super(data);
        }

        @Override
        public void gather(int[] order, int from, int count, float[] features, Targets targets) {
            if (order[from] != next) {
                next = order[from] == 0 ? 0 : skipTo(order[from]);
            }
            for (int i = 0; i < count; i++) {
                rows[i] = next++;
            }
            super.gather(rows, 0, count, features, targets);
        }

        private int skipTo(int row) {
            assertTrue(row > next, "asked for row " + row + " at row " + next);
            return row;
        }
    }

    @Test
    void trainingGoesOnFromAnyStepToTheSameBits() {
        DataSet data = Runs.clouds(50, 1);
        Fit fit = Fit.epochs(4).batchSize(16).seed(9);
        Sequential whole = Runs.model();
        History expected = Runs.trainer(whole).fit(data, fit);
        for (int stop = 0; stop <= 16; stop++) {
            Sequential model = Runs.model();
            Trainer trainer = Runs.trainer(model);
            int last = stop;
            History first = stop == 0
                    ? trainer.fit(data, Fit.epochs(0))
                    : trainer.fit(data, fit.listener(Runs.interruptAfter(last)));
            assertEquals(stop > 0, Thread.interrupted());
            assertEquals(stop, first.nextStep());
            History second = trainer.fit(data, fit.startAt(first.nextStep()));
            assertEquals(stop, second.firstStep());
            assertEquals(16, second.nextStep());
            assertArrayEquals(whole.parameters().weights(), model.parameters().weights());
            for (int i = 0; i < second.steps(); i++) {
                assertEquals(expected.loss(stop + i), second.loss(i));
                assertEquals(expected.epochOf(stop + i), second.epochOf(i));
            }
            assertEquals(stop == 16 ? 0 : 4 - stop / 4, second.epochs().size());
            if (stop < 16) {
                History.Epoch epoch = second.epochs().get(0);
                // An epoch that goes on counts the examples it still had.
                assertEquals(50 - stop % 4 * 16, epoch.samplesPerSecond() * epoch.seconds(), 1e-4);
            }
            if (stop % 4 == 0 && stop < 16) {
                assertEquals(
                        expected.epochs().get(stop / 4).loss(),
                        second.epochs().get(0).loss());
            }
        }
    }

    @Test
    void interruptionEndsBetweenStepsAndLeavesAUsableModel() {
        DataSet data = Runs.clouds(50, 1);
        Sequential model = Runs.model();
        Trainer trainer = Runs.trainer(model);
        History history = trainer.fit(data, Fit.epochs(1000).batchSize(16).listener(Runs.interruptAfter(6)));
        assertTrue(Thread.interrupted(), "the flag is kept");
        assertTrue(history.interrupted());
        assertEquals(6, history.steps());
        assertEquals(1, history.epochs().size());
        assertEquals(6, trainer.stepper().steps());
        Sequential sixSteps = Runs.model();
        Runs.trainer(sixSteps).fit(data, Fit.epochs(2).batchSize(16).listener(Runs.interruptAfter(6)));
        Thread.interrupted();
        assertArrayEquals(sixSteps.parameters().weights(), model.parameters().weights());
        assertTrue(Double.isFinite(trainer.evaluate(data).loss()));
    }

    @Test
    void anInterruptedThreadTakesNoStep() {
        Sequential model = Runs.model();
        float[] before = model.parameters().weights().clone();
        Thread.currentThread().interrupt();
        History history = Runs.trainer(model).fit(Runs.clouds(20, 1), Fit.epochs(3));
        assertTrue(history.interrupted());
        assertEquals(0, history.steps());
        assertArrayEquals(before, model.parameters().weights());
        // Evaluation is not training: it runs to its end.
        assertEquals(20, Runs.trainer(model).evaluate(Runs.clouds(20, 1)).count());
        assertTrue(Thread.interrupted());
    }

    @Test
    void interruptionDuringValidationKeepsTheEpoch() {
        DataSet data = Runs.clouds(20, 1);
        DataSet validation = new Delegate(Runs.clouds(600, 2)) {
            @Override
            public void gather(int[] order, int from, int count, float[] features, Targets targets) {
                Thread.currentThread().interrupt();
                super.gather(order, from, count, features, targets);
            }
        };
        List<Double> told = new ArrayList<>();
        Listener listener = Listener.eachEpoch(h -> told.add(h.lastEpoch().validationLoss()));
        History history = Runs.trainer(Runs.model())
                .fit(data, Fit.epochs(3).validation(validation).listener(listener));
        assertTrue(Thread.interrupted());
        assertEquals(List.of(Double.NaN), told);
        assertTrue(history.interrupted());
        assertEquals(1, history.epochs().size());
        assertTrue(Double.isNaN(history.lastEpoch().validationLoss()));
        assertTrue(history.lastEpoch().loss() > 0);
    }

    @Test
    void interruptionInTheLastStepLeavesTheValidationOut() {
        DataSet data = Runs.clouds(32, 1);
        Fit fit = Fit.epochs(1).batchSize(16).validation(data).listener(Runs.interruptAfter(2));
        History history = Runs.trainer(Runs.model()).fit(data, fit);
        assertTrue(Thread.interrupted());
        assertEquals(2, history.steps());
        assertTrue(Double.isNaN(history.lastEpoch().validationLoss()));
        assertTrue(history.interrupted());
    }

    @Test
    void anotherThreadCanStopTraining() throws InterruptedException {
        Sequential model = Runs.model();
        History[] result = new History[1];
        CountDownLatch trains = new CountDownLatch(1);
        Fit fit = Fit.epochs(1_000_000).listener(Listener.eachStep(history -> trains.countDown()));
        Thread thread =
                Thread.ofPlatform().start(() -> result[0] = Runs.trainer(model).fit(Runs.clouds(200, 1), fit));
        assertTrue(trains.await(20, TimeUnit.SECONDS));
        thread.interrupt();
        thread.join(10_000);
        assertFalse(thread.isAlive());
        assertTrue(result[0].interrupted());
        assertTrue(result[0].steps() > 0);
        for (float w : model.parameters().weights()) {
            assertTrue(Float.isFinite(w));
        }
    }
}
