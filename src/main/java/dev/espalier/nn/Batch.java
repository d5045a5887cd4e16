package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Matrix;

/**
 * A matrix of up to {@code maxRows} rows, one per example: the activations or gradients that flow between two layers.
 * Element {@code (i, j)} is {@code array()[offset() + i·rowStride() + j]}.
 *
 * <p>The matrix views of the last two row counts are kept, so the change between full and short batches allocates
 * nothing once both have been seen. Not for use by several threads at once.
 */
public final class Batch {
    private final float[] array;
    private final int offset;
    private final int maxRows;
    private final int columns;
    private final int rowStride;
    private Views latest;
    private Views previous;

    /**
     * Allocates a batch of zeros.
     *
     * @throws IllegalArgumentException if maxRows is negative, columns is not positive, or their product exceeds an int
     */
    public Batch(int maxRows, int columns) {
        this(
                new float
                        [Arguments.product(
                                "maxRows x columns",
                                Arguments.notNegative("maxRows", maxRows),
                                Arguments.positive("columns", columns))],
                0,
                maxRows,
                columns,
                columns);
    }

    private Batch(float[] array, int offset, int maxRows, int columns, int rowStride) {
        this.array = array;
        this.offset = offset;
        this.maxRows = maxRows;
        this.columns = columns;
        this.rowStride = rowStride;
        latest = create(maxRows);
        previous = latest;
    }

    /** The array under this batch; a view shares it. */
    public float[] array() {
        return array;
    }

    /** The index of the first element in {@link #array()}. */
    public int offset() {
        return offset;
    }

    /** How many rows it can hold. */
    public int maxRows() {
        return maxRows;
    }

    /** The length of a row. */
    public int columns() {
        return columns;
    }

    /** The distance of two rows in the array: {@link #columns()}, more in a view of some columns. */
    public int rowStride() {
        return rowStride;
    }

    /**
     * The first {@code count} rows.
     *
     * @throws IndexOutOfBoundsException if count is outside {@code [0, maxRows]}
     */
    public Matrix rows(int count) {
        return views(count).plain;
    }

    /**
     * The first {@code count} rows, transposed: {@code columns × count}.
     *
     * @throws IndexOutOfBoundsException if count is outside {@code [0, maxRows]}
     */
    public Matrix transposed(int count) {
        return views(count).transposed;
    }

    /**
     * A view of {@code count} columns starting at {@code from}. A layer over time, whose row holds one time step after
     * the other, makes one view per time step when it is bound.
     *
     * @throws IndexOutOfBoundsException if the columns do not lie within the batch
     */
    public Batch columns(int from, int count) {
        if (from < 0 || count < 1 || from > columns - count) {
            throw new IndexOutOfBoundsException("columns [" + from + ", " + ((long) from + count)
                    + "): expected at least one, within [0, " + columns + ")");
        }
        return new Batch(array, offset + from, maxRows, count, rowStride);
    }

    /**
     * For those who read its rows as one window.
     *
     * @throws IllegalArgumentException if it is a view of some columns
     */
    void requireWhole(String name) {
        if (rowStride != columns) {
            throw Arguments.expected(
                    name, "a view of " + columns + " of " + rowStride + " columns", "rows that lie side by side");
        }
    }

    /**
     * For those who read or write the first of its rows.
     *
     * @throws IndexOutOfBoundsException if it has fewer
     */
    void requireRows(String name, int rows) {
        if (rows < 0 || rows > maxRows) {
            throw new IndexOutOfBoundsException(
                    "rows = " + rows + ": expected within [0, " + maxRows + "], which " + name + " has room for");
        }
    }

    /**
     * For those who write the gradient of {@code outputs} into it as one window.
     *
     * @throws IllegalArgumentException if it is a view of some columns or has other columns than outputs
     * @throws IndexOutOfBoundsException if it has fewer rows
     */
    void requireGradientOf(Batch outputs, int rows) {
        requireWhole("gradient");
        requireRows("gradient", rows);
        if (columns != outputs.columns) {
            throw Arguments.expected("columns of gradient", columns, outputs.columns + ", as outputs has");
        }
    }

    @Override
    public String toString() {
        return "Batch[at most " + maxRows + " x " + columns + "]";
    }

    private Views views(int count) {
        if (count != latest.rows) {
            Views found = count == previous.rows ? previous : create(count);
            previous = latest;
            latest = found;
        }
        return latest;
    }

    private Views create(int count) {
        if (count < 0 || count > maxRows) {
            throw new IndexOutOfBoundsException("rows = " + count + ": expected within [0, " + maxRows + "]");
        }
        // An empty batch has no element for the offset of a view to point at.
        Matrix plain = new Matrix(array, maxRows == 0 ? 0 : offset, count, columns, rowStride, 1);
        return new Views(count, plain, plain.transpose());
    }

    private record Views(int rows, Matrix plain, Matrix transposed) {}
}
