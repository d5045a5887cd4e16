package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Jazzer on each {@link FuzzTarget}, in a JVM of its own. The profile deep brings it along. It begins at the valid files and at what
 * earlier runs left in {@code target/jazzer}; an input that fails is left there too, and stands in the message in Base64.
 */
class JazzerTest {
    private static final int SECONDS = 40;

    /** A run that does less was no run: on a shared core it is 500 a second. */
    private static final int LEAST_EXECUTIONS = 1000;

    private static final Pattern EXECUTIONS = Pattern.compile("stat::number_of_executed_units: +(\\d+)");
    private static final Pattern DONE = Pattern.compile("DONE +cov: (\\d+)");

    @ParameterizedTest
    @EnumSource
    void nothingButValuesAndDocumentedExceptions(FuzzTarget target) throws IOException, InterruptedException {
        if (!Boolean.getBoolean("espalier.test.deep")) {
            String reason = "Jazzer takes " + SECONDS + " s for " + target + ": skipped but for the profile deep";
            System.out.println(reason);
            abort(reason);
        }
        Path corpus = Files.createDirectories(Path.of("target", "jazzer", target.name()));
        for (int i = 0; i < target.valid().size(); i++) {
            Files.write(corpus.resolve("valid-" + i), target.valid().get(i));
        }
        String log = run(target, corpus);
        assertTrue(log.contains("INFO: Instrumented dev.espalier.io.Input "), log);
        int executions = Integer.parseInt(found(EXECUTIONS, log));
        assertTrue(executions >= LEAST_EXECUTIONS, executions + " executions");
        System.out.printf(
                "deep: Jazzer, %s: %d executions in %d s, %s edges covered%n",
                target, executions, SECONDS, found(DONE, log));
    }

    private static String run(FuzzTarget target, Path corpus) throws IOException, InterruptedException {
        Path log = corpus.resolveSibling(target + ".log");
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What Jazzer does and the JDK would warn about: an agent that comes late, a native library, Unsafe.
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xshare:off",
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "-D" + FuzzTarget.PROPERTY + "=" + target,
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzTarget.class.getName(),
                "--instrumentation_includes=dev.espalier.io.**",
                "--custom_hook_includes=dev.espalier.io.**",
                // These hooks allocate megabytes for a field of 80 digits that is no number; the reader takes 70 KB in
                // all.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.RegexRoadblocks",
                "--reproducer_path=" + corpus.getParent(),
                "-artifact_prefix=" + corpus.getParent() + "/" + target + "-",
                "-max_total_time=" + SECONDS,
                "-max_len=4096",
                // Seconds for one input, to find an endless loop. A busy machine was seen to stand still for 20.
                "-timeout=100",
                "-print_final_stats=1",
                corpus.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            if (!process.waitFor(SECONDS + 600, TimeUnit.SECONDS)) {
                fail(command + " has not ended");
            }
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(log);
        assertEquals(0, process.exitValue(), command + ": " + text);
        return text;
    }

    private static String found(Pattern pattern, String log) {
        Matcher matcher = pattern.matcher(log);
        assertTrue(matcher.find(), () -> pattern + " in " + log);
        return matcher.group(1);
    }
}
