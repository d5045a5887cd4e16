package dev.espalier.examples.digits;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What the command line asks for.
 *
 * @param data the folder with the MNIST files, or empty to draw digits
 * @param epochs passes over the training digits
 * @param batchSize digits in each step
 * @param seed seed of the first weights and of the order of the digits
 * @param optimizer the rule that updates the weights
 * @param clip what is done to the gradients before it
 * @param threads how many compute
 * @param plots the folder for plots, or empty for none
 * @param save the file that keeps the run after each epoch, or empty for none
 * @param resume the file of a run to go on with, or empty to begin
 * @param help whether only the usage is to be shown
 */
record Options(
        Optional<Path> data,
        int epochs,
        int batchSize,
        long seed,
        OptimizerOption optimizer,
        ClipOption clip,
        int threads,
        Optional<Path> plots,
        Optional<Path> save,
        Optional<Path> resume,
        boolean help) {
    // Spelled out rather than read from annotations: that halves the time before the first digit is read.
    private static final CommandLine COMMAND = new CommandLine(CommandSpec.create()
            .name("digits")
            .addOption(option("--data", "DIR")
                    .description(
                            "Folder with the four MNIST files, plain or .gz.", "Default: the program draws digits.")
                    .build())
            .addOption(option("--epochs", "N")
                    .defaultValue("10")
                    .description("Passes over the training digits. Default: 10.")
                    .build())
            .addOption(option("--batch-size", "N")
                    .defaultValue("32")
                    .description("Digits in each step. Default: 32.")
                    .build())
            .addOption(option("--seed", "N")
                    .defaultValue("0")
                    .description("Seed of the first weights and of the order of the digits. Default: 0.")
                    .build())
            .addOption(option("--optimizer", "NAME")
                    .defaultValue("adam")
                    .description("sgd, momentum, rmsprop, adam or adamw. Default: adam.")
                    .build())
            .addOption(option("--clip", "CLIP")
                    .defaultValue("value=0.05")
                    .description(
                            ClipOption.known() + ", or several with commas between them; norm is that of each tensor,"
                                    + " globalnorm that of all together. Default: value=0.05.")
                    .build())
            .addOption(option("--threads", "N")
                    .defaultValue("1")
                    .description("Threads that compute. No result depends on it. Default: 1.")
                    .build())
            .addOption(option("--plots", "DIR")
                    .description("Folder for loss.png, accuracy.png and gradient-norm.png.", "Default: no plots.")
                    .build())
            .addOption(option("--save", "FILE")
                    .description("File that keeps the run after each epoch.", "Default: none.")
                    .build())
            .addOption(option("--resume", "FILE")
                    .description("File of a run to go on with, made with the same options and perhaps fewer epochs.")
                    .build())
            .addOption(OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Shows this and exits.")
                    .build()));

    private static OptionSpec.Builder option(String name, String label) {
        return OptionSpec.builder(name).type(String.class).paramLabel(label);
    }

    static Options parse(String... arguments) throws Mistake {
        try {
            ParseResult parsed = COMMAND.parseArgs(arguments);
            return new Options(
                    path(parsed, "--data", "folder"),
                    atLeastOne(parsed, "--epochs"),
                    atLeastOne(parsed, "--batch-size"),
                    integer(parsed, "--seed"),
                    OptimizerOption.parse(text(parsed, "--optimizer")),
                    ClipOption.parse(text(parsed, "--clip")),
                    atLeastOne(parsed, "--threads"),
                    path(parsed, "--plots", "folder"),
                    path(parsed, "--save", "file"),
                    path(parsed, "--resume", "file"),
                    parsed.isUsageHelpRequested());
        } catch (ParameterException e) {
            throw new Mistake(e.getMessage() + "; --help shows the options.");
        }
    }

    static String usage() {
        return COMMAND.getUsageMessage();
    }

    private static String text(ParseResult parsed, String name) {
        return parsed.matchedOptionValue(
                name, COMMAND.getCommandSpec().findOption(name).defaultValue());
    }

    private static Optional<Path> path(ParseResult parsed, String name, String kind) throws Mistake {
        String text = text(parsed, name);
        if (text != null && text.isBlank()) {
            throw new Mistake(name + ": expected the name of a " + kind + ".");
        }
        try {
            return Optional.ofNullable(text).map(Path::of);
        } catch (InvalidPathException e) {
            throw new Mistake(name + " " + text + ": no name of a " + kind + " (" + e.getReason() + ").");
        }
    }

    private static int atLeastOne(ParseResult parsed, String name) throws Mistake {
        long number = integer(parsed, name);
        if (number < 1 || number > Integer.MAX_VALUE) {
            throw new Mistake(name + " " + number + ": expected 1 to " + Integer.MAX_VALUE + ".");
        }
        return (int) number;
    }

    private static long integer(ParseResult parsed, String name) throws Mistake {
        String text = text(parsed, name);
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Mistake(name + " " + text + ": expected a whole number.");
        }
    }
}
