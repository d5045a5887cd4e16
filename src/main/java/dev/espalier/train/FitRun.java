package dev.espalier.train;

import dev.espalier.clip.ClipReport;
import dev.espalier.clip.ExampleClipper;
import dev.espalier.internal.SplitMix64;
import dev.espalier.nn.ExampleFactors;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Stepper;
import org.jspecify.annotations.Nullable;

/** One call of {@link Trainer#fit}: its buffers and its loop. A step allocates nothing. */
final class FitRun {
    private final Loss loss;
    private final Stepper stepper;
    private final @Nullable ExampleClipper examples;
    private final @Nullable ExampleFactors factors;
    private final DataSet data;
    private final Fit options;
    private final Listener[] listeners;

    private final Pass pass;
    private final Targets targets;
    private final int[] order;
    private final @Nullable Evaluator validator;

    private final int size;
    private final int batchSize;
    private final int rowsPerStep;
    private final int stepsPerEpoch;
    private final History history;

    // The sums of the epoch so far, over the steps that were not skipped.
    private double lossSum;
    private long correctSum;
    private long rowSum;
    private double normSum;
    private double normMax;
    private int taken;
    private int clipped;
    private int skipped;

    /** The arguments have been checked. */
    FitRun(
            Sequential model,
            Loss loss,
            Stepper stepper,
            @Nullable ExampleClipper examples,
            int threads,
            DataSet data,
            Fit options,
            int stepsPerEpoch) {
        this.loss = loss;
        this.stepper = stepper;
        this.examples = examples;
        factors = examples == null ? null : examples::choose;
        this.data = data;
        this.options = options;
        this.stepsPerEpoch = stepsPerEpoch;
        listeners = options.listeners.toArray(Listener[]::new);
        size = data.size();
        batchSize = Math.min(options.batchSize, size);
        rowsPerStep = (int) Math.min(size, (long) options.batchSize * options.accumulate);
        pass = model.pass(batchSize, true, threads);
        targets = data.targets(batchSize);
        order = new int[size];
        validator = options.validation == null ? null : new Evaluator(model, loss, options.validation, threads);
        history = new History(options.startAt, stepsPerEpoch, options.epochs * stepsPerEpoch - options.startAt);
        history.orderedAs(options, size);
    }

    History run() {
        int first = options.startAt % stepsPerEpoch;
        for (int epoch = options.startAt / stepsPerEpoch; epoch < options.epochs; epoch++, first = 0) {
            arrange(epoch);
            if (!steps(first, epoch)) {
                history.interrupt();
                break;
            }
        }
        return history;
    }

    /** The steps of one epoch from {@code first} on, and its figures. False if the thread was interrupted. */
    private boolean steps(int first, int epoch) {
        lossSum = 0;
        correctSum = 0;
        rowSum = 0;
        normSum = 0;
        normMax = 0;
        taken = 0;
        clipped = 0;
        skipped = 0;
        long start = System.nanoTime();
        for (int step = first; step < stepsPerEpoch; step++) {
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
            step(step * rowsPerStep);
            for (int i = 0; i < listeners.length; i++) {
                listeners[i].onStep(history);
            }
        }
        double seconds = (System.nanoTime() - start) * 1e-9;
        Evaluation validation = validator == null ? null : validator.run(true);
        history.addEpoch(figures(epoch, first, seconds, validation));
        for (int i = 0; i < listeners.length; i++) {
            listeners[i].onEpoch(history);
        }
        return validator == null || validation != null;
    }

    /** One step: the gradient of the mean loss over the examples from {@code from} on, in batches, then the update. */
    private void step(int from) {
        int rows = Math.min(rowsPerStep, size - from);
        double scale = 1.0 / rows;
        double sum = 0;
        int correct = 0;
        if (examples != null) {
            examples.begin(rows);
        }
        for (int done = 0; done < rows; done += batchSize) {
            int count = Math.min(batchSize, rows - done);
            data.gather(order, from + done, count, pass.input().array(), targets);
            pass.forward(count);
            correct += Accuracy.correct(pass.output(), targets, count);
            sum += loss.gradient(pass.output(), targets, count, scale, pass.outputGradient());
            if (factors == null) {
                pass.backward(count, done > 0);
            } else {
                pass.backward(count, done > 0, factors);
            }
        }
        if (examples == null) {
            record(rows, sum, correct, stepper.step());
            return;
        }
        examples.finish();
        boolean taken = false;
        try {
            ClipReport report = stepper.step();
            taken = !report.skipped();
            record(rows, sum, correct, report);
        } finally {
            examples.end(taken);
        }
    }

    private void record(int rows, double sum, int correct, ClipReport report) {
        double normBefore = Double.NaN;
        double normAfter = Double.NaN;
        boolean wasClipped = false;
        boolean wasSkipped = report.skipped();
        if (options.norms) {
            normBefore = report.normBefore();
            normAfter = report.normAfter();
            wasClipped = report.clipped();
        }
        history.addStep(sum / rows, normBefore, normAfter, wasClipped, wasSkipped);
        if (options.norms) {
            history.addClip(report);
        }
        if (wasSkipped) {
            skipped++;
            return;
        }
        taken++;
        lossSum += sum;
        correctSum += correct;
        rowSum += rows;
        normSum += normBefore;
        normMax = Math.max(normMax, normBefore);
        clipped += wasClipped ? 1 : 0;
    }

    private History.Epoch figures(int epoch, int first, double seconds, @Nullable Evaluation validation) {
        int rows = size - first * rowsPerStep;
        return new History.Epoch(
                epoch,
                lossSum / rowSum,
                Accuracy.share(correctSum, rowSum, targets),
                validation == null ? Double.NaN : validation.loss(),
                validation == null ? Double.NaN : validation.accuracy(),
                normSum / taken,
                taken == 0 ? Double.NaN : normMax,
                options.norms ? (double) clipped / taken : Double.NaN,
                skipped,
                seconds,
                rows / seconds);
    }

    /** The order of an epoch: a Fisher–Yates permutation of 0, 1, … that depends on nothing but seed and epoch. */
    private void arrange(int epoch) {
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        if (!options.shuffle) {
            return;
        }
        SplitMix64 random = new SplitMix64(SplitMix64.mix(options.seed, epoch));
        for (int i = size - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
    }
}
