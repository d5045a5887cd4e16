package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import org.jspecify.annotations.Nullable;

/**
 * What a model should answer, one entry per example: either a label (a class) or a row of values. A view of the given
 * array, not a copy.
 */
public final class Targets {
    private final int @Nullable [] labels;
    private final float @Nullable [] values;
    private final int width;

    private Targets(int @Nullable [] labels, float @Nullable [] values, int width) {
        this.labels = labels;
        this.values = values;
        this.width = width;
    }

    /**
     * A class in {@code [0, classes)} per example. The labels themselves are checked where they are used, against the number
     * of outputs.
     *
     * @throws IllegalArgumentException if labels is null or classes is not positive
     */
    public static Targets labels(int[] labels, int classes) {
        return new Targets(Arguments.notNull("labels", labels), null, Arguments.positive("classes", classes));
    }

    /**
     * A row of {@code columns} values per example, one row after the other.
     *
     * @throws IllegalArgumentException if values is null, columns is not positive, or the last row is incomplete
     */
    public static Targets values(float[] values, int columns) {
        Arguments.notNull("values", values);
        Arguments.positive("columns", columns);
        if (values.length % columns != 0) {
            throw Arguments.expected("length of values", values.length, "a multiple of columns = " + columns);
        }
        return new Targets(null, values, columns);
    }

    /** Whether these are labels; otherwise they are values. */
    public boolean isLabels() {
        return labels != null;
    }

    /** How many examples there is room for. */
    public int rows() {
        return labels != null ? labels.length : values().length / width;
    }

    /** The number of classes, or of values per example. */
    public int width() {
        return width;
    }

    /**
     * The labels; the array itself.
     *
     * @throws IllegalStateException if these are values
     */
    public int[] labels() {
        if (labels == null) {
            throw new IllegalStateException("the targets are values: expected labels");
        }
        return labels;
    }

    /**
     * The values; the array itself.
     *
     * @throws IllegalStateException if these are labels
     */
    public float[] values() {
        if (values == null) {
            throw new IllegalStateException("the targets are labels: expected values");
        }
        return values;
    }

    /**
     * Whether a loss can compare the first rows of outputs and targets.
     *
     * @throws IllegalArgumentException if outputs is a view of some columns, or the loss refuses the targets
     * @throws IndexOutOfBoundsException if outputs or targets have fewer rows
     */
    static void check(Loss loss, Batch outputs, Targets targets, int rows) {
        Arguments.notNull("outputs", outputs).requireWhole("outputs");
        outputs.requireRows("outputs", rows);
        loss.check(outputs.columns(), targets);
        if (rows > targets.rows()) {
            throw new IndexOutOfBoundsException(
                    "rows = " + rows + ": expected at most " + targets.rows() + ", the rows of targets");
        }
    }

    @Override
    public String toString() {
        return isLabels()
                ? "Targets[" + rows() + " labels of " + width + " classes]"
                : "Targets[" + rows() + " rows of " + width + " values]";
    }
}
