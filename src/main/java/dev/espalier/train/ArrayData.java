package dev.espalier.train;

import dev.espalier.internal.Arguments;
import dev.espalier.nn.Targets;
import dev.espalier.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A {@link DataSet} in memory. */
final class ArrayData implements DataSet {
    private final Rows features;
    private final int @Nullable [] labels;
    private final @Nullable Rows values;
    private final int width;

    private ArrayData(Rows features, int @Nullable [] labels, @Nullable Rows values, int width) {
        this.features = features;
        this.labels = labels;
        this.values = values;
        this.width = width;
    }

    static ArrayData labelled(Tensor x, int[] labels, int classes) {
        Rows features = Rows.of("x", x);
        Arguments.notNull("labels", labels);
        Arguments.positive("classes", classes);
        if (labels.length != features.count) {
            throw Arguments.expected("length of labels", labels.length, features.count + ", one per example");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw Arguments.expected("labels[" + i + "]", labels[i], "a class in [0, " + classes + ")");
            }
        }
        return new ArrayData(features, labels, null, classes);
    }

    static ArrayData values(Tensor x, Tensor targets) {
        Rows features = Rows.of("x", x);
        Rows values = Rows.of("targets", targets);
        if (values.count != features.count) {
            throw Arguments.expected("rows of targets", values.count, features.count + ", one per example");
        }
        return new ArrayData(features, null, values, values.columns);
    }

    @Override
    public int size() {
        return features.count;
    }

    @Override
    public int columns() {
        return features.columns;
    }

    @Override
    public Targets targets(int rows) {
        Arguments.notNegative("rows", rows);
        return labels != null
                ? Targets.labels(new int[rows], width)
                : Targets.values(new float[Arguments.product("rows x columns", rows, width)], width);
    }

    @Override
    public void gather(int[] order, int from, int count, float[] to, Targets targets) {
        Arguments.window("order", order, from, count);
        Arguments.window("features", to, 0, Arguments.product("count x columns", count, features.columns));
        checkRoom(Arguments.notNull("targets", targets), count);
        for (int r = from; r < from + count; r++) {
            if (order[r] < 0 || order[r] >= features.count) {
                throw new IndexOutOfBoundsException(
                        "order[" + r + "] = " + order[r] + ": expected within [0, " + features.count + ")");
            }
        }
        features.copy(order, from, count, to);
        if (labels != null) {
            int[] out = targets.labels();
            for (int r = 0; r < count; r++) {
                out[r] = labels[order[from + r]];
            }
        } else if (values != null) {
            values.copy(order, from, count, targets.values());
        }
    }

    private void checkRoom(Targets targets, int count) {
        if (targets.isLabels() != (labels != null) || targets.width() != width || targets.rows() < count) {
            throw Arguments.expected("targets", targets, "room for " + count + " as this data set makes it");
        }
    }

    @Override
    public String toString() {
        return "DataSet[" + features.count + " examples of " + features.columns + " features, "
                + (labels != null ? width + " classes]" : width + " values each]");
    }

    /** Rows of a tensor, one per example. */
    private record Rows(float[] array, int offset, int count, int columns) {
        static Rows of(String name, Tensor x) {
            Arguments.notNull(name, x);
            if (x.rank() < 2 || x.size() == 0) {
                throw new IllegalArgumentException(name + " has shape " + Arrays.toString(x.shape())
                        + ": expected [examples, …], at least one example and one column");
            }
            return new Rows(x.array(), x.offset(), x.size(0), x.size() / x.size(0));
        }

        void copy(int[] order, int from, int count, float[] to) {
            for (int r = 0; r < count; r++) {
                System.arraycopy(array, offset + order[from + r] * columns, to, r * columns, columns);
            }
        }
    }
}
