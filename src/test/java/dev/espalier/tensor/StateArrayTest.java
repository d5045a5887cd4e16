package dev.espalier.tensor;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StateArrayTest {
    private final float[] m = {1, 2};
    private final StateArray floats = new StateArray.Floats("m", m);
    private final StateArray doubles = new StateArray.Doubles("norm", new double[] {3, 4});
    private final StateArray longs = new StateArray.Longs("steps", new long[] {5, 6});

    @Test
    void setCopiesIntoTheLiveArray() {
        floats.under("optimizer.").set(new StateArray.Floats("other", new float[] {7, 8}));
        assertArrayEquals(new float[] {7, 8}, m);
        doubles.set(new StateArray.Doubles("", new double[] {0.5, -0.0}));
        assertArrayEquals(new double[] {0.5, -0.0}, (double[]) doubles.array());
        longs.set(new StateArray.Longs("", new long[] {Long.MAX_VALUE, -1}));
        assertArrayEquals(new long[] {Long.MAX_VALUE, -1}, (long[]) longs.array());
    }

    @Test
    void whatDoesNotFitIsRefusedAndNothingChanges() {
        assertIllegal(() -> floats.set(null), "from is null");
        assertIllegal(() -> floats.set(doubles), "from = doubles norm of 2", "floats m of 2");
        assertIllegal(() -> floats.set(new StateArray.Floats("v", new float[3])), "from = floats v of 3");
        assertIllegal(() -> doubles.set(longs), "from = longs steps of 2");
        assertIllegal(() -> longs.set(floats), "from = floats m of 2");
        assertArrayEquals(new float[] {1, 2}, m);
        assertEquals(2, longs.length());
    }
}
