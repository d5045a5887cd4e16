package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.espalier.kernel.TestData.Mix;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What C2 prints while it compiles kernels in a JVM of their own: a call of the Vector API that it does not inline is a vector on the
 * heap, and a kernel many times slower. Methods that grow beyond C2's limits end there. The format of the output is nobody's
 * promise: where it is not understood, the test is aborted and says so.
 */
class InliningTest {
    /** A compilation, as in {@code 3833  432       4       dev.espalier.kernel.VectorTiles::packed4x4 (1058 bytes)}. */
    private static final Pattern COMPILATION =
            Pattern.compile("\\s*\\d+\\s+\\d+ [ %sb!n]*([0-4]) +([\\w.$]+::[\\w<>$]+).*\\(\\d+ bytes\\)(.*)");

    /** A call within it, as in {@code @ 33   jdk…VectorSupport::load (38 bytes)   (intrinsic)   late inline succeeded}. */
    private static final Pattern CALL = Pattern.compile("\\s*@ \\d+\\s+(\\S+::\\S+) \\(\\d+ bytes\\)\\s*(.*)");

    private static final Set<String> KERNELS = Set.of(
            "exp", "tanh", "clip", "axpy", "sumOfSquares", "sumOfSquares clipped", "maxAbs", "momentum", "adam", "RELU gradient");

    @TempDir
    private Path folder;

    /** What the child runs: kernels until C2 has compiled them. */
    public static void main(String[] arguments) {
        for (GemmShape shape : new GemmShape[] {
            GemmShape.of(64, 64, 64), GemmShape.of(33, 61, 40).affine(Activation.RELU), GemmShape.of(40, 10, 64).transposeB(), GemmShape.of(64, 64, 1100).transposeA()
        }) {
            Matrix a = shape.a(Mix.MODERATE);
            Matrix b = shape.b(Mix.MODERATE);
            Matrix c = shape.c(Mix.MODERATE);
            float[] bias = shape.bias(Mix.MODERATE);
            long end = System.nanoTime() + 1_500_000_000L;
            do {
                for (int i = 0; i < 200; i++) {
                    shape.multiply(a, b, bias, c, 1);
                }
            } while (System.nanoTime() < end);
        }
        for (KernelCall call : KernelCall.ALL) {
            if (KERNELS.contains(call.name())) {
                float[][] arrays = call.contents(Mix.MODERATE, 1037);
                int[] offsets = new int[arrays.length];
                for (int i = 0; i < 30_000; i++) {
                    call.body().run(arrays, offsets, 1037);
                }
            }
        }
    }

    @Test
    void everyCallOfTheVectorApiIsInlined() throws Exception {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        // One compilation at a time, or what they print is mixed.
                        "-Xbatch",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:+PrintCompilation",
                        "-XX:CompileCommand=quiet",
                        "-XX:CompileCommand=PrintInlining,dev.espalier.kernel.Vector*::*",
                        "--add-modules",
                        "jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InliningTest.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the child has not ended");
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertEquals(0, process.exitValue(), () -> "the child ended with " + lines.getLast());

        TreeMap<String, List<String>> compiled = new TreeMap<>();
        Set<String> failures = new TreeSet<>();
        String method = null;
        for (String line : lines) {
            Matcher compilation = COMPILATION.matcher(line);
            Matcher call = CALL.matcher(line);
            if (compilation.matches()) {
                if (compilation.group(3).contains("made not entrant")) {
                    // An older compilation thrown away while this one is printed.
                    continue;
                }
                boolean kernel = compilation.group(2).startsWith("dev.espalier.kernel.Vector");
                method = kernel && compilation.group(1).equals("4") ? compilation.group(2) : null;
            } else if (method != null && call.matches()) {
                compiled.computeIfAbsent(method, key -> new ArrayList<>()).add(call.group(2));
                boolean vector = call.group(1).startsWith("jdk.incubator.vector.")
                        || call.group(1).startsWith("jdk.internal.vm.vector.");
                // What C2 refuses at first it may inline late, and says so behind.
                if (vector && call.group(2).contains("failed to inline") && !call.group(2).contains("late inline succeeded")) {
                    failures.add(method + " calls " + call.group(1) + ": " + call.group(2));
                }
            }
        }
        for (String hot : List.of("VectorTiles::packed", "VectorPacking::panels", "VectorUpdates::adam")) {
            boolean seen = compiled.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith("dev.espalier.kernel." + hot))
                    .anyMatch(entry -> entry.getValue().stream().anyMatch(what -> what.contains("(intrinsic)")));
            if (!seen) {
                System.out.println("InliningTest is aborted: no C2 compilation of " + hot + " among " + lines.size()
                        + " lines, compiled were " + compiled.keySet());
                abort("no C2 compilation of " + hot + " was recognized in the JVM's output");
            }
        }
        assertEquals(Set.of(), failures, "calls of the Vector API that C2 has not inlined");
    }
}
