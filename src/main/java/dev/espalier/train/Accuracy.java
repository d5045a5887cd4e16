package dev.espalier.train;

import dev.espalier.kernel.Reductions;
import dev.espalier.nn.Batch;
import dev.espalier.nn.Targets;

/** Counts right answers. */
final class Accuracy {
    private Accuracy() {}

    /** How many of the first {@code rows} outputs are largest at their label, and not NaN; 0 if the targets are no labels. */
    static int correct(Batch outputs, Targets targets, int rows) {
        if (!targets.isLabels()) {
            return 0;
        }
        int[] labels = targets.labels();
        int correct = 0;
        for (int i = 0, at = outputs.offset(); i < rows; i++, at += outputs.rowStride()) {
            int best = Reductions.argMax(outputs.array(), at, outputs.columns());
            // An output with a NaN is no answer.
            if (best == labels[i] && !Float.isNaN(outputs.array()[at + best])) {
                correct++;
            }
        }
        return correct;
    }

    /** The share of right answers; NaN without labels or without examples. */
    static double share(long correct, long count, Targets targets) {
        return targets.isLabels() && count > 0 ? (double) correct / count : Double.NaN;
    }
}
