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
        if (targets.isLabels() || targets.width() != outputs) {
            throw Arguments.expected("targets", targets, outputs + " values per row, as the model has outputs");
        }
    }

    @Override
    public double sum(Batch outputs, Targets targets, int rows) {
        return squared(outputs, targets, rows, 0, null, 0);
    }

    @Override
    public double gradient(Batch outputs, Targets targets, int rows, double scale, Batch gradient) {
        float factor = (float) (scale / outputs.columns());
        gradient.requireGradientOf(outputs);
        return squared(outputs, targets, rows, factor, gradient.array(), gradient.offset());
    }

    private static double squared(
            Batch outputs, Targets targets, int rows, float factor, float @Nullable [] gradient, int gradientOffset) {
        outputs.requireWhole("outputs");
        int columns = outputs.columns();
        double sum = Losses.squaredError(
                outputs.array(),
                outputs.offset(),
                targets.values(),
                0,
                Arguments.product("rows x columns", rows, columns),
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
