package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compiles limits.c for the machine at hand. */
final class CCompiler {
    private static final List<String> FLAGS =
            List.of("-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC");

    private CCompiler() {}

    /** The compiled library, or nothing and a note on the console. */
    static Optional<Path> compile(Path bench) throws IOException, InterruptedException {
        Path library = bench.resolve("target/liblimits.so");
        List<String> command = new ArrayList<>(List.of("gcc"));
        command.addAll(FLAGS);
        command.addAll(List.of(
                "-o",
                library.toString(),
                bench.resolve("peers/harness/src/main/c/limits.c").toString(),
                "-lm"));
        try {
            Process gcc = new ProcessBuilder(command).inheritIO().start();
            if (gcc.waitFor() == 0) {
                return Optional.of(library);
            }
            System.out.println("gcc cannot compile limits.c: no limits.");
        } catch (IOException e) {
            System.out.println("No gcc: no limits (" + e.getMessage() + ").");
        }
        return Optional.empty();
    }

    /** Its version and the flags. */
    static String describe() {
        try {
            Process gcc = new ProcessBuilder("gcc", "-dumpfullversion").start();
            return "gcc " + new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip() + " "
                    + String.join(" ", FLAGS.subList(0, 4));
        } catch (IOException e) {
            return "none";
        }
    }
}
