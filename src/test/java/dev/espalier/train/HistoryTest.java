package dev.espalier.train;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.clip.Clip;
import dev.espalier.clip.Clipper;
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
    void whatItHandsOutAreCopies() {
        History history = new History(0, 1, 1);
        history.addStep(1, 2, 3, false, false);
        for (double[] copy : new double[][] {history.losses(), history.normsBefore(), history.normsAfter()}) {
            copy[0] = -1;
        }
        assertEquals(1, history.loss(0));
        assertEquals(2, history.normBefore(0));
        assertEquals(3, history.normAfter(0));
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

    @Test
    void aThresholdThatATenthOfTheStepsExceeds() {
        History history = new History(0, 100, 100);
        for (int i = 0; i < 100; i++) {
            history.addStep(0, i == 50 ? Double.NaN : (37 * i % 100) + 1, 0, false, i == 50);
        }
        // 99 norms from 1 to 100, without 37·50 % 100 + 1 = 51.
        assertEquals(91, history.suggestThreshold(0.1));
        assertEquals(100, history.suggestThreshold(0));
        assertEquals(1, history.suggestThreshold(0.99));
        assertIllegal(() -> history.suggestThreshold(1), "rate = 1.0", "[0, 1)");
        assertIllegal(() -> history.suggestThreshold(Double.NaN), "rate = NaN");
    }

    @Test
    void aSuggestedThresholdIsRoundedUp() {
        History history = new History(0, 1, 1);
        history.addStep(0, 0.1, 0, false, false);
        assertTrue(history.suggestThreshold(0) >= 0.1);
        assertEquals(0.1f, history.suggestThreshold(0));
        history.addStep(0, 0.3, 0, false, false);
        assertEquals(0.3f, history.suggestThreshold(0));
        assertEquals(Math.nextUp(0.7f), suggestion(0.7));
    }

    @Test
    void withoutNormsThereIsNothingToSuggest() {
        History history = new History(0, 1, 1);
        assertThrows(IllegalStateException.class, () -> history.suggestThreshold(0.1));
        history.addStep(0, Double.NaN, Double.NaN, false, false);
        history.addStep(0, 1, 1, false, true);
        assertThrows(IllegalStateException.class, () -> history.suggestThreshold(0.1));
    }

    @Test
    void clipsAreRecordedPartByPart() {
        History history = new History(0, 1, 1);
        float[] first = {3, 4};
        float[] second = {20};
        Clipper clipper = Clip.globalNorm(2.5f)
                .only("gradients[0]")
                .then(Clip.value(10).only("gradients[1]"))
                .on(first, second);
        history.addStep(0, 1, 1, false, false);
        assertTrue(Double.isNaN(history.factor(0)));
        assertTrue(Double.isNaN(history.clampedFraction(0)));
        assertEquals(0, history.parts().size());
        for (int i = 0; i < 20; i++) {
            history.addStep(0, 1, 1, false, false);
            history.addClip(clipper.plan());
        }
        assertEquals(2, history.parts().size());
        History.Part norm = history.parts().get(0);
        History.Part value = history.parts().get(1);
        assertEquals("globalNorm(2.5).only(\"gradients[0]\")", norm.name());
        for (int step : new int[] {1, 20}) {
            assertEquals(0.5, history.factor(step));
            assertEquals(1 / 3.0, history.clampedFraction(step));
            assertEquals(5, norm.measured(step));
            assertEquals(2.5, norm.threshold(step));
            assertEquals(0.5, norm.factor(step));
            assertEquals(0, norm.clampedFraction(step));
            assertEquals(5, norm.normBefore(step));
            assertEquals(2.5, norm.normAfter(step));
            assertEquals(20, value.measured(step));
            assertEquals(10, value.threshold(step));
            assertEquals(1, value.factor(step));
            assertEquals(1, value.clampedFraction(step));
            assertEquals(10, value.normAfter(step));
        }
        assertEquals(20, value.suggestThreshold(0.5));
        assertThrows(IndexOutOfBoundsException.class, () -> norm.threshold(21));
    }

    @Test
    void aClipThatComparedNothingSaysSo() {
        History history = new History(0, 1, 1);
        history.addStep(0, 5, 5, false, false);
        history.addClip(Clip.value(-1, 2).on(new float[] {3, 4}).plan());
        assertEquals(5, history.suggestThreshold(0));
        String message = assertThrows(
                        IllegalStateException.class,
                        () -> history.parts().getFirst().suggestThreshold(0))
                .getMessage();
        assertTrue(message.startsWith("value(-1.0, 2.0) compared nothing"), message);
    }

    private static float suggestion(double norm) {
        History history = new History(0, 1, 1);
        history.addStep(0, norm, 0, false, false);
        return history.suggestThreshold(0);
    }
}
