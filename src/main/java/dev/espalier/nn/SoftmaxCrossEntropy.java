package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Losses;

/** {@link Loss#softmaxCrossEntropy()}. */
final class SoftmaxCrossEntropy implements Loss {
    static final SoftmaxCrossEntropy INSTANCE = new SoftmaxCrossEntropy();

    private SoftmaxCrossEntropy() {}

    @Override
    public void check(int outputs, Targets targets) {
        Arguments.notNull("targets", targets);
        if (!targets.isLabels()) {
            throw Arguments.expected("targets", targets, "labels, for softmax cross-entropy");
        }
        if (targets.width() > outputs) {
            throw Arguments.expected("classes", targets.width(), "at most one per output of the model, " + outputs);
        }
    }

    @Override
    public double sum(Batch outputs, Targets targets, int rows) {
        Targets.check(this, outputs, targets, rows);
        return Losses.softmaxCrossEntropy(
                outputs.array(), outputs.offset(), targets.labels(), 0, rows, outputs.columns());
    }

    @Override
    public double gradient(Batch outputs, Targets targets, int rows, double scale, Batch gradient) {
        Targets.check(this, outputs, targets, rows);
        Arguments.notNull("gradient", gradient).requireGradientOf(outputs, rows);
        return Losses.softmaxCrossEntropy(
                outputs.array(),
                outputs.offset(),
                targets.labels(),
                0,
                rows,
                outputs.columns(),
                (float) scale,
                gradient.array(),
                gradient.offset());
    }

    @Override
    public String toString() {
        return "softmaxCrossEntropy";
    }
}
