package dev.espalier.io;

import dev.espalier.internal.Arguments;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A matrix of numbers from a text file: one row per line, commas between the numbers, every row as long as the first. A line ends
 * with LF or CR LF; the last may end with the file.
 *
 * <p>Strict: a number is written in decimal (with sign, point and exponent as needed) or is NaN, nan, Infinity, -Infinity, inf or -inf, with blanks or tabs around it at
 * most. A byte order mark is skipped. No quotes, no empty fields, no comments, no empty lines. An overflow is an error, not an infinity. A line holds at most a
 * million bytes, a field 400.
 */
public final class Csv {
    private static final int MAX_LINE = 1_000_000;
    private static final int MAX_FIELD = 400;

    /** What Float.parseFloat takes, without its hexadecimal numbers and type suffixes. */
    private static final Pattern NUMBER = Pattern.compile("[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?");

    private final List<String> header;
    private final int columns;
    private final float[] values;

    private Csv(List<String> header, int columns, float[] values) {
        this.header = header;
        this.columns = columns;
        this.values = values;
    }

    /**
     * Reads a whole file of numbers.
     *
     * @throws FileFormatException if a field is no number or a row has another length; the message names line and column, from 1
     * @throws IOException if the file cannot be read
     */
    public static Csv read(Path file) throws IOException {
        return read(file, false);
    }

    /**
     * Reads a whole file whose first line holds the names of the columns.
     *
     * @throws FileFormatException as {@link #read(Path)}
     * @throws IOException if the file cannot be read
     */
    public static Csv readWithHeader(Path file) throws IOException {
        return read(file, true);
    }

