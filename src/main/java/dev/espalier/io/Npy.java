package dev.espalier.io;

import dev.espalier.internal.Arguments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A NumPy array file of one array in C order: float32, float64, int32, int64 or uint8, little-endian.
 *
 * <p>Layout: {@code \x93NUMPY}, two bytes of version (1.0, 2.0 or 3.0), the length of the header (16 bits, from 2.0 on 32), a Python
 * dictionary with {@code descr}, {@code fortran_order} and {@code shape}, then the elements. Objects (pickles), structured types,
 * Fortran order and big-endian numbers are refused; nothing in a file is ever executed.
 *
 * <p>Source: NumPy Enhancement Proposal 1, and numpy.lib.format for versions 2 and 3.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

    /** NumPy itself refuses longer headers of untrusted files. */
    private static final int MAX_HEADER = 10_000;

    /** NumPy aligns its data so, for those who map the file. */
    private static final int ALIGNMENT = 64;

    /** Room for the first axis to grow, which NumPy leaves in the header. */
    private static final int GROWTH = 21;

    private static final Pattern FIELD =
            Pattern.compile("\\s*(['\"])(\\w+)\\1\\s*:\\s*(?:(True|False)|(['\"])([^'\"]*)\\4|\\(([\\d\\s,]*)\\))\\s*");

    private final int[] shape;
    private final Object array;

    private Npy(int[] shape, Object array) {
        this.shape = shape;
        this.array = array;
    }

    /**
     * Reads a whole file.
     *
     * @throws FileFormatException if it is truncated, oversized, corrupt or holds anything this class does not know; the message
     *     names the byte
     * @throws IOException if the file cannot be read
     */
    public static Npy read(Path file) throws IOException {
        Arguments.notNull("file", file);
        long size = Input.size(file);
        try (InputStream stream = Files.newInputStream(file)) {
            Input in = new Input(file, stream);
            byte[] start = in.bytes(8);
            if (!Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
                throw new FileFormatException(file, 0, "no npy file: expected it to start with \\x93NUMPY");
            }
            int major = start[6];
            if (major < 1 || major > 3 || start[7] != 0) {
                throw new FileFormatException(
                        file, 6, "version " + (major & 0xFF) + "." + (start[7] & 0xFF) + ": expected 1.0, 2.0 or 3.0");
            }
            int lengthBytes = major == 1 ? 2 : 4;
            long length = 0;
            byte[] lengths = in.bytes(lengthBytes);
            for (int i = 0; i < lengthBytes; i++) {
                length |= (lengths[i] & 0xFFL) << (8 * i);
            }
            int headerAt = 8 + lengthBytes;
            if (length > Math.min(MAX_HEADER, size - headerAt)) {
                throw new FileFormatException(
                        file,
                        8,
                        "a header of " + length + " bytes: expected at most " + MAX_HEADER + ", in a file of " + size
                                + " bytes");
            }
            Header header = Header.parse(file, headerAt, new String(in.bytes((int) length), StandardCharsets.UTF_8));
            long expected = headerAt + length + header.bytes();
            if (size != expected) {
                throw new FileFormatException(
                        file,
                        Math.min(size, expected),
                        (size < expected ? "the file ends here" : "data goes on after the last element") + ": "
                                + header.descr + Arrays.toString(header.shape) + " makes " + expected
                                + " bytes, but the file has " + size);
            }
            Object array = header.array(in);
            in.end();
            return new Npy(header.shape, array);
        }
    }

    /**
     * Writes a float32 array as NumPy does, version 1.0: to a temporary file beside it, forced to disk, then moved into place.
     *
     * @param shape the sizes of the axes; none for a vector of the length of the array
     * @throws IllegalArgumentException if the shape is not that of the array
     * @throws IOException if the file cannot be written; an older file of this name is as it was
     */
    public static void write(Path file, float[] array, int... shape) throws IOException {
        Arguments.notNull("file", file);
        Arguments.notNull("array", array);
        Arguments.notNull("shape", shape);
        int[] sizes = shape.length == 0 ? new int[] {array.length} : shape.clone();
        if (sizes.length > TensorHeader.MAX_RANK) {
            throw Arguments.expected("rank", sizes.length, "at most " + TensorHeader.MAX_RANK);
        }
        int length = 1;
        for (int axis = 0; axis < sizes.length; axis++) {
            length = Arguments.product("size", length, Arguments.notNegative("shape[" + axis + "]", sizes[axis]));
        }
        if (length != array.length) {
            throw Arguments.expected("shape", Arrays.toString(shape), array.length + " elements, as the array has");
        }
        byte[] header = header(sizes);
        AtomicFile.write(file, out -> {
            out.write(header);
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
            for (int done = 0, n; done < array.length; done += n) {
                n = Math.min(array.length - done, buffer.capacity() / Float.BYTES);
                buffer.asFloatBuffer().put(array, done, n);
                out.write(buffer.array(), 0, n * Float.BYTES);
            }
        });
    }

    private static byte[] header(int[] shape) {
        StringBuilder text = new StringBuilder("{'descr': '<f4', 'fortran_order': False, 'shape': (");
        for (int axis = 0; axis < shape.length; axis++) {
            text.append(axis == 0 ? "" : " ")
                    .append(shape[axis])
                    .append(axis < shape.length - 1 || axis == 0 ? "," : "");
        }
        text.append("), }")
                .append(" ".repeat(GROWTH - Integer.toString(shape[0]).length()));
        int start = MAGIC.length + 4;
        int padding = ALIGNMENT - (start + text.length() + 1) % ALIGNMENT;
        text.append(" ".repeat(padding)).append('\n');
        ByteBuffer header = ByteBuffer.allocate(start + text.length()).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length());
        return header.put(text.toString().getBytes(StandardCharsets.US_ASCII)).array();
    }

    /** A copy of the sizes of the axes; none for a single number. */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The elements as floats: the array itself if the file holds float32, else a new one with each number rounded to the nearest.
     */
    public float[] toFloats() {
        return switch (array) {
            case float[] floats -> floats;
            case double[] doubles -> {
                float[] out = new float[doubles.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = (float) doubles[i];
                }
                yield out;
            }
            case byte[] bytes -> {
                float[] out = new float[bytes.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = bytes[i] & 0xFF;
                }
                yield out;
            }
            case int[] ints -> {
                float[] out = new float[ints.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = ints[i];
                }
                yield out;
            }
            default -> {
                long[] longs = (long[]) array;
                float[] out = new float[longs.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = longs[i];
                }
                yield out;
            }
        };
    }

    /**
     * The elements as ints, labels for example: the array itself if the file holds int32, else a new one.
     *
     * @throws IllegalArgumentException if the file holds floats, or a number is no int
     */
    public int[] toInts() {
        return switch (array) {
            case int[] ints -> ints;
            case byte[] bytes -> {
                int[] out = new int[bytes.length];
                for (int i = 0; i < out.length; i++) {
                    out[i] = bytes[i] & 0xFF;
                }
                yield out;
            }
            case long[] longs -> {
                int[] out = new int[longs.length];
                for (int i = 0; i < out.length; i++) {
                    if (longs[i] != (int) longs[i]) {
                        throw Arguments.expected("element " + i, longs[i], "a number that is an int");
                    }
                    out[i] = (int) longs[i];
                }
                yield out;
            }
            default -> throw Arguments.expected("elements", array.getClass().getComponentType(), "integers");
        };
    }

    /** For example {@code Npy float[60000, 784]}. */
    @Override
    public String toString() {
        return "Npy " + array.getClass().getComponentType() + Arrays.toString(shape);
    }

    private record Header(String descr, int[] shape) {
        static Header parse(Path file, int at, String text) throws FileFormatException {
            String trimmed = text.strip();
            if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) {
                throw new FileFormatException(file, at, "expected a header in braces");
            }
            String descr = null;
            String order = null;
            String shape = null;
            Matcher field = FIELD.matcher(trimmed);
            int from = 1;
            int end = trimmed.length() - 1;
            while (from < end && !trimmed.substring(from, end).isBlank()) {
                if (!field.region(from, end).lookingAt()) {
                    throw new FileFormatException(
                            file, at + from, "expected descr, fortran_order or shape and its value");
                }
                String key = field.group(2);
                if (key.equals("descr") && field.group(5) != null && descr == null) {
                    descr = field.group(5);
                } else if (key.equals("fortran_order") && field.group(3) != null && order == null) {
                    order = field.group(3);
                } else if (key.equals("shape") && field.group(6) != null && shape == null) {
                    shape = field.group(6);
                } else {
                    throw new FileFormatException(
                            file,
                            at + from,
                            "key " + key + ": unknown, there twice, or with a value of the wrong kind");
                }
                from = field.end();
                if (from < end && trimmed.charAt(from++) != ',') {
                    throw new FileFormatException(file, at + from - 1, "expected ','");
                }
            }
            if (descr == null || order == null || shape == null) {
                throw new FileFormatException(file, at, "expected descr, fortran_order and shape");
            }
            if (!order.equals("False")) {
                throw new FileFormatException(
                        file, at, "fortran_order " + order + ": expected False, as numpy.ascontiguousarray makes it");
            }
            Header header = new Header(descr, shape(file, at, shape));
            if (header.size() == 0) {
                throw new FileFormatException(
                        file, at, "descr '" + descr + "': expected one of '<f4', '<f8', '<i4', '<i8' and '|u1'");
            }
            return header;
        }

        /** A tuple of one has a comma behind it in Python, others may have. */
        private static int[] shape(Path file, int at, String text) throws FileFormatException {
            if (text.isBlank()) {
                return new int[0];
            }
            String[] parts = text.split(",", -1);
            int rank = parts.length > 1 && parts[parts.length - 1].isBlank() ? parts.length - 1 : parts.length;
            if (rank > TensorHeader.MAX_RANK || (rank == 1 && parts.length == 1)) {
                throw new FileFormatException(
                        file,
                        at,
                        "shape (" + text + "): expected a tuple of at most " + TensorHeader.MAX_RANK + " sizes");
            }
            int[] shape = new int[rank];
            long length = 1;
            for (int axis = 0; axis < rank; axis++) {
                String size = parts[axis].strip();
                // Ten digits fit into a long, and so does their product with an array's length.
                if (!size.matches("[0-9]{1,10}")) {
                    throw new FileFormatException(file, at, "shape (" + text + "): expected sizes of an array");
                }
                long value = Long.parseLong(size);
                length *= value;
                if (value > Arguments.LARGEST_ARRAY || length > Arguments.LARGEST_ARRAY) {
                    throw new FileFormatException(
                            file,
                            at,
                            "shape (" + text + "): expected at most " + Arguments.LARGEST_ARRAY + " elements");
                }
                shape[axis] = (int) value;
            }
            return shape;
        }

        /** Bytes of one element; 0 for types that are not known. */
        private int size() {
            return switch (descr) {
                case "|u1" -> 1;
                case "<f4", "<i4" -> 4;
                case "<f8", "<i8" -> 8;
                default -> 0;
            };
        }

        long bytes() {
            return (long) size() * SafeTensors.length(shape);
        }

        Object array(Input in) throws IOException {
            int length = SafeTensors.length(shape);
            return switch (descr) {
                case "|u1" -> in.bytes(length);
                case "<f4" -> in.floats(length);
                case "<f8" -> in.doubles(length);
                case "<i4" -> in.ints(length);
                default -> in.longs(length);
            };
        }
    }
}
