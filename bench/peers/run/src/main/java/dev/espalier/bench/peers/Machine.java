package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the figures were taken on. */
final class Machine {
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** CPU, JDK, system, compiler, date, command. */
    static Map<String, String> describe(String compiler, String command) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put(
                "cpu",
                cpu("model name", System.getProperty("os.arch")) + " (family " + cpu("cpu family", "?") + ", model "
                        + cpu("model", "?") + "), " + Runtime.getRuntime().availableProcessors() + " cores");
        machine.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("compiler", compiler);
        machine.put("date", LocalDate.now().toString());
        machine.put("command", command);
        return machine;
    }

    /** The OpenBLAS inside ND4J does not know newer CPUs and would run at a sixth. */
    static Map<String, String> openBlasKernels() {
        return cpu("flags", "").contains("avx512f") ? Map.of("OPENBLAS_CORETYPE", "SKYLAKEX") : Map.of();
    }

    private static String cpu(String key, String otherwise) {
        List<String> lines;
        try {
            lines = Files.readAllLines(CPUS);
        } catch (IOException e) {
            return otherwise;
        }
        return lines.stream()
                .map(line -> line.split("\\s*:\\s*", 2))
                .filter(pair -> pair.length == 2 && pair[0].equals(key))
                .map(pair -> pair[1])
                .findFirst()
                .orElse(otherwise);
    }
}
