package dev.espalier.tensor;

import java.util.Arrays;

/** A tensor as text: shape, then the elements in nested brackets, long axes shortened, columns aligned. */
final class TensorText {
    /** A longer axis shows EDGE entries at either end. */
    private static final int LONG = 6;

    private static final int EDGE = 3;

    private final float[] array;
    private final int[] shape;
    private final StringBuilder out = new StringBuilder();
    private int width;

    private TensorText(Tensor tensor) {
        array = tensor.array();
        shape = tensor.shape();
    }

    static String of(Tensor tensor) {
        TensorText text = new TensorText(tensor);
        text.out.append("Tensor").append(Arrays.toString(text.shape)).append('\n');
        text.measure(0, tensor.offset(), tensor.size());
        text.write(0, tensor.offset(), tensor.size());
        return text.out.toString();
    }

    /** Finds the longest of the elements that will be shown. */
    private void measure(int axis, int at, int size) {
        if (axis == shape.length) {
            width = Math.max(width, Float.toString(array[at]).length());
            return;
        }
        int count = shape[axis];
        for (int i = 0; i < count; i = next(i, count)) {
            measure(axis + 1, at + i * (size / count), size / count);
        }
    }

    private void write(int axis, int at, int size) {
        if (axis == shape.length) {
            String element = Float.toString(array[at]);
            out.append(" ".repeat(width - element.length())).append(element);
            return;
        }
        int count = shape[axis];
        String separator =
                axis == shape.length - 1 ? ", " : "," + "\n".repeat(shape.length - 1 - axis) + " ".repeat(axis + 1);
        out.append('[');
        for (int i = 0; i < count; i = next(i, count)) {
            if (i > 0) {
                out.append(separator);
            }
            if (i == count - EDGE && count > LONG) {
                out.append("...").append(separator);
            }
            write(axis + 1, at + i * (size / count), size / count);
        }
        out.append(']');
    }

    private static int next(int i, int count) {
        return count > LONG && i == EDGE - 1 ? count - EDGE : i + 1;
    }
}
