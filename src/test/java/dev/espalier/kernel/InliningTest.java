package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** A line of code in hexadecimal, as in {@code   0x00007f0863eff720: 8984 2400 | c0fe ff55}. */
    private static final Pattern CODE = Pattern.compile("\\s*(\\[.*]\\s*)?0x[0-9a-f]+:[0-9a-f |]+");

    /** {@code vfmadd231ps}. */
    private static final Pattern FMA = Pattern.compile("c4[02468ace]2[0-7][159d]b8");

    /** {@code vmovdqu} of a vector to or from {@code [rsp + …]}. */
    private static final Pattern SPILL = Pattern.compile("c5[7f][ea][67]f[0-9ab][4c]24");

    private static final Set<String> KERNELS = Set.of(
            "exp",
            "tanh",
            "clip",
            "axpy",
            "sumOfSquares",
            "sumOfSquares clipped",
            "maxAbs",
            "momentum",
            "adam",
            "RELU gradient");

    @TempDir
    private Path folder;

    /** What the child runs: kernels until C2 has compiled them, or with an argument only the tiles that read copies of both operands. */
    public static void main(String[] arguments) {
        List<GemmShape> shapes = new ArrayList<>(
                List.of(GemmShape.of(148, 130, 200), GemmShape.of(144, 130, 40).transposeA()));
        if (arguments.length == 0) {
            shapes.addAll(List.of(
                    GemmShape.of(64, 64, 64),
                    GemmShape.of(33, 61, 40).affine(Activation.RELU),
                    GemmShape.of(40, 10, 64).transposeB(),
                    GemmShape.of(64, 64, 1100).transposeA(),
                    GemmShape.of(144, 130, 200).transposeA().scaled(0.5f, 1)));
        }
        for (GemmShape shape : shapes) {
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
            if (arguments.length == 0 && KERNELS.contains(call.name())) {
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
        List<String> lines = compile("Serial", "-XX:CompileCommand=PrintInlining,dev.espalier.kernel.Vector*::*");

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
                // A branch that no species takes ends in bad….
                vector &= !call.group(1).contains("::bad");
                // What C2 refuses at first it may inline late, and says so behind.
                if (vector
                        && call.group(2).contains("failed to inline")
                        && !call.group(2).contains("late inline succeeded")) {
                    failures.add(method + " calls " + call.group(1) + ": " + call.group(2));
                }
            }
        }
        for (String hot : List.of(
                "VectorTiles::packed",
                "VectorPacking::",
                "VectorUpdates::adam",
                "VectorElementwise::",
                "VectorReductions::",
                "VectorTranscendental::")) {
            boolean seen = compiled.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith("dev.espalier.kernel." + hot))
                    .anyMatch(entry -> entry.getValue().stream().anyMatch(what -> what.contains("(intrinsic)")));
            if (!seen) {
                give("no C2 compilation of " + hot + " was recognized among " + lines.size() + " lines, compiled were "
                        + compiled.keySet());
            }
        }
        assertEquals(Set.of(), failures, "calls of the Vector API that C2 has not inlined");
    }

    /**
     * The loop of a tile of six rows has 15 vectors for 16 registers. A scheduler that gathered its loads would move accumulators to
     * the stack and back, which costs half the speed: between two multiply-adds none may go there. With another collector C2 orders them
     * differently.
     */
    @ParameterizedTest
    @CsvSource({
        "blocked6x2, 48, Serial",
        "blocked4x2, 32, Serial",
        "transposed6x2, 12, Serial",
        "blocked6x2, 48, G1",
        "blocked4x2, 32, G1",
        "transposed6x2, 12, G1"
    })
    void accumulatorsStayInRegisters(String tile, int atLeast, String collector) throws Exception {
        if (!System.getProperty("os.arch").equals("amd64") || VectorGemm.VECTORS != 3) {
            give("products do not use the tile of six rows on this CPU");
        }
        List<String> lines =
                compile(collector, "-XX:CompileCommand=print,dev.espalier.kernel.VectorTiles::" + tile, "tiles");
        StringBuilder hex = new StringBuilder();
        boolean c2 = false;
        for (String line : lines) {
            if (line.startsWith("Compiled method")) {
                c2 = line.startsWith("Compiled method (c2)") && !line.contains("%");
                hex.setLength(c2 ? 0 : hex.length());
            } else if (c2 && CODE.matcher(line).matches()) {
                hex.append(line.substring(line.indexOf(':') + 1).replaceAll("[ |]", ""));
            }
        }
        List<Integer> multiplyAdds =
                FMA.matcher(hex).results().map(MatchResult::start).toList();
        if (multiplyAdds.size() < atLeast) {
            give(multiplyAdds.size() + " multiply-adds were recognized in " + hex.length() / 2 + " bytes of code");
        }
        for (int i = 1; i < multiplyAdds.size(); i++) {
            int from = multiplyAdds.get(i - 1);
            int to = multiplyAdds.get(i);
            // Further apart are two loops.
            if (to - from < 2 * 64) {
                assertFalse(
                        SPILL.matcher(hex.substring(from, to)).find(),
                        "an accumulator goes through the stack: " + hex.substring(from, to));
            }
        }
    }

    private static void give(String reason) {
        System.out.println("InliningTest is aborted: " + reason);
        abort(reason);
    }

    /** What a JVM prints that runs {@link #main}. */
    private List<String> compile(String collector, String option, String... arguments) throws Exception {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+Use" + collector + "GC",
                // One compilation at a time, or what they print is mixed.
                "-Xbatch",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+PrintCompilation",
                "-XX:CompileCommand=quiet"));
        command.add(option);
        command.addAll(List.of(
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                InliningTest.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
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
        return lines;
    }
}
