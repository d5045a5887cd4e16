package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.espalier.kernel.KernelHashes;
import dev.espalier.train.TrainingHashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JVMs in other modes print the tables of hashes of kernels and small training runs; they must be the committed ones. (Surefire's
 * executions run the same tables on C2 at every width.)
 */
class CompilerModesTest {
    private static final List<String> VECTORS = List.of("--add-modules", "jdk.incubator.vector");

    @TempDir
    private Path folder;

    @Test
    void theInterpreterComputesTheCommittedBits() throws Exception {
        run("scalar", "interpreted mode", VECTORS, "-Xint");
    }

    @Test
    void theFirstCompilerComputesTheCommittedBits() throws Exception {
        run("scalar", "emulated-client", List.of(), "-XX:TieredStopAtLevel=1");
    }

    /**
     * What a program computes before C2 has seen its kernels, held there: the flag is kept from {@code Simd} in a file of arguments, and
     * vectors are objects.
     */
    @Test
    void vectorsOnTheFirstCompilerComputeTheCommittedBits() throws Exception {
        onlyDeep("Vectors on the first compiler");
        Path arguments = Files.writeString(folder.resolve("arguments"), "-XX:TieredStopAtLevel=3\n");
        run("vector", "mixed mode", VECTORS, "@" + arguments);
    }

    @Test
    void theSecondCompilerAloneComputesTheCommittedBits() throws Exception {
        onlyDeep("The second compiler alone");
        run("vector", "mixed mode", VECTORS, "-XX:-TieredCompilation");
    }

    private static void onlyDeep(String what) {
        if (!Boolean.getBoolean("espalier.test.deep")) {
            String reason = what + " takes minutes: skipped but for the profile deep";
            System.out.println(reason);
            abort(reason);
        }
    }

    private void run(String backend, String mode, List<String> modules, String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m", "-cp", System.getProperty("java.class.path")));
        command.addAll(modules);
        command.addAll(List.of(flags));
        command.add(HashTable.class.getName());
        List<String> lines = output(command);
        assertTrue(lines.get(0).startsWith(backend), "backend of " + command + ": " + lines.get(0));
        assertTrue(lines.get(1).contains(mode), "mode of " + command + ": " + lines.get(1));
        Map<String, String> expected = new TreeMap<>(TrainingHashes.COMMITTED);
        expected.keySet().removeIf(name -> name.startsWith("large, "));
        expected.putAll(KernelHashes.COMMITTED);
        Map<String, String> actual = HashTable.parse(lines.stream().skip(2));
        assertEquals(List.of(), HashTable.differing(expected, actual), "what differs with " + List.of(flags));
    }

    private List<String> output(List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES)) {
                fail(command + " has not ended");
            }
        } finally {
            process.destroyForcibly();
        }
        assertEquals(0, process.exitValue(), command + ": " + Files.readString(errors));
        // What the JVM itself prints comes before the backend.
        return Files.readAllLines(output).stream()
                .dropWhile(line -> !line.startsWith("scalar") && !line.startsWith("vector"))
                .toList();
    }
}
