package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;
import dev.espalier.internal.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Softmax and losses over the rows of a row-major {@code rows × columns} window, with their gradients. Losses are summed over
 * the rows in double; the caller divides. NaN in a row gives NaN in that row and in the loss.
 */
public final class Losses {
    /** From this row length on the reductions of a row are worth a call of their own. Below it they are the same chain. */
    private static final int LONG_ROW = Reductions.LANES;

    /** Exponentials held at a time where nobody wants the gradient. */
    private static final int EXPONENTIALS = 1 << 16;

    /** Half the square of the largest float: no difference of a smaller sum exceeds the floats. */
    private static final double BEYOND_FLOATS = 0x1p255;

    private Losses() {}

    /**
     * {@code out_ij ← exp(x_ij − m_i)/Σ_k exp(x_ik − m_i)} with {@code m_i = max_k x_ik}. Finite input of any size gives finite
     * output; the sum is taken in double. out may be x.
     */
    public static void softmax(float[] x, int xOffset, int rows, int columns, float[] out, int outOffset) {
        checkOutput("x", x, xOffset, check(x, xOffset, rows, columns), "out", out, outOffset);
        shiftedExp(x, xOffset, rows, columns, out, outOffset);
        for (int i = 0, at = outOffset; i < rows; i++, at += columns) {
            scaleRow(out, at, columns, (float) (1 / rowSum(out, at, columns)));
        }
    }

    /**
     * {@code Σ_i (ln Σ_k exp x_ik − x_i,label(i))}: cross-entropy of the softmax of logits x against integer labels.
     *
     * @param labels one class index in {@code [0, columns)} per row
     * @throws IllegalArgumentException if a label is outside the classes
     */
    public static double softmaxCrossEntropy(
            float[] x, int xOffset, int[] labels, int labelOffset, int rows, int columns) {
        check(x, xOffset, rows, columns);
        checkLabels(labels, labelOffset, rows, columns);
        // The same sums as with a gradient, so that the loss has the same bits; only the exponentials come a few rows
        // at a time.
        double loss = margins(x, xOffset, labels, labelOffset, rows, columns);
        int some = Math.min(rows, Math.max(1, EXPONENTIALS / columns));
        float[] exponentials = Scratch.acquire(some * columns);
        for (int i = 0, count; i < rows; i += count) {
            count = Math.min(some, rows - i);
            shiftedExp(x, xOffset + i * columns, count, columns, exponentials, 0);
            for (int k = 0; k < count; k++) {
                loss += ScalarTranscendental.log(rowSum(exponentials, k * columns, columns));
            }
        }
        Scratch.release(exponentials);
        return loss;
    }

    /**
     * The loss of {@link #softmaxCrossEntropy(float[], int, int[], int, int, int)} and its gradient
     * {@code g ← scale·(softmax(x) − onehot(label))}. g may be x.
     *
     * @param scale usually 1 over the number of rows of the whole step, for the mean
     */
    public static double softmaxCrossEntropy(
            float[] x,
            int xOffset,
            int[] labels,
            int labelOffset,
            int rows,
            int columns,
            float scale,
            float[] gradient,
            int gradientOffset) {
        checkOutput("x", x, xOffset, check(x, xOffset, rows, columns), "gradient", gradient, gradientOffset);
        checkLabels(labels, labelOffset, rows, columns);
        // Before the exponentials, since the gradient may overwrite the logits.
        double loss = margins(x, xOffset, labels, labelOffset, rows, columns);
        shiftedExp(x, xOffset, rows, columns, gradient, gradientOffset);
        for (int i = 0, at = gradientOffset; i < rows; i++, at += columns) {
            double sum = rowSum(gradient, at, columns);
            loss += ScalarTranscendental.log(sum);
            int label = at + labels[labelOffset + i];
            float e = gradient[label];
            scaleRow(gradient, at, columns, (float) (scale / sum));
            // Not the product minus scale, which of a sure answer leaves nothing but rounding.
            gradient[label] = (float) (scale * ((e - sum) / sum));
        }
        return loss;
    }

