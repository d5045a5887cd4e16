package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Arrows between packages only point down, and only the kernels know SIMD. */
class ImportRuleTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "dev", "espalier");
    private static final Pattern USE =
            Pattern.compile("dev\\.espalier\\.(\\w+)\\.[A-Z]|jdk\\.incubator\\.(vector)\\.[A-Z]");
    private static final Map<String, Set<String>> ALLOWED = Map.of(
            "internal", Set.of(),
            "kernel", Set.of("internal", "vector"),
            "tensor", Set.of("internal", "kernel"),
            "clip", Set.of("internal", "kernel", "tensor"),
            "optim", Set.of("internal", "kernel", "tensor", "clip"),
            "nn", Set.of("internal", "kernel", "tensor"),
            "train", Set.of("internal", "kernel", "tensor", "nn", "optim", "clip", "io"),
            "io", Set.of("internal", "kernel", "tensor"));

    @Test
    void arrowsPointDown() throws IOException {
        List<String> wrong = new ArrayList<>();
        int files = 0;
        try (Stream<Path> walk = Files.walk(SOURCES)) {
            for (Path file :
                    walk.filter(path -> path.toString().endsWith(".java")).toList()) {
                String from = SOURCES.relativize(file).getName(0).toString();
                Set<String> allowed = ALLOWED.getOrDefault(from, Set.of());
                Matcher use = USE.matcher(Files.readString(file));
                while (use.find()) {
                    String to = use.group(1) == null ? use.group(2) : use.group(1);
                    if (!to.equals(from) && !allowed.contains(to)) {
                        wrong.add(file + " uses " + to);
                    }
                }
                files++;
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(files > 20, "found only " + files + " sources in " + SOURCES.toAbsolutePath());
    }
}
