package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.kernel.KernelHashes;
import dev.espalier.kernel.Kernels;
import dev.espalier.train.TrainingHashes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tables of hashes of output bits, one line each: eight hexadecimal digits, two blanks, the name. */
public final class HashTable {
    private HashTable() {}

    public static Map<String, String> read(URL resource) {
        try (InputStream in = resource.openStream()) {
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, String> parse(Stream<String> lines) {
        Map<String, String> hashes = new TreeMap<>();
        lines.forEach(line -> hashes.put(line.substring(10), line.substring(0, 8)));
        return hashes;
    }

    static String text(Map<String, String> hashes) {
        return hashes.entrySet().stream()
                .map(entry -> entry.getValue() + "  " + entry.getKey() + "\n")
                .collect(Collectors.joining());
    }

    /** After an intended change of a definition, the new table is the file that a failure leaves in target. */
    public static void assertCommitted(String file, Map<String, String> committed, Map<String, String> actual) {
        List<String> differing = differing(committed, actual);
        if (!differing.isEmpty()) {
            try {
                Files.createDirectories(Path.of("target"));
                Files.writeString(Path.of("target", file), text(actual));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertEquals(
                List.of(), differing, "what has not the committed bits; all that was computed is in target/" + file);
    }

    static List<String> differing(Map<String, String> expected, Map<String, String> actual) {
        return Stream.concat(expected.keySet().stream(), actual.keySet().stream())
                .distinct()
                .filter(name -> !Objects.equals(expected.get(name), actual.get(name)))
                .toList();
    }

    /** Prints the backend and all hashes: what {@link CompilerModesTest} starts in JVMs of other modes. */
    public static void main(String[] arguments) {
        System.out.println(Kernels.backend());
        System.out.println(System.getProperty("java.vm.info"));
        Map<String, String> hashes = KernelHashes.compute();
        hashes.putAll(TrainingHashes.compute());
        System.out.print(text(hashes));
    }
}