    /**
     * {@code Σ (p − t)²}, and with a gradient {@code g ← 2·scale·(p − t)}. g may be p. Where a difference exceeds all floats the
     * gradient is taken in double.
     *
     * @param gradient where the gradient goes, or null for the loss alone
     */
    public static double squaredError(
            float[] p,
            int pOffset,
            float[] t,
            int tOffset,
            int n,
            float scale,
            float @Nullable [] gradient,
            int gradientOffset) {
        window("p", p, pOffset, n);
        window("t", t, tOffset, n);
        if (gradient == null) {
            return Reductions.sumOfSquaredDifferences(p, pOffset, t, tOffset, n);
        }
        checkOutput("p", p, pOffset, n, "gradient", gradient, gradientOffset);
        checkOutput("t", t, tOffset, n, "gradient", gradient, gradientOffset);
        double loss = Reductions.sumOfSquaredDifferences(p, pOffset, t, tOffset, n);
        if (loss >= BEYOND_FLOATS) {
            for (int i = 0; i < n; i++) {
                gradient[gradientOffset + i] = (float) (2.0 * scale * ((double) p[pOffset + i] - t[tOffset + i]));
            }
            return loss;
        }
        Elementwise.subtract(p, pOffset, t, tOffset, gradient, gradientOffset, n);
        Elementwise.scale(gradient, gradientOffset, n, 2 * scale);
        return loss;
    }

    /** {@code Σ_i (max_k x_ik − x_i,label(i))}. */
    private static double margins(float[] x, int xo, int[] labels, int lo, int rows, int columns) {
        double sum = 0;
        for (int i = 0, at = xo; i < rows; i++, at += columns) {
            sum += (double) rowMax(x, at, columns) - x[at + labels[lo + i]];
        }
        return sum;
    }

    private static void shiftedExp(float[] x, int xo, int rows, int columns, float[] out, int oo) {
        for (int i = 0; i < rows; i++) {
            int from = xo + i * columns;
            int to = oo + i * columns;
            float max = rowMax(x, from, columns);
            for (int j = 0; j < columns; j++) {
                out[to + j] = x[from + j] - max;
            }
        }
        // All rows in one call: rows of ten classes would otherwise be nothing but tails.
        Transcendental.exp(out, oo, out, oo, rows * columns);
    }

    private static float rowMax(float[] x, int at, int columns) {
        if (columns >= LONG_ROW) {
            return Reductions.max(x, at, columns);
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int j = at; j < at + columns; j++) {
            max = Math.max(max, x[j]);
        }
        return max;
    }

    private static double rowSum(float[] x, int at, int columns) {
        if (columns >= LONG_ROW) {
            return Reductions.sum(x, at, columns);
        }
        double sum = 0;
        for (int j = at; j < at + columns; j++) {
            sum += x[j];
        }
        return sum;
    }

    private static void scaleRow(float[] x, int at, int columns, float factor) {
        for (int j = at; j < at + columns; j++) {
            x[j] *= factor;
        }
    }

    private static int check(float[] x, int xOffset, int rows, int columns) {
        Arguments.notNegative("rows", rows);
        Arguments.positive("columns", columns);
        int n = Arguments.product("rows x columns", rows, columns);
        window("x", x, xOffset, n);
        return n;
    }

    private static void checkOutput(
            String xName, float[] x, int xOffset, int n, String name, float[] out, int outOffset) {
        window(name, out, outOffset, n);
        Arguments.sameOrDisjoint(xName, x, xOffset, name, out, outOffset, n);
    }

    private static void checkLabels(int[] labels, int labelOffset, int rows, int columns) {
        window("labels", labels, labelOffset, rows);
        for (int i = 0; i < rows; i++) {
            int label = labels[labelOffset + i];
            if (label < 0 || label >= columns) {
                throw Arguments.expected("labels[" + (labelOffset + i) + "]", label, "a class in [0, " + columns + ")");
            }
        }
    }
}
