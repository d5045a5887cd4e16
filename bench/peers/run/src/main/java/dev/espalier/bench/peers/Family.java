package dev.espalier.bench.peers;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One JVM run: peers that can share a process, and what that process needs.
 *
 * @param name what the user calls it
 * @param module the folder below bench/peers whose class path it runs on
 * @param peers who takes part beside Espalier
 * @param works a text that the names of the works must contain
 * @param threads how many threads a work may use
 * @param suffix appended to the names of the works
 * @param backend how the description of Espalier's backend must begin
 * @param jvm flags of the JVM
 * @param environment its environment variables, above those that all have
 */
record Family(
        String name,
        String module,
        List<String> peers,
        String works,
        int threads,
        String suffix,
        String backend,
        List<String> jvm,
        Map<String, String> environment) {
    private static final String SIMD = "--add-modules=jdk.incubator.vector";
    private static final String VECTOR = "vector";
    private static final List<String> LIMITS = List.of(Limit.NAME, Memory.NAME, Parts.NAME);

    /** Those with limits come first: Espalier's figure beside a limit is that of the first run of a work. */
    static List<Family> all() {
        return List.of(
                with("limits", "harness", "", LIMITS, Map.of()),
                with("mkl", "blas", "sgemm", List.of("mkl-native", "mkl-array"), Map.of()),
                with("openblas", "blas", "sgemm", List.of("openblas-native", "openblas-array"), Map.of()),
                with("java", "blas", "", List.of("netlib", "ejml", "java-loop"), Map.of()),
                with("nd4j", "nd4j", "", List.of("nd4j", "dl4j"), Machine.openBlasKernels()),
                with("djl", "djl", "", List.of("djl"), Map.of("OPT_OUT_TRACKING", "true")),
                cube("256-bit", " at 256 bits", "vector, 256 bits", SIMD, "-XX:MaxVectorSize=32"),
                cube("128-bit", " at 128 bits", "vector, 128 bits", SIMD, "-XX:MaxVectorSize=16"),
                cube("scalar", ", scalar backend", "scalar"),
                new Family("threads", "harness", LIMITS, "", 2, "", VECTOR, List.of(SIMD), Map.of()));
    }

    private static Family with(
            String name, String module, String works, List<String> peers, Map<String, String> environment) {
        List<String> jvm = List.of(
                SIMD,
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=1",
                "-Dai.djl.pytorch.num_interop_threads=1");
        return new Family(name, module, peers, works, 1, "", VECTOR, jvm, environment);
    }

    private static Family cube(String name, String suffix, String backend, String... jvm) {
        return new Family(name, "harness", LIMITS, "sgemm 512x512x512", 1, suffix, backend, List.of(jvm), Map.of());
    }

    static String names() {
        return all().stream().map(Family::name).collect(Collectors.joining(", "));
    }
}
