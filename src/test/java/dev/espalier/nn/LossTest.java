package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class LossTest {
    private static final Loss CROSS_ENTROPY = Loss.softmaxCrossEntropy();
    private static final Loss SQUARED = Loss.meanSquaredError();

    @Property
    @net.jqwik.api.Tag("kernel")
    void crossEntropyIsThatOfTheFormula(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll @IntRange(min = 1, max = 50) int classes) {
        SplitMix64 random = new SplitMix64(seed);
        Batch logits = gaussian(random, rows + 1, classes, 5);
        int[] labels = new int[rows];
        for (int i = 0; i < rows; i++) {
            labels[i] = random.nextInt(classes);
        }
        Targets targets = Targets.labels(labels, classes);
        Batch gradient = gaussian(random, rows + 1, classes, 1);
        float[] before = logits.array().clone();
        double sum = CROSS_ENTROPY.gradient(logits, targets, rows, 0.125, gradient);
        assertArrayEquals(before, logits.array());
        double expected = 0;
        for (int i = 0; i < rows; i++) {
            double[] y = Oracle.widen(Arrays.copyOfRange(before, i * classes, (i + 1) * classes));
            expected += Oracle.softmaxCrossEntropy(y, labels[i]);
            for (int j = 0; j < classes; j++) {
                double share = Math.exp(-Oracle.softmaxCrossEntropy(y, j));
                // The exponential, the sum's inverse, their product and the difference: four roundings of values up to
                // 1/8.
                assertEquals(
                        0.125 * (share - (labels[i] == j ? 1 : 0)),
                        gradient.array()[i * classes + j],
                        0.125 * 4 * 0x1p-24);
            }
        }
        // Each row errs by the roundings of exp, below 2⁻²⁴ of 1 each, against a logarithm of a sum of at least 1.
        assertEquals(expected, sum, rows * 4 * 0x1p-24);
        assertEquals(expected, CROSS_ENTROPY.sum(logits, targets, rows), rows * 4 * 0x1p-24);
        CROSS_ENTROPY.gradient(logits, targets, rows, 0.125, logits);
        assertArrayEquals(
                Arrays.copyOf(gradient.array(), rows * classes), Arrays.copyOf(logits.array(), rows * classes));
    }

    @Property
    @net.jqwik.api.Tag("kernel")
    void squaredErrorIsThatOfTheFormula(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 20) int rows,
            @ForAll @IntRange(min = 1, max = 50) int columns) {
        SplitMix64 random = new SplitMix64(seed);
        Batch outputs = gaussian(random, rows + 1, columns, 1);
        float[] values = gaussian(random, rows, columns, 1).array();
        Targets targets = Targets.values(values, columns);
        Batch gradient = gaussian(random, rows + 1, columns, 1);
        double sum = SQUARED.gradient(outputs, targets, rows, 0.25, gradient);
        double expected = 0;
        for (int i = 0; i < rows; i++) {
            double[] y = Oracle.widen(Arrays.copyOfRange(outputs.array(), i * columns, (i + 1) * columns));
            expected += Oracle.meanSquaredError(y, values, i * columns);
            for (int j = 0; j < columns; j++) {
                double exact = 2 * 0.25 / columns * (y[j] - values[i * columns + j]);
                // The difference, the factor and their product: three roundings.
                assertEquals(exact, gradient.array()[i * columns + j], 3.01 * 0x1p-24 * Math.abs(exact));
            }
        }
        assertEquals(expected, sum, 1e-12 * expected);
        assertEquals(sum, SQUARED.sum(outputs, targets, rows));
    }

    @Test
    @Tag("kernel")
    void hugeLogitsAreFinite() {
        Batch logits = new Batch(2, 3);
        float max = Float.MAX_VALUE;
        System.arraycopy(new float[] {max, -max, 0, -max, -max, -max}, 0, logits.array(), 0, 6);
        Batch gradient = new Batch(2, 3);
        double sum = CROSS_ENTROPY.gradient(logits, Targets.labels(new int[] {1, 2}, 3), 2, 1, gradient);
        assertEquals(2.0 * max, sum, 1e25);
        float third = 1 / 3f;
        float[] expected = {1, -1, 0, third, third, third - 1};
        for (int i = 0; i < 6; i++) {
            assertEquals(expected[i], gradient.array()[i], 1e-7);
        }
    }

    @Test
    void poisonedOutputsGivePoisonedLoss() {
        Batch outputs = new Batch(1, 2);
        outputs.array()[1] = Float.NaN;
        assertTrue(Double.isNaN(CROSS_ENTROPY.sum(outputs, Targets.labels(new int[] {0}, 2), 1)));
        assertTrue(Double.isNaN(SQUARED.sum(outputs, Targets.values(new float[2], 2), 1)));
    }

    @Test
    void mismatchesAreNamed() {
        Targets labels = Targets.labels(new int[4], 3);
        Targets values = Targets.values(new float[6], 3);
        CROSS_ENTROPY.check(3, labels);
        CROSS_ENTROPY.check(4, labels);
        SQUARED.check(3, values);
        illegal("classes = 3: expected at most one per output of the model, 2", () -> CROSS_ENTROPY.check(2, labels));
        illegal(
                "targets = Targets[2 rows of 3 values]: expected labels, for softmax cross-entropy",
                () -> CROSS_ENTROPY.check(3, values));
        illegal(
                "targets = Targets[4 labels of 3 classes]: expected 3 values per row, as the model has outputs",
                () -> SQUARED.check(3, labels));
        illegal(
                "targets = Targets[2 rows of 3 values]: expected 2 values per row, as the model has outputs",
                () -> SQUARED.check(2, values));
    }

    /** As many elements in all, but other rows: the flat arrays would fit. */
    @Test
    void targetsThatDoNotFitAreRefusedWithoutACheckBefore() {
        Batch outputs = new Batch(3, 2);
        Batch gradient = new Batch(3, 2);
        Arrays.fill(gradient.array(), 7);
        Targets wide = Targets.values(new float[6], 3);
        Targets labels = Targets.labels(new int[3], 3);
        for (Loss loss : new Loss[] {Loss.softmaxCrossEntropy(), Loss.meanSquaredError()}) {
            for (Targets bad : new Targets[] {wide, labels}) {
                String message = assertThrows(IllegalArgumentException.class, () -> loss.check(2, bad))
                        .getMessage();
                illegal(message, () -> loss.sum(outputs, bad, 2));
                illegal(message, () -> loss.gradient(outputs, bad, 2, 1, gradient));
            }
            illegal("targets is null", () -> loss.check(2, null));
            illegal("targets is null", () -> loss.sum(outputs, null, 2));
            illegal("outputs is null", () -> loss.sum(null, labels, 2));
            illegal("outputs is null", () -> loss.gradient(null, labels, 2, 1, gradient));
        }
        illegal(
                "gradient is null",
                () -> Loss.meanSquaredError().gradient(outputs, Targets.values(new float[6], 2), 2, 1, null));
        illegal(
                "gradient is null",
                () -> Loss.softmaxCrossEntropy().gradient(outputs, Targets.labels(new int[3], 2), 2, 1, null));
        for (float x : gradient.array()) {
            assertEquals(7, x);
        }
    }

    @Test
    void viewsOfSomeColumnsAreRefused() {
        Batch whole = new Batch(2, 2);
        Batch view = new Batch(2, 4).columns(1, 2);
        Targets labels = Targets.labels(new int[2], 2);
        Targets values = Targets.values(new float[4], 2);
        for (Loss loss : new Loss[] {Loss.softmaxCrossEntropy(), Loss.meanSquaredError()}) {
            Targets targets = loss == Loss.meanSquaredError() ? values : labels;
            String expected = " = a view of 2 of 4 columns: expected rows that lie side by side";
            illegal("outputs" + expected, () -> loss.sum(view, targets, 2));
            illegal("outputs" + expected, () -> loss.gradient(view, targets, 2, 1, whole));
            illegal("gradient" + expected, () -> loss.gradient(whole, targets, 2, 1, view));
        }
    }

    @Test
    void aGradientOfAnotherWidthAndTooManyRowsAreRefusedBeforeAnythingIsWritten() {
        Batch outputs = new Batch(2, 4);
        Batch narrow = new Batch(2, 3);
        Batch wide = new Batch(2, 5);
        Targets labels = Targets.labels(new int[2], 4);
        Targets values = Targets.values(new float[8], 4);
        for (Loss loss : new Loss[] {Loss.softmaxCrossEntropy(), Loss.meanSquaredError()}) {
            Targets targets = loss == Loss.meanSquaredError() ? values : labels;
            for (Batch gradient : new Batch[] {narrow, wide}) {
                Arrays.fill(gradient.array(), 7);
                float[] before = gradient.array().clone();
                illegal(
                        "columns of gradient = " + gradient.columns() + ": expected 4, as outputs has",
                        () -> loss.gradient(outputs, targets, 2, 1, gradient));
                assertArrayEquals(before, gradient.array());
            }
            // Of 2³² elements an int would keep none, of 2³² + 4 four.
            for (int rows : new int[] {-1, 3, 1 << 30, (1 << 30) + 1}) {
                String message = "rows = " + rows + ": expected within [0, 2], which outputs has room for";
                outside(message, () -> loss.sum(outputs, targets, rows));
                outside(message, () -> loss.gradient(outputs, targets, rows, 1, outputs));
            }
            outside(
                    "rows = 2: expected within [0, 1], which gradient has room for",
                    () -> loss.gradient(outputs, targets, 2, 1, new Batch(1, 4)));
            Batch three = new Batch(3, 4);
            String message = "rows = 3: expected at most 2, the rows of targets";
            outside(message, () -> loss.sum(three, targets, 3));
            outside(message, () -> loss.gradient(three, targets, 3, 1, three));
        }
        assertArrayEquals(new float[8], outputs.array());
    }

    @Test
    void labelsOutsideTheClassesAreNamedBeforeAnythingIsWritten() {
        Batch outputs = new Batch(2, 3);
        Batch gradient = new Batch(2, 3);
        Arrays.fill(gradient.array(), 7);
        for (int label : new int[] {-1, 3}) {
            Targets targets = Targets.labels(new int[] {0, label}, 3);
            String message = "labels[1] = " + label + ": expected a class in [0, 3)";
            illegal(message, () -> CROSS_ENTROPY.gradient(outputs, targets, 2, 1, gradient));
            illegal(message, () -> CROSS_ENTROPY.sum(outputs, targets, 2));
        }
        assertEquals(7, gradient.array()[0]);
    }

    @Test
    void targetsTellWhatTheyAre() {
        int[] labels = {1, 2};
        float[] values = {1, 2, 3, 4};
        Targets l = Targets.labels(labels, 5);
        Targets v = Targets.values(values, 2);
        assertSame(labels, l.labels());
        assertSame(values, v.values());
        assertTrue(l.isLabels());
        assertFalse(v.isLabels());
        assertEquals(2, l.rows());
        assertEquals(2, v.rows());
        assertEquals(5, l.width());
        assertEquals(2, v.width());
        assertEquals(
                "the targets are labels: expected values",
                assertThrows(IllegalStateException.class, l::values).getMessage());
        assertEquals(
                "the targets are values: expected labels",
                assertThrows(IllegalStateException.class, v::labels).getMessage());
        illegal("labels is null", () -> Targets.labels(null, 2));
        illegal("values is null", () -> Targets.values(null, 2));
        illegal("classes = 0: expected at least 1", () -> Targets.labels(labels, 0));
        illegal("columns = 0: expected at least 1", () -> Targets.values(values, 0));
        illegal("length of values = 4: expected a multiple of columns = 3", () -> Targets.values(values, 3));
    }

    private static Batch gaussian(SplitMix64 random, int rows, int columns, double scale) {
        Batch batch = new Batch(rows, columns);
        for (int i = 0; i < batch.array().length; i++) {
            batch.array()[i] = (float) (scale * random.nextGaussian());
        }
        return batch;
    }

    private static void outside(String message, Executable call) {
        assertEquals(
                message, assertThrows(IndexOutOfBoundsException.class, call).getMessage());
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
