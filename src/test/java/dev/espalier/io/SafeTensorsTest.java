package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.espalier.Bits;
import dev.espalier.Errors;
import dev.espalier.clip.Clip;
import dev.espalier.optim.Adam;
import dev.espalier.optim.Stepper;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
    @TempDir
    Path folder;

    /**
     * What safetensors 0.8.0 with numpy 2.4.6 wrote. The order of the metadata changes from run to run there, nothing else does.
     *
     * <pre>{@code
     * save({
     *     "dense1.weight": np.arange(6, dtype="f4").reshape(2, 3) / 4 - 1,
     *     "dense1.bias": np.array([0, -0.0, np.inf], "f4"),
     *     "größe": np.array(0.1, "f4"),
     *     "none": np.zeros((0, 3), "f4"),
     *     "mean": np.array([0.1, 1e300]),
     *     "steps": np.array([-2, 2**62]),
     * }, {"format": "np", "note \"é\"\n": "𝄞\t\\ \x7f\u2028"})
     * }</pre>
     */
    private static final byte[] PYTHON = Base64.getDecoder()
            .decode(
                    "uAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCIsIm5vdGUgXCLDqVwiXG4iOiLwnYSeXHRcXCB/4oCoIn0sInN0"
                            + "ZXBzIjp7ImR0eXBlIjoiSTY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJtZWFuIjp7ImR0eXBlIjoiRjY0"
                            + "Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMTYsMzJdfSwiZGVuc2UxLmJpYXMiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6"
                            + "WzNdLCJkYXRhX29mZnNldHMiOlszMiw0NF19LCJkZW5zZTEud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJk"
                            + "YXRhX29mZnNldHMiOls0NCw2OF19LCJncsO2w59lIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls2"
                            + "OCw3Ml19LCJub25lIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlswLDNdLCJkYXRhX29mZnNldHMiOls3Miw3Ml19fSAgICAgIP7/"
                            + "////////AAAAAAAAAECamZmZmZm5P5x1AIg85Dd+AAAAAAAAAIAAAIB/AACAvwAAQL8AAAC/AACAvgAAAAAAAIA+zczMPQ==");

    /** The same wrote {@code save({c: np.array([0, 1, -1 if c in "bhi" else 255 if c == "B" else 3], c) for c in "?bBhHiIQe"})}. */
    private static final byte[] INTEGERS = Base64.getDecoder()
            .decode(
                    "8AEAAAAAAAB7IlEiOnsiZHR5cGUiOiJVNjQiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlswLDI0XX0sIkkiOnsiZHR5cGUi"
                            + "OiJVMzIiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOlsyNCwzNl19LCJpIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOlszXSwi"
                            + "ZGF0YV9vZmZzZXRzIjpbMzYsNDhdfSwiZSI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzQ4LDU0"
                            + "XX0sIkgiOnsiZHR5cGUiOiJVMTYiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls1NCw2MF19LCJoIjp7ImR0eXBlIjoiSTE2"
                            + "Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjAsNjZdfSwiYiI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlszXSwiZGF0YV9v"
                            + "ZmZzZXRzIjpbNjYsNjldfSwiQiI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNjksNzJdfSwiPyI6"
                            + "eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls3Miw3NV19fSAgAAAAAAAAAAABAAAAAAAAAAMAAAAA"
                            + "AAAAAAAAAAEAAAADAAAAAAAAAAEAAAD/////AAAAPABCAAABAAMAAAABAP//AAH/AAH/AAEB");

    @Test
    void whatPythonWritesIsRead() throws IOException {
        SafeTensors read = SafeTensors.read(write(PYTHON));
        assertEquals(Map.of("format", "np", "note \"é\"\n", "𝄞\t\\ \u007f\u2028"), read.metadata());
        assertEquals(List.of("steps", "mean", "dense1.bias", "dense1.weight", "größe", "none"), read.names());
        assertArrayEquals(new long[] {-2, 1L << 62}, read.longs("steps"));
        assertArrayEquals(new double[] {0.1, 1e300}, read.doubles("mean"));
        Bits.assertSame(new float[] {0, -0f, Float.POSITIVE_INFINITY}, read.floats("dense1.bias"));
        assertArrayEquals(new float[] {-1, -0.75f, -0.5f, -0.25f, 0, 0.25f}, read.floats("dense1.weight"));
        assertArrayEquals(new float[] {0.1f}, read.floats("größe"));
        assertArrayEquals(new float[0], read.floats("none"));
        assertEquals(SafeTensors.Type.F32, read.type("none"));
        assertTrue(read.contains("none") && !read.contains("format"));
        assertEquals(
                "SafeTensors of 6 tensors\n  steps I64[2]\n  mean F64[2]\n  dense1.bias F32[3]\n  dense1.weight F32[2, 3]\n"
                        + "  größe F32[]\n  none F32[0, 3]",
                read.toString());
    }

    @Test
    void theBytesAreThoseOfPython() throws IOException {
        Path written = folder.resolve("written");
        SafeTensors.builder()
                .add("none", new float[0], 0, 3)
                .addWindow("größe", new float[] {9, 0.1f}, 1)
                .addWindow("dense1.weight", new float[] {9, -1, -0.75f, -0.5f, -0.25f, 0, 0.25f, 9}, 1, 2, 3)
                .metadata("format", "np")
                .add("steps", new long[] {-2, 1L << 62})
                .add("dense1.bias", new float[] {0, -0f, Float.POSITIVE_INFINITY})
                .metadata("note \"é\"\n", "𝄞\t\\ \u007f\u2028")
                .add("mean", new double[] {0.1, 1e300})
                .write(written);
        assertArrayEquals(PYTHON, Files.readAllBytes(written));
    }

    @Test
    void integersAreWidened() throws IOException {
        SafeTensors read = SafeTensors.read(write(INTEGERS));
        assertEquals(List.of("Q", "I", "i", "e", "H", "h", "b", "B", "?"), read.names());
        for (String name : List.of("Q", "I", "H")) {
            assertArrayEquals(new long[] {0, 1, 3}, read.longs(name), name);
        }
        for (String name : List.of("i", "h", "b")) {
            assertArrayEquals(new long[] {0, 1, -1}, read.longs(name), name);
        }
        assertArrayEquals(new long[] {0, 1, 255}, read.longs("B"));
        assertArrayEquals(new long[] {0, 1, 1}, read.longs("?"));
        assertArrayEquals(new float[] {0, 1, 3}, read.floats("e"));
        for (String name : List.of("Q", "I", "i", "H", "h", "b", "B", "?")) {
            assertThrows(FileFormatException.class, () -> read.floats(name), name);
        }
        assertThrows(FileFormatException.class, () -> read.longs("e"));
        byte[] ones = HexFormat.of().parseHex("ffffffffffffffff");
        assertArrayEquals(
                new long[] {0xFFFF_FFFFL, 0xFFFF_FFFFL}, read("U32", 2, ones).longs("a"));
        assertArrayEquals(
                new long[] {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF},
                read("U16", 4, ones).longs("a"));
        SafeTensors large = read("U64", 1, ones);
        String message =
                assertThrows(FileFormatException.class, () -> large.longs("a")).getMessage();
        assertTrue(
                message.endsWith("tensor \"a\": element 0 = 18446744073709551615: expected less than 2^63"), message);
    }

    private SafeTensors read(String type, int size, byte[] data) throws IOException {
        String header = "{\"a\":" + entry(type, Integer.toString(size), "0," + data.length) + "}";
        return SafeTensors.read(write(file(header, data)));
    }

    /** Each of these opens with safetensors 0.8.0 in Python. docs/checkpoints.md says why not here. */
    @Test
    void someOfWhatPythonOpensIsRefused() throws IOException {
        String tensor = entry("F32", "1", "0,4");
        byte[] data = new byte[4];
        refused(file(" {\"a\":" + tensor + "}", data), "byte 8: expected the header to start with '{'");
        refused(file("{\"a\":" + tensor + ",\"a\":" + tensor + "}", data), "the name \"a\" stands there twice");
        refused(
                file("{\"__metadata__\":{\"k\":\"v\",\"k\":\"w\"}}"),
                "the key \"k\" of __metadata__ stands there twice");
        refused(file("{\"__metadata__\":null}"), "expected '{'");
        refused(file("{\"a\":[\"F32\",[1],[0,4]]}", data), "expected '{'");
        refused(
                file("{\"a\":" + tensor.replace("}", ",\"x\":1}") + "}", data),
                "key \"x\": expected dtype, shape or data_offsets");
        refused(one("F32", "65536,65536,0", "0,0", 0), "the shape holds more than");
        refused(one("C64", "1", "0,8", 8), "dtype \"C64\": expected one of [BOOL, U8, I8, I16, U16, F16,");
    }

    @Test
    void arraysBeyondTheBufferSurvive() throws IOException {
        float[] floats = new float[100_003];
        double[] doubles = new double[20_001];
        long[] longs = new long[9_001];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.intBitsToFloat(i * 0x9E3779B9);
            doubles[i % doubles.length] = i / 7.0;
            longs[i % longs.length] = i * 0x9E3779B97F4A7C15L;
        }
        Path file = folder.resolve("large");
        SafeTensors.builder()
                .add("f", floats)
                .add("d", doubles)
                .add("l", longs, 9001, 1)
                .write(file);
        SafeTensors read = SafeTensors.read(file);
        Bits.assertSame(floats, read.floats("f"));
        assertArrayEquals(doubles, read.doubles("d"));
        assertArrayEquals(longs, read.longs("l"));
    }

    @Test
    void halfFloatsAreWidened() throws IOException {
        String header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]}}";
        SafeTensors read = SafeTensors.read(write(file(header, HexFormat.of().parseHex("003c0100" + "803f80ff"))));
        assertArrayEquals(new float[] {1, 0x1p-24f}, read.floats("h"));
        assertArrayEquals(new float[] {1, Float.NEGATIVE_INFINITY}, read.floats("b"));
    }

    @Test
    void everyTextSurvives() throws IOException {
        StringBuilder all = new StringBuilder("𝄞 \u2028 ");
        for (char c = 0; c < 0x180; c++) {
            all.append(c);
        }
        Path file = folder.resolve("texts");
        SafeTensors.builder()
                .metadata(all.toString(), all.toString())
                .add(all.toString(), new long[1])
                .write(file);
        SafeTensors read = SafeTensors.read(file);
        assertEquals(Map.of(all.toString(), all.toString()), read.metadata());
        assertEquals(List.of(all.toString()), read.names());
        String escaped = "{\"\\u00e4\\ud834\\udd1e\\/\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}";
        assertEquals(List.of("ä𝄞/"), SafeTensors.read(write(file(escaped))).names());
    }

    @Test
    void whiteSpaceIsSkippedAndKeysComeInAnyOrder() throws IOException {
        String header =
                "{ \"a\" :\n{ \"data_offsets\": [ 0 , 4 ],\t\"shape\" : [ 1 ] , \"dtype\": \"F32\" } , \"__metadata__\": { } } ";
        assertArrayEquals(
                new float[1], SafeTensors.read(write(file(header, new byte[4]))).floats("a"));
        assertEquals(List.of(), SafeTensors.read(write(file("{}"))).names());
    }

    @Test
    void everyTruncationAndEveryExtraByteIsRefused() throws IOException {
        byte[] file = PYTHON;
        for (int length = 0; length < file.length; length++) {
            refused(Arrays.copyOf(file, length), "byte ");
        }
        refused(
                Arrays.copyOf(file, file.length + 1),
                "byte " + file.length + ": 1 bytes follow the data of the last tensor");
    }

    @Test
    void everyFlippedBitOfTheLengthIsRefused() throws IOException {
        byte[] file = PYTHON;
        for (int bit = 0; bit < 64; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            refused(flipped, "byte ");
        }
    }

    @Test
    void badHeadersAreRefused() throws IOException {
        refused(length(100_000_001L), "byte 0: a header of 100000001 bytes: expected at most 100000000");
        refused(length(-1), "byte 0: a header of 18446744073709551615 bytes");
        refused(length(1000), "byte 0: a header of 1000 bytes, but the file has 8 bytes");
        refused(file(" {}"), "byte 8: expected the header to start with '{'");
        refused(file("{} x"), "byte 11: the header goes on after its object");
        refused(file("{\"a\":" + "[".repeat(100_000)), "byte 13: expected '{'");
        refused(
                file("{\"a\":" + "{\"a\":".repeat(10_000)),
                "byte 14: key \"a\": expected dtype, shape or data_offsets");
        refused(file("{\"__metadata__\":{\"a\":1}}"), "expected a string");
        refused(file("{\"__metadata__\":{},\"__metadata__\":{}}"), "__metadata__ stands there twice");
        refused(
                file("{\"a\":" + entry("F32", "0", "0,0") + ",\"\\u0061\":" + entry("F32", "0", "0,0") + "}"),
                "the name \"a\" stands there twice");
        refused(file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "the key dtype stands there twice");
        refused(
                file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}"),
                "tensor \"a\": expected dtype, shape and data_offsets");
        refused(file("{\"a\":" + entry("F32", "0", "0,0") + ",}"), "expected a string");
        refused(file("{\"a\\x\":"), "unknown escape");
        refused(file("{\"a\\u00g0\":"), "expected four hexadecimal digits");
        refused(file("{\"\\ud800\":" + entry("F32", "0", "0,0") + "}"), "half of a surrogate pair");
        refused(file("{\"a\nb\":"), "byte 11: a control character in a string");
        byte[] latin = file("{\"?\":" + entry("F32", "0", "0,0") + "}");
        latin[10] = (byte) 0xE4;
        refused(latin, "byte 10: a string that is not UTF-8");
    }

    @Test
    void badTensorsAreRefused() throws IOException {
        refused(one("F8_E4M3", "1", "0,1", 1), "dtype \"F8_E4M3\": expected one of [BOOL, U8, I8,");
        refused(one("F32", "1", "0,8", 8), "data_offsets [0, 8]: expected 4 bytes for F32[1]");
        refused(one("F32", "1", "4,0", 4), "begin <= end");
        refused(one("F32", "00", "0,0", 0), "without leading zeros");
        refused(one("F32", "1", "0", 4), "expected two numbers");
        refused(one("F32", "1", "0,4,4", 4), "expected two numbers");
        refused(one("F32", "1", "4,8", 8), "begins at 4 of the data: expected 0");
        refused(one("F32", "2", "0,8", 4), "ends at 8 of the data, but there are 4 bytes");
        refused(one("F32", "2147483647", "0,8589934588", 4), "the shape holds more than 2147483639 elements");
        refused(one("F32", "9223372036854775807", "0,0", 0), "the shape holds more than");
        refused(one("F32", "9223372036854775808", "0,0", 0), "a number beyond 2^63");
        refused(one("F32", "-1", "0,0", 0), "expected a whole number at least 0");
        refused(one("F32", "01", "0,4", 4), "without leading zeros");
        refused(one("F32", "1.0", "0,4", 4), "expected ',' or ']'");
        refused(one("F32", "1,".repeat(64) + "1", "0,4", 4), "at most 64 axes");
        String two = "{\"a\":" + entry("F32", "2", "0,8") + ",\"b\":";
        refused(file(two + entry("F32", "1", "4,8") + "}", new byte[8]), "\"b\" begins at 4 of the data: expected 8");
        refused(
                file(two + entry("F32", "1", "12,16") + "}", new byte[16]),
                "\"b\" begins at 12 of the data: expected 8");
    }

    @Test
    void aHeaderThatPromisesTooMuchAllocatesNothing() throws IOException {
        Path file = write(one("F32", "2000000000", "0,8000000000", 8));
        Path lengthOnly = write(length(99_999_999), "length");
        for (Path path : List.of(file, lengthOnly, file, lengthOnly)) {
            long before = allocated();
            assertThrows(FileFormatException.class, () -> SafeTensors.read(path));
            assertTrue(allocated() - before < 1 << 20);
        }
    }

    @Test
    void wrongNamesAndTypesAreErrorsThatSayWhere() throws IOException {
        SafeTensors read = SafeTensors.read(write(one("F32", "1", "0,4", 4)));
        FileFormatException missing = assertThrows(FileFormatException.class, () -> read.floats("b"));
        assertEquals(read.file() + ": tensor \"b\": missing; there are [a]", missing.getMessage());
        assertEquals("tensor \"b\"", missing.where());
        assertEquals(read.file(), missing.file());
        assertThrows(FileFormatException.class, () -> read.longs("a"));
        assertThrows(FileFormatException.class, () -> read.doubles("a"));
        assertThrows(NoSuchFileException.class, () -> SafeTensors.read(folder.resolve("none")));
        assertThrows(IOException.class, () -> SafeTensors.read(folder));
        Errors.assertIllegal(() -> SafeTensors.read(null), "file");
    }

    @Test
    void messagesAreShortAndOnOneLine() throws IOException {
        String name = "\\n".repeat(100_000);
        String message = assertThrows(
                        FileFormatException.class, () -> SafeTensors.read(write(file("{\"" + name + "\":{}}"))))
                .getMessage();
        assertTrue(message.length() < 1000 && message.lines().count() == 1, message);
    }

    /** Names of tensors, too, and what only some terminals take for a control character. */
    @Test
    void messagesHoldNoNameAsItIs() throws IOException {
        String name = "x\n\u0085\u009b\u2028" + "y".repeat(100_000);
        Path file = folder.resolve("names");
        SafeTensors.builder().add(name, new float[1]).write(file);
        Parameters parameters = Parameters.builder().add("w", 1).build();
        FileFormatException e = assertThrows(FileFormatException.class, () -> Weights.load(file, parameters));
        for (String text : List.of(e.getMessage(), e.where())) {
            assertTrue(
                    text.length() < 1500
                            && text.chars().noneMatch(c -> c < ' ' || "\u0085\u009b\u2028".indexOf(c) >= 0),
                    text);
        }
    }

    @Test
    void theBuilderRefusesWhatNoFileCanHold() throws IOException {
        SafeTensors.Builder builder =
                SafeTensors.builder().add("a", new float[6], 2, 3).metadata("k", "v");
        Errors.assertIllegal(() -> builder.add("a", new long[1]), "name", "\"a\"");
        Errors.assertIllegal(() -> builder.add("__metadata__", new long[1]), "name");
        Errors.assertIllegal(() -> builder.add("\ud800", new long[1]), "surrogate");
        Errors.assertIllegal(() -> builder.add("b", new float[6], 2, 2), "shape of b", "6 elements");
        Errors.assertIllegal(() -> builder.add("b", new float[6], -1), "-1");
        Errors.assertIllegal(() -> builder.add("b", new float[1], new int[65]), "rank of b", "65");
        Errors.assertOutOfBounds(() -> builder.addWindow("b", new float[6], 5, 2), "array[5, 7)");
        Errors.assertIllegal(() -> builder.metadata("k", "w"), "key", "\"k\"");
        builder.write(folder.resolve("file"));
        assertEquals(List.of("a"), SafeTensors.read(folder.resolve("file")).names());
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNoOther() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Files.writeString(target.resolve("inside"), "x");
        SafeTensors.Builder builder = SafeTensors.builder().add("a", new float[1]);
        assertThrows(IOException.class, () -> builder.write(target));
        assertThrows(
                IOException.class,
                () -> AtomicFile.write(target.resolve("inside"), out -> {
                    out.write(new byte[100]);
                    throw new IOException("disk full");
                }));
        assertThrows(NoSuchFileException.class, () -> builder.write(folder.resolve("no/such")));
        assertEquals("x", Files.readString(target.resolve("inside")));
        try (Stream<Path> files = Files.walk(folder)) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void anInterruptedThreadWritesTheFileAllTheSame() throws IOException {
        Path before = folder.resolve("before");
        Thread.currentThread().interrupt();
        SafeTensors.builder().add("a", new float[1]).write(before);
        assertTrue(Thread.interrupted());
        assertEquals(List.of("a"), SafeTensors.read(before).names());
        Path between = folder.resolve("between");
        int[] attempts = new int[1];
        AtomicFile.write(between, out -> {
            out.write(new byte[100]);
            if (attempts[0]++ < 2) {
                Thread.currentThread().interrupt();
            }
            out.write(new byte[100]);
        });
        assertTrue(Thread.interrupted());
        // Written once: whoever interrupts a thread again and again must not keep it from ending.
        assertEquals(1, attempts[0]);
        assertEquals(200, Files.size(between));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void weightsGoOutAndIn() throws Exception {
        Parameters from =
                Parameters.builder().add("w", 2, 3).add("b", 3).add("s").build();
        for (int i = 0; i < from.size(); i++) {
            from.weights()[i] = i + 0.5f;
        }
        Path file = folder.resolve("weights");
        Weights.save(file, from);
        // As Python's save writes {"w": arange(6).reshape(2, 3) + 0.5, "b": arange(6, 9) + 0.5, "s": array(9.5)} in
        // "f4".
        assertEquals(
                "86738f2f866399bc8fc9ecfdd6fe1f68b68cf934f3fabf064e8b3ad2be8aecb1",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
        Parameters to = Parameters.builder().add("s").add("b", 3).add("w", 2, 3).build();
        Weights.load(file, to);
        assertArrayEquals(new float[] {9.5f, 6.5f, 7.5f, 8.5f, 0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f}, to.weights());
        otherWeights(
                file, Parameters.builder().add("w", 2, 3).add("b", 3).build(), "tensor \"s\": the model has no such");
        otherWeights(
                file,
                Parameters.builder().add("w", 3, 2).add("b", 3).add("s").build(),
                "shape [2, 3]: expected [3, 2]");
        otherWeights(
                file,
                Parameters.builder()
                        .add("w", 2, 3)
                        .add("b", 3)
                        .add("s")
                        .add("t")
                        .build(),
                "tensor \"t\": missing");
    }

    /** What a loop of one's own saves: weights, the optimizer with its clip, and back. */
    @Test
    void stateGoesOutAndIn() throws IOException {
        Path file = folder.resolve("state");
        Stepper[] steppers = new Stepper[2];
        for (int i = 0; i < 2; i++) {
            Parameters parameters =
                    Parameters.builder().add("w", 2, 3).add("b", 3).build();
            steppers[i] = Adam.withLearningRate(0.1f).on(parameters, Clip.autoClip());
        }
        for (int step = 0; step < 5; step++) {
            Arrays.fill(steppers[0].parameters().gradients(), step - 1.5f);
            steppers[0].step();
        }
        SafeTensors.Builder builder = Weights.addTo(SafeTensors.builder(), steppers[0].parameters());
        steppers[0].state().forEach(builder::add);
        builder.write(file);
        SafeTensors read = SafeTensors.read(file);
        float[] weights = Weights.from(read, steppers[1].parameters());
        System.arraycopy(weights, 0, steppers[1].parameters().weights(), 0, weights.length);
        for (StateArray live : steppers[1].state()) {
            live.set(read.state(live));
        }
        for (Stepper stepper : steppers) {
            Arrays.fill(stepper.parameters().gradients(), 3);
            stepper.step();
        }
        assertArrayEquals(
                steppers[0].parameters().weights(), steppers[1].parameters().weights());
        assertEquals(6, steppers[1].steps());
        String shape = assertThrows(
                        FileFormatException.class, () -> read.state(new StateArray.Floats("b", new float[4])))
                .getMessage();
        assertTrue(shape.endsWith("tensor \"b\": shape [3]: expected [4]"), shape);
        assertThrows(FileFormatException.class, () -> read.state(new StateArray.Longs("b", new long[3])));
        Errors.assertIllegal(() -> SafeTensors.builder().add(null), "state is null");
        otherWeights(
                file,
                Parameters.builder().add("w", 2, 3).add("b", 3).build(),
                "Weights.from takes the weights out of a file that holds more");
    }

    @Test
    void whatIsHandedOutAsNewDoesNotChangeTheFile() throws IOException {
        Path file = folder.resolve("state");
        SafeTensors.builder()
                .add("f", new float[] {1})
                .add("d", new double[] {2})
                .add("l", new long[] {3})
                .metadata("key", "value")
                .write(file);
        SafeTensors read = SafeTensors.read(file);
        ((StateArray.Floats) read.state(new StateArray.Floats("f", new float[1]))).array()[0] = 9;
        ((StateArray.Doubles) read.state(new StateArray.Doubles("d", new double[1]))).array()[0] = 9;
        ((StateArray.Longs) read.state(new StateArray.Longs("l", new long[1]))).array()[0] = 9;
        assertArrayEquals(new float[] {1}, read.floats("f"));
        assertArrayEquals(new double[] {2}, read.doubles("d"));
        assertArrayEquals(new long[] {3}, read.longs("l"));
        read.shape("f")[0] = 9;
        assertArrayEquals(new int[] {1}, read.shape("f"));
        assertThrows(UnsupportedOperationException.class, () -> read.metadata().clear());
        SafeTensors unsigned = read("U64", 1, new byte[8]);
        unsigned.longs("a")[0] = 9;
        assertArrayEquals(new long[1], unsigned.longs("a"));
    }

    @Test
    void theBuilderCopiesShapes() throws IOException {
        int[] shape = {2};
        SafeTensors.Builder builder = SafeTensors.builder().addWindow("a", new float[2], 0, shape);
        shape[0] = 1;
        Path file = folder.resolve("shape");
        builder.write(file);
        assertArrayEquals(new int[] {2}, SafeTensors.read(file).shape("a"));
    }

    @Test
    void namesAreOrderedByTheirBytes() throws IOException {
        Path file = folder.resolve("names");
        SafeTensors.builder().add("\u00e9", new float[1]).add("z", new float[1]).write(file);
        assertEquals(List.of("z", "\u00e9"), SafeTensors.read(file).names());
    }

    private static void otherWeights(Path file, Parameters parameters, String message) {
        Exception e = assertThrows(FileFormatException.class, () -> Weights.load(file, parameters));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertArrayEquals(new float[parameters.size()], parameters.weights());
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path path = write(bytes);
        FileFormatException e = assertThrows(FileFormatException.class, () -> SafeTensors.read(path), message);
        assertTrue(e.getMessage().startsWith(path + ": " + e.where() + ": "), e.getMessage());
        assertTrue(e.getMessage().contains(message), e.getMessage() + " does not contain " + message);
    }

    private static byte[] one(String type, String shape, String offsets, int dataSize) {
        return file("{\"a\":" + entry(type, shape, offsets) + "}", new byte[dataSize]);
    }

    private static String entry(String type, String shape, String offsets) {
        return "{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + offsets + "]}";
    }

    private static byte[] length(long length) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    private static byte[] file(String header) {
        return file(header, new byte[0]);
    }

    /** The header is padded with spaces. */
    private static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padding = -json.length & 7;
        ByteBuffer file =
                ByteBuffer.allocate(8 + json.length + padding + data.length).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length + padding).put(json).put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        return file.put(data).array();
    }

    private Path write(byte[] bytes) throws IOException {
        return write(bytes, "file");
    }

    private Path write(byte[] bytes, String name) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
