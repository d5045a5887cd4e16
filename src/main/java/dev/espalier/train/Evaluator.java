package dev.espalier.train;

import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import org.jspecify.annotations.Nullable;

/**
 * Takes a data set through a model, in order, in batches of its own size, so that the loss has always the same bits.
 */
final class Evaluator {
    private static final int ROWS = 256;

    private final DataSet data;
    private final Loss loss;
    private final Pass pass;
    private final Targets targets;
    private final int[] order;

    Evaluator(Sequential model, Loss loss, DataSet data, int threads) {
        this.data = data;
        this.loss = loss;
        int rows = Math.min(ROWS, data.size());
        pass = model.pass(rows, false, threads);
        targets = data.targets(rows);
        order = new int[rows];
    }

    /** The evaluation, or null if it shall stop at an interrupt and there was one. */
    @Nullable
    Evaluation run(boolean stopAtInterrupt) {
        int size = data.size();
        double sum = 0;
        int correct = 0;
        for (int from = 0; size - from > 0; from += order.length) {
            if (stopAtInterrupt && Thread.currentThread().isInterrupted()) {
                return null;
            }
            int rows = Math.min(order.length, size - from);
            for (int i = 0; i < rows; i++) {
                order[i] = from + i;
            }
            data.gather(order, 0, rows, pass.input().array(), targets);
            pass.forward(rows);
            sum += loss.sum(pass.output(), targets, rows);
            correct += Accuracy.correct(pass.output(), targets, rows);
        }
        return new Evaluation(sum / size, Accuracy.share(correct, size, targets), size);
    }
}
