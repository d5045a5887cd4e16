package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;

/**
 * A matrix view of a {@code float[]}: element {@code (i, j)} is {@code array[offset + i·rowStride + j·columnStride]}. Immutable
 * and checked once, here, so that kernels need not check again. A transpose is a view with the strides exchanged.
 */
public record Matrix(float[] array, int offset, int rows, int columns, int rowStride, int columnStride) {
    /**
     * @throws IllegalArgumentException if a size or stride is negative, rows x columns exceeds an int, or the array is null
     * @throws IndexOutOfBoundsException if an element lies outside the array
     */
    public Matrix {
        Arguments.notNull("array", array);
        Arguments.notNegative("rows", rows);
        Arguments.notNegative("columns", columns);
        Arguments.notNegative("rowStride", rowStride);
        Arguments.notNegative("columnStride", columnStride);
        Arguments.product("rows x columns", rows, columns);
        if (rows == 0 || columns == 0) {
            window("array", array, offset, 0);
        } else {
            long last = offset + (rows - 1L) * rowStride + (columns - 1L) * columnStride;
            if (offset < 0 || last >= array.length) {
                throw new IndexOutOfBoundsException(
                        "matrix of " + rows + " x " + columns + " with strides " + rowStride + ", "
                                + columnStride + " spans array[" + offset + ", " + (last + 1)
                                + "): expected within [0, " + array.length
                                + ")");
            }
        }
    }

    /** A row-major matrix whose rows follow each other without gaps. */
    public static Matrix of(float[] array, int offset, int rows, int columns) {
        return new Matrix(array, offset, rows, columns, columns, 1);
    }

    /** The transposed view. */
    public Matrix transpose() {
        return new Matrix(array, offset, columns, rows, columnStride, rowStride);
    }

    /**
     * The view of {@code count} rows starting at row {@code from}.
     *
     * @throws IndexOutOfBoundsException if they do not lie within the matrix
     */
    public Matrix rows(int from, int count) {
        if (from < 0 || count < 0 || from > rows - count) {
            throw new IndexOutOfBoundsException(
                    "rows [" + from + ", " + ((long) from + count) + "): expected within [0, " + rows + ")");
        }
        // A view without elements starts nowhere: one row further the array may have ended.
        int first = count == 0 || columns == 0 ? offset : offset + from * rowStride;
        return new Matrix(array, first, count, columns, rowStride, columnStride);
    }

    @Override
    public String toString() {
        return "Matrix[" + rows + " x " + columns + ", offset " + offset + ", strides " + rowStride + ", "
                + columnStride + "]";
    }
}
