package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.nn.Targets;
import dev.espalier.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class DataSetTest {
    private static final float[] FEATURES = {0, 1, 10, 11, 20, 21, 30, 31};
    private static final int[] LABELS = {2, 0, 1, 2};

    @Test
    void labelledExamplesAreGatheredInOrder() {
        DataSet data = DataSet.labelled(FEATURES, 2, LABELS, 3);
        assertEquals(4, data.size());
        assertEquals(2, data.columns());
        assertEquals("DataSet[4 examples of 2 features, 3 classes]", data.toString());
        Targets targets = data.targets(3);
        assertTrue(targets.isLabels());
        assertEquals(3, targets.width());
        float[] out = new float[8];
        Arrays.fill(out, -1);
        data.gather(new int[] {9, 3, 0, 3, 9}, 1, 3, out, targets);
        assertArrayEquals(new float[] {30, 31, 0, 1, 30, 31, -1, -1}, out);
        assertArrayEquals(new int[] {2, 2, 2}, targets.labels());
        data.gather(new int[] {1}, 0, 1, out, targets);
        assertArrayEquals(new int[] {0, 2, 2}, targets.labels());
    }

    @Test
    void valuesAreGatheredInOrder() {
        float[] array = {7, 7, 0, 1, 2, 10, 11, 12, 20, 21, 22};
        DataSet data = DataSet.of(Tensor.view(FEATURES, 2, 3, 1, 2), Tensor.view(array, 2, 3, 3));
        assertEquals(3, data.size());
        assertEquals(2, data.columns());
        assertEquals("DataSet[3 examples of 2 features, 3 values each]", data.toString());
        Targets targets = data.targets(2);
        assertFalse(targets.isLabels());
        float[] out = new float[4];
        data.gather(new int[] {2, 0}, 0, 2, out, targets);
        assertArrayEquals(new float[] {30, 31, 10, 11}, out);
        assertArrayEquals(new float[] {20, 21, 22, 0, 1, 2}, targets.values());
    }

    @Test
    void emptyAndUnequalDataIsNamed() {
        illegal(
                "length of labels = 0: expected at least 1 example",
                () -> DataSet.labelled(new float[0], 2, new int[0], 3));
        illegal(
                "x has shape [4]: expected [examples, …], at least one example and one column",
                () -> DataSet.of(Tensor.zeros(4), Tensor.zeros(4, 1)));
        illegal(
                "targets has shape [4, 0]: expected [examples, …], at least one example and one column",
                () -> DataSet.of(Tensor.zeros(4, 1), Tensor.zeros(4, 0)));
        illegal(
                "length of features = 8: expected 6, 2 for each of 3 labels",
                () -> DataSet.labelled(FEATURES, 2, new int[3], 3));
        illegal(
                "length of features = 8: expected 4294967294, 2147483647 for each of 2 labels",
                () -> DataSet.labelled(FEATURES, Integer.MAX_VALUE, new int[2], 3));
        illegal(
                "length of labels = 3: expected 4, one per example",
                () -> DataSet.labelled(Tensor.of(FEATURES, 4, 2), new int[3], 3));
        illegal(
                "rows of targets = 3: expected 4, one per example",
                () -> DataSet.of(Tensor.of(FEATURES, 4, 2), Tensor.zeros(3, 1)));
    }

    @Test
    void labelsOutsideTheClassesAreNamed() {
        illegal("labels[0] = 2: expected a class in [0, 2)", () -> DataSet.labelled(FEATURES, 2, LABELS, 2));
        illegal(
                "labels[2] = -1: expected a class in [0, 3)",
                () -> DataSet.labelled(FEATURES, 2, new int[] {0, 0, -1, 5}, 3));
    }

    @Test
    void wrongArgumentsAreNamed() {
        illegal("features is null", () -> DataSet.labelled((float[]) null, 2, LABELS, 3));
        illegal("x is null", () -> DataSet.labelled((Tensor) null, LABELS, 3));
        illegal("labels is null", () -> DataSet.labelled(FEATURES, 2, null, 3));
        illegal("x is null", () -> DataSet.of(null, Tensor.zeros(1, 1)));
        illegal("targets is null", () -> DataSet.of(Tensor.zeros(1, 1), null));
        illegal("columns = 0: expected at least 1", () -> DataSet.labelled(FEATURES, 0, LABELS, 3));
        illegal("classes = 0: expected at least 1", () -> DataSet.labelled(FEATURES, 2, LABELS, 0));
        DataSet data = DataSet.labelled(FEATURES, 2, LABELS, 3);
        illegal("rows = -1: expected at least 0", () -> data.targets(-1));
    }

    @Test
    void aBadGatherWritesNothing() {
        DataSet data = DataSet.labelled(FEATURES, 2, LABELS, 3);
        Targets targets = data.targets(2);
        targets.labels()[0] = 77;
        float[] out = new float[4];
        int[] order = {0, 4};
        outside("order[1] = 4: expected within [0, 4)", () -> data.gather(order, 0, 2, out, targets));
        outside("order[0] = -1: expected within [0, 4)", () -> data.gather(new int[] {-1}, 0, 1, out, targets));
        outside(
                "order[1, 3): expected within [0, 2), the length of the array",
                () -> data.gather(order, 1, 2, out, targets));
        outside(
                "features[0, 6): expected within [0, 4), the length of the array",
                () -> data.gather(new int[3], 0, 3, out, data.targets(3)));
        illegal(
                "targets = Targets[1 labels of 3 classes]: expected room for 2 as this data set makes it",
                () -> data.gather(order, 0, 2, out, data.targets(1)));
        illegal(
                "targets = Targets[2 rows of 3 values]: expected room for 2 as this data set makes it",
                () -> data.gather(order, 0, 2, out, Targets.values(new float[6], 3)));
        illegal(
                "targets = Targets[2 labels of 4 classes]: expected room for 2 as this data set makes it",
                () -> data.gather(order, 0, 2, out, Targets.labels(new int[2], 4)));
        DataSet pairs = DataSet.of(Tensor.zeros(3, 2), Tensor.zeros(3, 2));
        illegal(
                "targets = Targets[2 rows of 3 values]: expected room for 2 as this data set makes it",
                () -> pairs.gather(new int[2], 0, 2, out, Targets.values(new float[6], 3)));
        illegal("targets is null", () -> data.gather(order, 0, 2, out, null));
        illegal("features is null", () -> data.gather(order, 0, 1, null, targets));
        illegal("order is null", () -> data.gather(null, 0, 1, out, targets));
        assertArrayEquals(new float[4], out);
        assertEquals(77, targets.labels()[0]);
    }

    private static void outside(String message, Executable call) {
        assertEquals(
                message, assertThrows(IndexOutOfBoundsException.class, call).getMessage());
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
