package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Compares Espalier with its peers: a table, a JSON file, plots. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (Arrays.asList(args).contains("--help")) {
            System.out.print(Options.USAGE);
            return;
        }
        Options options;
        try {
            options = Options.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(Options.USAGE);
            System.exit(2);
            return;
        }
        Path target = Files.createDirectories(options.bench().resolve("target"));
        Optional<Path> limits = CCompiler.compile(options.bench());
        Launcher launcher = new Launcher(options, limits);
        Comparison comparison = new Comparison();
        boolean allWell = true;
        for (Family family : options.families()) {
            long start = System.nanoTime();
            allWell &= launcher.run(family, comparison);
            System.out.printf("%s: %.0f s%n", family.name(), (System.nanoTime() - start) * 1e-9);
        }

        Map<String, String> machine = new LinkedHashMap<>(Machine.describe(CCompiler.describe(), command(args)));
        machine.putAll(comparison.versions());
        System.out.println();
        machine.forEach((what, which) -> System.out.println(what + ": " + which));
        Table.print(comparison, System.out);
        Files.writeString(target.resolve("peers.json"), Json.of(comparison));
        Files.writeString(target.resolve("machine.json"), Json.of(machine));
        Path plots = Files.createDirectories(options.plotsAfter(allWell && limits.isPresent()));
        Plots.write(comparison, machine, plots);
        System.out.println();
        System.out.println("Written: " + target.resolve("peers.json") + ", machine.json beside it, plots in " + plots);
        if (!allWell) {
            System.exit(1);
        }
    }

    private static String command(String[] args) {
        String command = "mvn -q -f bench compile exec:exec";
        String given = Arrays.stream(args)
                .skip(1)
                .map(argument -> argument.contains(" ") ? "'" + argument + "'" : argument)
                .collect(Collectors.joining(" "));
        return given.isEmpty() ? command : command + " -Dargs=\"" + given + "\"";
    }
}
