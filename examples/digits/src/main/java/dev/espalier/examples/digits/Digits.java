package dev.espalier.examples.digits;

import dev.espalier.kernel.Kernels;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.train.Checkpoint;
import dev.espalier.train.DataSet;
import dev.espalier.train.Fit;
import dev.espalier.train.History;
import dev.espalier.train.Listener;
import dev.espalier.train.Trainer;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Trains a small network to read digits, with its gradients clipped, and says how well it does. */
public final class Digits {
    // The drawn digits are one fixed data set, as files would be: --seed changes the training alone.
    private static final long DRAWING_SEED = 28;
    private static final int DRAWN_FOR_TRAINING = 10_000;
    private static final int DRAWN_FOR_TEST = 5_000;
    private static final int HIDDEN = 64;

    private final Options options;
    private final PrintStream out;

    private Digits(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /** Runs the program and exits: 0 when all went well, 2 after bad input, with one sentence about it. */
    public static void main(String... arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    /** Runs the program and returns its exit code. */
    static int run(PrintStream out, PrintStream err, String... arguments) {
        try {
            Options options = Options.parse(arguments);
            if (options.help()) {
                out.print(Options.usage());
            } else {
                new Digits(options, out).run();
            }
            return 0;
        } catch (Mistake e) {
            err.println("digits: " + e.getMessage());
            return 2;
        }
    }

    private void run() throws Mistake {
        if (options.save().isPresent()) {
            writable(options.save().get());
        }
        Plots plots = options.plots().isPresent() ? Plots.into(options.plots().get()) : null;
        Images train;
        Images test;
        if (options.data().isPresent()) {
            train = DigitFiles.train(options.data().get());
            test = DigitFiles.test(options.data().get());
            print(
                    "Reading %s: %d digits to learn, %d to be tested on.",
                    options.data().get(), train.count(), test.count());
        } else {
            print(
                    "No --data given: drawing %d digits to learn, %d to be tested on.",
                    DRAWN_FOR_TRAINING, DRAWN_FOR_TEST);
            train = DrawnDigits.draw(DRAWING_SEED, 0, DRAWN_FOR_TRAINING);
            test = DrawnDigits.draw(DRAWING_SEED, DRAWN_FOR_TRAINING, DRAWN_FOR_TEST);
        }
        train(train.dataSet(), test.dataSet(), plots);
    }

    private void train(DataSet train, DataSet test, Plots plots) throws Mistake {
        long steps = (long) options.epochs() * ((train.size() - 1) / options.batchSize() + 1);
        if (steps > Integer.MAX_VALUE) {
            throw new Mistake("--epochs " + options.epochs() + ": that is " + steps + " steps, expected at most "
                    + Integer.MAX_VALUE + ".");
        }
        Sequential model = Sequential.of(Images.PIXELS, Dense.relu(HIDDEN), Dense.linear(Images.CLASSES))
                .initialize(options.seed());
        Trainer trainer = Trainer.of(
                        model,
                        Loss.softmaxCrossEntropy(),
                        options.optimizer().create(),
                        options.clip().clip())
                .threads(options.threads());
        print("Kernels: %s.", Kernels.backend());
        Fit run = Fit.epochs(options.epochs()).batchSize(options.batchSize()).seed(options.seed());
        int first = 0;
        if (options.resume().isPresent()) {
            Checkpoint checkpoint = load(options.resume().get(), trainer);
            first = checkpoint.step();
            if (first > steps) {
                throw new Mistake("--epochs " + options.epochs() + ": that is " + steps + " steps, but "
                        + options.resume().get() + " has taken " + first + ".");
            }
            run = resumed(checkpoint, run, train);
            print("Going on with %s after %d of %d steps.", options.resume().get(), first, steps);
        }
        History history;
        try (ProgressLine progress = new ProgressLine(out)) {
            progress.start(steps - first);
            Fit fit = run.listener(new EpochLines(progress));
            if (options.save().isPresent()) {
                fit = fit.listener(Checkpoint.everyEpoch(options.save().get(), trainer));
            }
            // The curves of the test digits cost an evaluation in each epoch. They change no weight.
            history = trainer.fit(train, plots == null ? fit : fit.validation(test));
        } catch (UncheckedIOException e) {
            throw new Mistake("--save: " + e.getCause().getMessage() + ".");
        }
        boolean trained = history.steps() > 0;
        if (plots != null && trained) {
            plots.write(history, options.clip());
            print(
                    "Plots of loss, accuracy and gradient norm are in %s.",
                    options.plots().get());
        }
        if (trained && options.clip().clip().toString().equals("none()")) {
            print("--clip globalnorm=%.3g would have clipped 10 %% of these steps.", history.suggestThreshold(0.1));
        }
        double accuracy = trainer.evaluate(test).accuracy();
        print("weights sha256 %s", sha256(model.parameters().weights()));
        print("test accuracy %.4f", accuracy);
    }

    /** Finds out before the first epoch whether the file can be written after it. */
    private static void writable(Path file) throws Mistake {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new Mistake("--save " + file + ": expected a file, this is a folder.");
        }
        if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new Mistake("--save " + file + ": " + folder + " is no folder that can be written to.");
        }
    }

    private static Checkpoint load(Path file, Trainer trainer) throws Mistake {
        try {
            return Checkpoint.load(file, trainer);
        } catch (IOException e) {
            throw new Mistake("--resume: " + e.getMessage() + ".");
        }
    }

    private static Fit resumed(Checkpoint checkpoint, Fit run, DataSet train) throws Mistake {
        try {
            return checkpoint.resume(run, train);
        } catch (IllegalArgumentException e) {
            throw new Mistake("--resume: " + e.getMessage() + ".");
        }
    }

    /** Moves the bar with each step and prints a line for each epoch. */
    private record EpochLines(ProgressLine progress) implements Listener {
        @Override
        public void onStep(History history) {
            progress.step();
        }

        @Override
        public void onEpoch(History history) {
            History.Epoch epoch = history.lastEpoch();
            progress.line(
                    "epoch %2d  loss %.4f  accuracy %.4f  gradient norm %.4f  clipped %5.1f %%  %,.0f samples/s",
                    epoch.epoch() + 1,
                    epoch.loss(),
                    epoch.accuracy(),
                    epoch.meanNorm(),
                    100 * epoch.clipRate(),
                    epoch.samplesPerSecond());
        }
    }

    /** SHA-256 of the little-endian bytes of the weights, in hexadecimal. */
    static String sha256(float[] weights) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * weights.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(weights);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void print(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }
}
