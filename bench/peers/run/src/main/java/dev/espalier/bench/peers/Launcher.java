package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs one {@link Family} in a JVM of its own. */
final class Launcher {
    private static final int LINES_OF_LOG = 12;

    /** Flags in these would mix with those of the family. */
    private static final List<String> FLAGS_OF_THE_USER =
            List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

    private final Options options;
    private final Optional<Path> limits;

    Launcher(Options options, Optional<Path> limits) {
        this.options = options;
        this.limits = limits;
    }

    /** Adds to the comparison what the run measured, even if it failed half-way; returns whether it ended well. */
    boolean run(Family family, Comparison comparison) throws IOException, InterruptedException {
        Path target = options.bench().resolve("target");
        Path file = target.resolve(family.name() + ".tsv");
        Path log = target.resolve(family.name() + ".log");
        Files.deleteIfExists(file);
        ProcessBuilder builder = new ProcessBuilder(command(family, file));
        for (String variable : List.of("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
            builder.environment().put(variable, "1");
        }
        builder.environment().keySet().removeAll(FLAGS_OF_THE_USER);
        builder.environment().putAll(family.environment());
        builder.redirectErrorStream(true).redirectOutput(log.toFile());
        Process child = builder.start();
        int exit;
        try {
            exit = child.waitFor();
        } finally {
            child.destroy();
        }
        if (Files.exists(file)) {
            read(file, comparison);
        }
        if (exit != 0) {
            System.out.println(family.name() + " ended with exit code " + exit + ". The end of " + log + ":");
            List<String> lines = Files.readAllLines(log);
            lines.subList(Math.max(0, lines.size() - LINES_OF_LOG), lines.size())
                    .forEach(System.out::println);
        }
        return exit == 0;
    }

    private List<String> command(Family family, Path file) throws IOException {
        Path module = options.bench().resolve("peers").resolve(family.module()).resolve("target");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(family.jvm());
        command.addAll(
                List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx8g"));
        limits.ifPresent(library -> command.add("-D" + CLoops.LIBRARY + "=" + library));
        command.add("-classpath");
        command.add(module.resolve("classes")
                + System.getProperty("path.separator")
                + Files.readString(module.resolve("classpath.txt")).strip());
        command.addAll(List.of(
                Child.class.getName(),
                file.toString(),
                Integer.toString(options.rounds()),
                family.works(),
                options.only(),
                Integer.toString(family.threads()),
                family.suffix(),
                family.backend()));
        command.addAll(family.peers());
        return command;
    }

    private static void read(Path file, Comparison comparison) throws IOException {
        List<Result> results = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (Result.isLine(line)) {
                results.add(Result.parse(line));
            } else if (line.startsWith(Child.NOTE)) {
                System.out.println(line.substring(Child.NOTE.length() + 1));
            } else {
                String[] field = line.split("\t");
                comparison.addVersion(field[1], field[2]);
            }
        }
        comparison.add(results);
    }
}
