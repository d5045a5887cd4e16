package dev.espalier.nn;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Losses;
import org.jspecify.annotations.Nullable;

/** {@link Loss#meanSquaredError()}. */
final class MeanSquaredError implements Loss {
    static final MeanSquaredError INSTANCE = new MeanSquaredError();

    private MeanSquaredError() {}

    @Override
    public void check(int outputs, Targets targets) {
        Arguments.notNull("targets", targets);
        if (targets.isLabels() || targets.width() != outputs) {
            throw Arguments.expected("targets", targets, outputs + " values per row, as the model has outputs");
        }
    }

    @Override
    public double sum(Batch outputs, Targets targets, int rows) {
        Targets.check(this, outputs, targets, rows);
        return squared(outputs, targets, rows, 0, null, 0);
    }

    @Override
    public double gradient(Batch outputs, Targets targets, int rows, double scale, Batch gradient) {
        Targets.check(this, outputs, targets, rows);
        Arguments.notNull("gradient", gradient).requireGradientOf(outputs, rows);
        float factor = (float) (scale / outputs.columns());
        return squared(outputs, targets, rows, factor, gradient.array(), gradient.offset());
    }

    private double squared(
            Batch outputs, Targets targets, int rows, float factor, float @Nullable [] gradient, int gradientOffset) {
        int columns = outputs.columns();
        double sum = Losses.squaredError(
                outputs.array(),
                outputs.offset(),
                targets.values(),
                0,
                rows * columns,
                factor,
                gradient,
                gradientOffset);
        return sum / columns;
    }

    @Override
    public String toString() {
        return "meanSquaredError";
    }
}