    private static Csv read(Path file, boolean withHeader) throws IOException {
        Arguments.notNull("file", file);
        Input.size(file);
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            return new Parser(file, in).parse(withHeader);
        }
    }

    /** The names of the columns; empty if the file was read without a header. */
    public List<String> header() {
        return header;
    }

    /** The number of rows, without the header. */
    public int rows() {
        return values.length / columns;
    }

    /** The numbers in a row, at least 1. */
    public int columns() {
        return columns;
    }

    /** The numbers, row by row; the array itself. */
    public float[] values() {
        return values;
    }

    /**
     * A column of labels, as the losses take them.
     *
     * @throws IndexOutOfBoundsException if there is no such column
     * @throws IllegalArgumentException if a number in it is not whole, below 0 or at least 2²⁴, where floats skip numbers
     */
    public int[] labels(int column) {
        checkColumn(column);
        int[] labels = new int[rows()];
        for (int row = 0; row < labels.length; row++) {
            float value = values[row * columns + column];
            if (!(value >= 0 && value < 1 << 24) || value != (int) value) {
                throw Arguments.expected(
                        "row " + row + ", column " + column, value, "a whole number from 0 to " + ((1 << 24) - 1));
            }
            labels[row] = (int) value;
        }
        return labels;
    }

    /**
     * The numbers of all columns but one, row by row, in a new array: the features beside {@link #labels}.
     *
     * @throws IndexOutOfBoundsException if there is no such column
     */
    public float[] valuesWithout(int column) {
        checkColumn(column);
        float[] others = new float[rows() * (columns - 1)];
        for (int row = 0; row < rows(); row++) {
            int from = row * columns;
            int to = row * (columns - 1);
            System.arraycopy(values, from, others, to, column);
            System.arraycopy(values, from + column + 1, others, to + column, columns - 1 - column);
        }
        return others;
    }

    /** For example {@code Csv[150, 5]}. */
    @Override
    public String toString() {
        return "Csv[" + rows() + ", " + columns + "]";
    }

    private void checkColumn(int column) {
        Arguments.index("column", column, columns);
    }

    private static final class Parser {
        private final Path file;
        private final InputStream in;
        private byte[] line = new byte[1 << 10];
        private int length;
        private int lines;
        private float[] values = new float[1 << 8];
        private int filled;

        Parser(Path file, InputStream in) {
            this.file = file;
            this.in = in;
        }

        Csv parse(boolean withHeader) throws IOException {
            List<String> header = List.of();
            int columns = 0;
            if (withHeader) {
                if (!nextLine()) {
                    throw broken(1, "expected a header");
                }
                header = header();
                columns = header.size();
            }
            while (nextLine()) {
                int count = row();
                if (columns == 0) {
                    columns = count;
                }
                if (count != columns) {
                    throw broken(length + 1, count + " fields: expected " + columns + ", as the first line has");
                }
            }
            if (columns == 0) {
                throw broken(1, "expected at least one line");
            }
            return new Csv(header, columns, Arrays.copyOf(values, filled));
        }

        /** The next line without its end; false at the end of the file. */
        private boolean nextLine() throws IOException {
            length = 0;
            lines++;
            int b = in.read();
            if (b < 0) {
                return false;
            }
            for (; b >= 0 && b != '\n'; b = in.read()) {
                if (length == MAX_LINE) {
                    throw broken(length + 1, "a line of more than " + MAX_LINE + " bytes");
                }
                if (length == line.length) {
                    line = Arrays.copyOf(line, Math.min(2 * length, MAX_LINE));
                }
                line[length++] = (byte) b;
            }
            if (b == '\n' && length > 0 && line[length - 1] == '\r') {
                length--;
            }
            return true;
        }

        private List<String> header() throws FileFormatException {
            List<String> names = new ArrayList<>();
            int from = lines == 1 && bom() ? 3 : 0;
            for (int to; from <= length; from = to + 1) {
                to = fieldEnd(from);
                String name = name(from, to);
                if (name.isEmpty()) {
                    throw broken(from + 1, "an empty name");
                }
                if (name.indexOf('"') >= 0) {
                    throw broken(from + 1, "a quote in a name: expected names without quotes");
                }
                names.add(name);
            }
            return List.copyOf(names);
        }

        private String name(int from, int to) throws FileFormatException {
            try {
                // Unlike new String, this one refuses what is no UTF-8.
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(line, from, to - from))
                        .toString()
                        .strip();
            } catch (CharacterCodingException e) {
                throw broken(from + 1, "a name that is no UTF-8");
            }
        }

        private int row() throws FileFormatException {
            int count = 0;
            int from = lines == 1 && bom() ? 3 : 0;
            for (int to; from <= length; from = to + 1) {
                to = fieldEnd(from);
                add(number(from, to));
                count++;
            }
            return count;
        }

        private void add(float value) throws FileFormatException {
            if (filled == values.length) {
                if (filled == Arguments.LARGEST_ARRAY) {
                    throw broken(1, "more than " + filled + " numbers");
                }
                values = Arrays.copyOf(values, (int) Math.min(Arguments.LARGEST_ARRAY, 2L * filled));
            }
            values[filled++] = value;
        }

        private float number(int from, int to) throws FileFormatException {
            int first = from;
            int end = to;
            while (first < end && blank(line[first])) {
                first++;
            }
            while (end > first && blank(line[end - 1])) {
                end--;
            }
            // Only ASCII can be part of a number.
            String text = new String(line, first, end - first, StandardCharsets.ISO_8859_1);
            switch (text) {
                case "NaN", "nan" -> {
                    return Float.NaN;
                }
                case "Infinity", "inf" -> {
                    return Float.POSITIVE_INFINITY;
                }
                case "-Infinity", "-inf" -> {
                    return Float.NEGATIVE_INFINITY;
                }
                default -> {
                    // a number
                }
            }
            if (text.length() > MAX_FIELD) {
                throw broken(from + 1, "a field of " + text.length() + " characters: expected a number");
            }
            if (!NUMBER.matcher(text).matches()) {
                throw broken(from + 1, "\"" + text + "\": expected a number");
            }
            float value = Float.parseFloat(text);
            if (Float.isInfinite(value)) {
                throw broken(from + 1, "\"" + text + "\": expected a number within the range of floats");
            }
            return value;
        }

        private static boolean blank(byte b) {
            return b == ' ' || b == '\t';
        }

        private boolean bom() {
            return length >= 3 && line[0] == (byte) 0xEF && line[1] == (byte) 0xBB && line[2] == (byte) 0xBF;
        }

        private int fieldEnd(int from) {
            int to = from;
            while (to < length && line[to] != ',') {
                to++;
            }
            return to;
        }

        private FileFormatException broken(int column, String what) {
            return new FileFormatException(file, "line " + lines + ", column " + column, what);
        }
    }
}
