package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.espalier.Errors;
import dev.espalier.tensor.Parameters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
    @TempDir
    Path folder;

    /** Laid out by hand as the reference implementation does it: I64 before F64 before F32, names in order, padded to 8. */
    private static final String FIXTURE_HEADER = "{\"__metadata__\":{\"k\":\"v\\n\"},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[16,16]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[16,24]}}";

    private static final String FIXTURE_DATA = "feffffffffffffff" + "000000000000f83f" + "0000803f000000c0";

    @Test
    void theBytesAreThoseOfTheReference() throws IOException {
        byte[] fixture = file(FIXTURE_HEADER, HexFormat.of().parseHex(FIXTURE_DATA));
        assertEquals(0, ByteBuffer.wrap(fixture).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
        Path written = folder.resolve("written");
        SafeTensors.builder()
                .addWindow("b", new float[] {9, 1, -2}, 1, 1, 2)
                .add("a", new float[0], 0, 3)
                .add("n", new long[] {-2})
                .metadata("k", "v\n")
                .add("d", new double[] {1.5}, 1)
                .write(written);
        // The rank of d is the one difference: a double[] is never a single number.
        String header = FIXTURE_HEADER.replace("\"F64\",\"shape\":[]", "\"F64\",\"shape\":[1]");
        assertArrayEquals(file(header, HexFormat.of().parseHex(FIXTURE_DATA)), Files.readAllBytes(written));

        SafeTensors read = SafeTensors.read(write(fixture));
        assertEquals(Map.of("k", "v\n"), read.metadata());
        assertEquals(List.of("n", "d", "a", "b"), read.names());
        assertArrayEquals(new long[] {-2}, read.longs("n"));
        assertArrayEquals(new double[] {1.5}, read.doubles("d"));
        assertArrayEquals(new int[0], read.shape("d"));
        assertArrayEquals(new int[] {0, 3}, read.shape("a"));
        assertArrayEquals(new float[] {1, -2}, read.floats("b"));
        assertEquals(SafeTensors.Type.F32, read.type("b"));
        assertTrue(read.contains("a") && !read.contains("c"));
        assertEquals("SafeTensors of 4 tensors\n  n I64[1]\n  d F64[]\n  a F32[0, 3]\n  b F32[1, 2]", read.toString());
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
        SafeTensors.builder().add("f", floats).add("d", doubles).add("l", longs, 9001, 1).write(file);
        SafeTensors read = SafeTensors.read(file);
        dev.espalier.Bits.assertSame(floats, read.floats("f"));
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
        SafeTensors.builder().metadata(all.toString(), all.toString()).add(all.toString(), new long[1]).write(file);
        SafeTensors read = SafeTensors.read(file);
        assertEquals(Map.of(all.toString(), all.toString()), read.metadata());
        assertEquals(List.of(all.toString()), read.names());
        String escaped = "{\"\\u00e4\\ud834\\udd1e\\/\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}";
        assertEquals(List.of("ä𝄞/"), SafeTensors.read(write(file(escaped))).names());
    }

    @Test
    void whiteSpaceIsSkippedAndKeysComeInAnyOrder() throws IOException {
        String header = "{ \"a\" :\n{ \"data_offsets\": [ 0 , 4 ],\t\"shape\" : [ 1 ] , \"dtype\": \"F32\" } , \"__metadata__\": { } } ";
        assertArrayEquals(new float[1], SafeTensors.read(write(file(header, new byte[4]))).floats("a"));
        assertEquals(List.of(), SafeTensors.read(write(file("{}"))).names());
    }

    @Test
    void everyTruncationAndEveryExtraByteIsRefused() throws IOException {
        byte[] file = file(FIXTURE_HEADER, HexFormat.of().parseHex(FIXTURE_DATA));
        for (int length = 0; length < file.length; length++) {
            refused(Arrays.copyOf(file, length), "byte ");
        }
        refused(Arrays.copyOf(file, file.length + 1), "1 bytes follow the data of the last tensor");
    }

    @Test
    void everyFlippedBitOfTheLengthIsRefused() throws IOException {
        byte[] file = file(FIXTURE_HEADER, HexFormat.of().parseHex(FIXTURE_DATA));
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
        refused(file("{\"a\":" + "{\"a\":".repeat(10_000)), "byte 14: key \"a\": expected dtype, shape or data_offsets");
        refused(file("{\"__metadata__\":{\"a\":1}}"), "expected a string");
        refused(file("{\"__metadata__\":null}"), "expected '{'");
        refused(file("{\"__metadata__\":{},\"__metadata__\":{}}"), "__metadata__ stands there twice");
        refused(file("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}"), "the key \"a\" of __metadata__ stands there twice");
        refused(file("{\"a\":" + entry("F32", "0", "0,0") + ",\"\\u0061\":" + entry("F32", "0", "0,0") + "}"),
                "the name \"a\" stands there twice");
        refused(file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}"), "the key dtype stands there twice");
        refused(file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}"), "tensor \"a\": expected dtype, shape and data_offsets");
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
        refused(one("U8", "1", "0,1", 1), "dtype \"U8\": expected one of [F16, BF16, F32, F64, I64]");
        refused(one("F32", "1", "0,8", 8), "data_offsets [0, 8]: expected 4 bytes for F32[1]");
        refused(one("F32", "1", "4,0", 4), "begin <= end");
        refused(one("F32", "1", "0", 4), "expected two numbers");
        refused(one("F32", "1", "0,4,4", 4), "expected two numbers");
        refused(one("F32", "1", "4,8", 8), "begins at 4 of the data: expected 0");
        refused(one("F32", "2", "0,8", 4), "ends at 8 of the data, but there are 4 bytes");
        refused(one("F32", "2147483647", "0,8589934588", 4), "the shape holds more than 2147483639 elements");
        refused(one("F32", "65536,65536,0", "0,0", 0), "the shape holds more than");
        refused(one("F32", "9223372036854775807", "0,0", 0), "the shape holds more than");
        refused(one("F32", "9223372036854775808", "0,0", 0), "a number beyond 2^63");
        refused(one("F32", "-1", "0,0", 0), "expected a whole number at least 0");
        refused(one("F32", "01", "0,4", 4), "without leading zeros");
        refused(one("F32", "1.0", "0,4", 4), "expected ',' or ']'");
        refused(one("F32", "1,".repeat(64) + "1", "0,4", 4), "at most 64 axes");
        String two = "{\"a\":" + entry("F32", "2", "0,8") + ",\"b\":";
        refused(file(two + entry("F32", "1", "4,8") + "}", new byte[8]), "\"b\" begins at 4 of the data: expected 8");
        refused(file(two + entry("F32", "1", "12,16") + "}", new byte[16]), "\"b\" begins at 12 of the data: expected 8");
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
                        FileFormatException.class,
                        () -> SafeTensors.read(write(file("{\"" + name + "\":{}}"))))
                .getMessage();
        assertTrue(message.length() < 1000 && message.lines().count() == 1, message);
    }

    @Test
    void theBuilderRefusesWhatNoFileCanHold() throws IOException {
        SafeTensors.Builder builder = SafeTensors.builder().add("a", new float[6], 2, 3).metadata("k", "v");
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
        assertThrows(IOException.class, () -> AtomicFile.write(target.resolve("inside"), out -> {
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
    void weightsGoOutAndIn() throws IOException {
        Parameters from = Parameters.builder().add("w", 2, 3).add("b", 3).add("s").build();
        for (int i = 0; i < from.size(); i++) {
            from.weights()[i] = i + 0.5f;
        }
        Path file = folder.resolve("weights");
        Weights.save(file, from);
        Parameters to = Parameters.builder().add("s").add("b", 3).add("w", 2, 3).build();
        Weights.load(file, to);
        assertArrayEquals(new float[] {9.5f, 6.5f, 7.5f, 8.5f, 0.5f, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f}, to.weights());
        otherWeights(file, Parameters.builder().add("w", 2, 3).add("b", 3).build(), "tensor \"s\": the model has no such");
        otherWeights(file, Parameters.builder().add("w", 3, 2).add("b", 3).add("s").build(), "shape [2, 3]: expected [3, 2]");
        otherWeights(file, Parameters.builder().add("w", 2, 3).add("b", 3).add("s").add("t").build(), "tensor \"t\": missing");
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
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
    }

    private static byte[] file(String header) {
        return file(header, new byte[0]);
    }

    /** The header is padded with spaces. */
    private static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padding = -json.length & 7;
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + padding + data.length).order(ByteOrder.LITTLE_ENDIAN);
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
