package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.espalier.Errors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
    @TempDir
    Path folder;

    @Test
    void numbersAreRead() throws IOException {
        for (String text : new String[] {"1,-2.5\n 3e2 ,.5\n", "1,-2.5\r\n+3.E+2,0.5", "\uFEFF1,-2.5\n300,5e-1"}) {
            Csv csv = Csv.read(write(text));
            assertArrayEquals(new float[] {1, -2.5f, 300, 0.5f}, csv.values());
            assertEquals(2, csv.rows());
            assertEquals(2, csv.columns());
            assertEquals(List.of(), csv.header());
            assertEquals("Csv[2, 2]", csv.toString());
        }
        assertArrayEquals(
                new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY},
                Csv.read(write("NaN,Infinity,-Infinity")).values());
        assertArrayEquals(
                new float[] {1, 2}, Csv.read(write(" \t1\t ,\t2 \r\n")).values());
        float[] many = new float[1000];
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < many.length; i++) {
            many[i] = Float.intBitsToFloat(0x3F000000 + 12345 * i);
            text.append(many[i]).append(i % 4 == 3 ? "\n" : ",");
        }
        assertArrayEquals(many, Csv.read(write(text.toString())).values());
    }

    @Test
    void aColumnOfLabelsIsSetApart() throws IOException {
        Csv csv = Csv.readWithHeader(write("a, größe ,label\n1,2,0\n3,4,7\n"));
        assertEquals(List.of("a", "größe", "label"), csv.header());
        assertArrayEquals(new int[] {0, 7}, csv.labels(2));
        assertArrayEquals(new float[] {1, 2, 3, 4}, csv.valuesWithout(2));
        assertArrayEquals(new float[] {2, 0, 4, 7}, csv.valuesWithout(0));
        assertEquals(0, Csv.readWithHeader(write("a,b")).rows());
        assertThrows(UnsupportedOperationException.class, () -> csv.header().clear());
        Errors.assertOutOfBounds(() -> csv.labels(3), "column = 3");
        Errors.assertOutOfBounds(() -> csv.valuesWithout(-1), "column = -1");
        assertEquals(16777215, Csv.read(write("16777215")).labels(0)[0]);
        // Floats skip 16777217: it is read as 16777216.
        Csv bad = Csv.read(write("0.5,-1,NaN,16777216,16777217,16777218"));
        for (int column = 0; column < 6; column++) {
            int c = column;
            Errors.assertIllegal(() -> bad.labels(c), "row 0, column " + c, "whole number");
        }
    }

    @Test
    void mistakesAreNamedByLineAndColumn() throws IOException {
        refused("", "line 1, column 1: expected at least one line");
        refused("1,2\n3\n", "line 2, column 2: 1 fields: expected 2");
        refused("1,2\n3,4,5", "line 2, column 6: 3 fields: expected 2");
        refused("1,2\n\n3,4", "line 2, column 1: \"\": expected a number");
        refused("1,,2", "line 1, column 3: \"\": expected a number");
        refused("1,2\n3,x", "line 2, column 3: \"x\": expected a number");
        refused("1,0x1p3", "line 1, column 3: \"0x1p3\": expected a number");
        refused("1f", "\"1f\": expected a number");
        refused("\"1\"", "expected a number");
        refused("1;2", "\"1;2\": expected a number");
        refused("1 2", "\"1 2\": expected a number");
        refused("1\r2", "expected a number");
        for (String between : new String[] {"\r", "\r\r", "\f", "\u000b", "\u001c", "\u00a0"}) {
            refused("1" + between + ",2\n", "line 1, column 1: ");
            refused("1," + between + "2\n", "line 1, column 3: ");
        }
        refused("1,2\r\r\n", "line 1, column 3: ");
        refused("1,2\r", "line 1, column 3: ");
        refused("1\n\uFEFF2\n", "line 2, column 1: ");
        refused("1e39", "line 1, column 1: \"1e39\": expected a number within the range of floats");
        refused("1".repeat(401), "a field of 401 characters: expected a number");
        refused("1," + "0".repeat(1_000_000), "line 1, column 1000001: a line of more than 1000000 bytes");
        headerRefused("a,,b\n".getBytes(StandardCharsets.UTF_8), "line 1, column 3: an empty name");
        String quote = "a quote in a name: expected names without quotes";
        headerRefused("a,\"b\"\n1,2\n".getBytes(StandardCharsets.UTF_8), "line 1, column 3: " + quote);
        headerRefused("\"a,b\",c\n1,2,3\n".getBytes(StandardCharsets.UTF_8), "line 1, column 1: " + quote);
        headerRefused(
                "a,größe\n1,2\n".getBytes(StandardCharsets.ISO_8859_1), "line 1, column 3: a name that is no UTF-8");
        Path empty = write("");
        assertThrows(FileFormatException.class, () -> Csv.readWithHeader(empty));
        assertThrows(IOException.class, () -> Csv.read(folder.resolve("none")));
    }

    private void headerRefused(byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("header.csv"), bytes);
        Exception e = assertThrows(FileFormatException.class, () -> Csv.readWithHeader(file), message);
        assertEquals(file + ": " + message, e.getMessage());
    }

    private void refused(String text, String message) throws IOException {
        Path file = write(text);
        String actual = assertThrows(FileFormatException.class, () -> Csv.read(file), message)
                .getMessage();
        assertEquals(true, actual.startsWith(file + ": line ") && actual.contains(message), actual);
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("file.csv"), text);
    }
}
