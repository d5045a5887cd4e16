package dev.espalier.train;

import dev.espalier.internal.Arguments;
import dev.espalier.nn.Targets;
import dev.espalier.tensor.Tensor;

/**
 * Examples with their targets, copied out in batches. Implement it to read from files, maps or generators; only
 * {@link #gather} is called during training.
 *
 * <p>A data set that two trainers use at the same time must allow concurrent calls of gather. Those made here do.
 */
public interface DataSet {
    /** How many examples there are; does not change. */
    int size();

    /** How many features an example has. */
    int columns();

    /** Room for the targets of {@code rows} examples, which may be 0, of the kind and width of this data set. */
    Targets targets(int rows);

    /**
     * Copies the examples {@code order[from]}, …, {@code order[from + count − 1]}: features to the rows 0, …, count − 1
     * of {@code features}, row-major without gaps, and targets to the entries 0, …, count − 1 of {@code targets}.
     *
     * <p>Without shuffling, order counts up by one within an epoch. A source that can only be read forward needs no more than
     * {@code order[from]}: where it is 0 an epoch begins and the source is read anew, and where a run goes on in the middle of
     * an epoch ({@link Fit#startAt}) it skips to it. Allocates nothing if the training step shall not.
     *
     * @param targets made by {@link #targets}
     */
    void gather(int[] order, int from, int count, float[] features, Targets targets);

    /**
     * Examples in memory with a label each. The arrays are not copied.
     *
     * @param features row after row
     * @param columns features per example
     * @param labels one class in {@code [0, classes)} per example
     * @throws IllegalArgumentException if there is no example, the lengths disagree, a label is outside the classes, or columns or classes
     *     is not positive
     */
    static DataSet labelled(float[] features, int columns, int[] labels, int classes) {
        Arguments.notNull("features", features);
        Arguments.positive("columns", columns);
        if (Arguments.notNull("labels", labels).length == 0) {
            throw Arguments.expected("length of labels", 0, "at least 1 example");
        }
        if (features.length != (long) labels.length * columns) {
            throw Arguments.expected(
                    "length of features",
                    features.length,
                    (long) labels.length * columns + ", " + columns + " for each of " + labels.length + " labels");
        }
        return labelled(Tensor.of(features, labels.length, columns), labels, classes);
    }

    /**
     * Examples in memory, along axis 0 of x, with a label each. Nothing is copied.
     *
     * @throws IllegalArgumentException if there is no example, x has fewer than two axes, the lengths disagree, a label is outside the
     *     classes, or classes is not positive
     */
    static DataSet labelled(Tensor x, int[] labels, int classes) {
        return ArrayData.labelled(x, labels, classes);
    }

    /**
     * Examples in memory, along axis 0 of x, with a row of values each, along axis 0 of targets. Nothing is copied.
     *
     * @throws IllegalArgumentException if there is no example, a tensor has fewer than two axes, or the lengths
     *     disagree
     */
    static DataSet of(Tensor x, Tensor targets) {
        return ArrayData.values(x, targets);
    }
}
