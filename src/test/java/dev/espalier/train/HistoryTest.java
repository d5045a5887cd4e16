package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HistoryTest {
    @Test
    void growsBeyondWhatWasExpected() {
        History history = new History(0, 10, 3);
        double[] losses = new double[100];
        double[] before = new double[100];
        double[] after = new double[100];
        for (int i = 0; i < 100; i++) {
            losses[i] = i;
            before[i] = 2 * i;
            after[i] = 3 * i;
            history.addStep(losses[i], before[i], after[i], i % 2 == 0, i % 3 == 0);
        }
        assertEquals(100, history.steps());
        assertArrayEquals(losses, history.losses());
        assertArrayEquals(before, history.normsBefore());
        assertArrayEquals(after, history.normsAfter());
        for (int i = 0; i < 100; i++) {
            assertEquals(losses[i], history.loss(i));
            assertEquals(before[i], history.normBefore(i));
            assertEquals(after[i], history.normAfter(i));
            assertEquals(i % 2 == 0, history.clipped(i));
            assertEquals(i % 3 == 0, history.skipped(i));
        }
    }

    @Test
    void anUnboundedRunDoesNotReserveMemoryForAllOfIt() {
        History history = new History(0, 1, Integer.MAX_VALUE);
        history.addStep(1, 2, 3, true, false);
        assertEquals(1, history.steps());
    }

    @Test
    void stepsBelongToEpochs() {
        History history = new History(7, 5, 10);
        for (int i = 0; i < 9; i++) {
            history.addStep(0, 0, 0, false, false);
        }
        assertEquals(7, history.firstStep());
        assertEquals(16, history.nextStep());
        assertEquals(5, history.stepsPerEpoch());
        int[] epochs = {1, 1, 1, 2, 2, 2, 2, 2, 3};
        for (int i = 0; i < 9; i++) {
            assertEquals(epochs[i], history.epochOf(i));
        }
    }

    @Test
    void stepsThatWereNotTakenAreOutside() {
        History history = new History(0, 5, 10);
        history.addStep(0, 0, 0, false, false);
        for (int step : new int[] {-1, 1}) {
            String message = "step = " + step + ": expected within [0, 1)";
            assertEquals(
                    message,
                    assertThrows(IndexOutOfBoundsException.class, () -> history.loss(step))
                            .getMessage());
            assertEquals(
                    message,
                    assertThrows(IndexOutOfBoundsException.class, () -> history.epochOf(step))
                            .getMessage());
        }
    }

    @Test
    void epochsAreAViewThatCannotBeChanged() {
        History history = new History(0, 1, 1);
        assertEquals(
                "no epoch is over yet",
                assertThrows(IllegalStateException.class, history::lastEpoch).getMessage());
        History.Epoch epoch = new History.Epoch(0, 1.5, 0.25, Double.NaN, Double.NaN, 3, 4, 0.5, 1, 2, 100);
        history.addEpoch(epoch);
        assertEquals(epoch, history.lastEpoch());
        assertEquals(1, history.epochs().size());
        assertThrows(UnsupportedOperationException.class, () -> history.epochs().clear());
        assertFalse(history.interrupted());
        history.interrupt();
        assertTrue(history.interrupted());
        String nl = System.lineSeparator();
        assertEquals(
                "History of 0 steps" + nl
                        + "  epoch 0: loss 1.5000, accuracy 0.2500, validation loss NaN, accuracy NaN, norm 3.00,"
                        + " clipped 50.0 %, 100 samples/s",
                history.toString());
    }
}
