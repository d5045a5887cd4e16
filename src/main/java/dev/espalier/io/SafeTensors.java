package dev.espalier.io;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.StateArray;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntToLongFunction;

/**
 * A safetensors file: named arrays and a table of texts. Python's {@code safetensors} reads what this writes, and this reads what
 * that writes, of the element types in {@link Type}.
 *
 * <p>Layout: the length n of the header (8 bytes, little-endian), n bytes of JSON in UTF-8, then the elements of all tensors,
 * little-endian and row-major, without gaps. Written as the reference implementation does: tensors by descending {@link Type} and
 * then by name, the header padded with spaces to a multiple of 8.
 *
 * <p>Reading is strict: every byte of the data belongs to exactly one tensor, names are unique, a header holds nothing unknown and at
 * most 100 MB. Nothing is allocated before the size of the file has shown that it can hold it. The format has no checksum: a flipped
 * bit in the data goes unseen (a {@code train.Checkpoint} adds one).
 *
 * <p>Source: Hugging Face, safetensors, section "Format" of its README.
 */
public final class SafeTensors {
    /** As in the reference implementation. */
    static final int MAX_HEADER = 100_000_000;

    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, Stored> tensors;

    private SafeTensors(Path file, Map<String, String> metadata, Map<String, Stored> tensors) {
        this.file = file;
        this.metadata = Collections.unmodifiableMap(metadata);
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /** The element types, in the order of the reference implementation. {@link Builder} writes F32, F64 and I64. */
    public enum Type {
        /** A byte, true if it is not 0. */
        BOOL(1),
        /** 8 bits, unsigned. */
        U8(1),
        /** Two's complement of 8 bits. */
        I8(1),
        /** Two's complement of 16 bits. */
        I16(2),
        /** 16 bits, unsigned. */
        U16(2),
        /** Binary16. */
        F16(2),
        /** The upper half of binary32. */
        BF16(2),
        /** Two's complement of 32 bits. */
        I32(4),
        /** 32 bits, unsigned. */
        U32(4),
        /** Binary32, {@code float}. */
        F32(4),
        /** Binary64, {@code double}. */
        F64(8),
        /** Two's complement of 64 bits, {@code long}. */
        I64(8),
        /** 64 bits, unsigned. */
        U64(8);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    /** {@code array} is a byte[], short[], int[], float[], double[] or long[] as the type says. */
    private record Stored(Type type, int[] shape, Object array) {}

    /**
     * Reads a whole file.
     *
     * @throws FileFormatException if it is truncated, corrupt or holds anything this class does not know; the message names the
     *     byte
     * @throws IOException if the file cannot be read
     */
    public static SafeTensors read(Path file) throws IOException {
        Arguments.notNull("file", file);
        long size = Input.size(file);
        try (InputStream stream = Files.newInputStream(file)) {
            Input in = new Input(file, stream);
            if (size < Long.BYTES) {
                throw new FileFormatException(file, size, "the file ends inside the length of the header");
            }
            long length = in.longs(1)[0];
            if (length < 0 || length > MAX_HEADER) {
                throw new FileFormatException(
                        file,
                        0,
                        "a header of " + Long.toUnsignedString(length) + " bytes: expected at most " + MAX_HEADER);
            }
            if (length > size - Long.BYTES) {
                throw new FileFormatException(
                        file, 0, "a header of " + length + " bytes, but the file has " + size + " bytes");
            }
            TensorHeader header = new TensorHeader(file, in.bytes((int) length), Long.BYTES);
            List<TensorHeader.Entry> entries = contiguous(file, header, Long.BYTES + length, size);
            Map<String, Stored> tensors = LinkedHashMap.newLinkedHashMap(entries.size());
            for (TensorHeader.Entry entry : entries) {
                tensors.put(entry.name(), new Stored(entry.type(), entry.shape(), array(in, entry)));
            }
            in.end();
            return new SafeTensors(file, header.metadata, tensors);
        }
    }

    /** The tensors in the order of their data, which they must fill without gap or overlap. */
    private static List<TensorHeader.Entry> contiguous(Path file, TensorHeader header, long dataStart, long size)
            throws FileFormatException {
        long dataSize = size - dataStart;
        List<TensorHeader.Entry> entries = new ArrayList<>(header.entries.values());
        entries.sort(Comparator.comparingLong(TensorHeader.Entry::begin).thenComparingLong(TensorHeader.Entry::end));
        long end = 0;
        for (TensorHeader.Entry entry : entries) {
            if (entry.begin() != end) {
                throw new FileFormatException(
                        file,
                        entry.at(),
                        "tensor \"" + entry.name() + "\" begins at " + entry.begin() + " of the data: expected " + end
                                + ", where the one before ends");
            }
            end = entry.end();
            if (end > dataSize) {
                throw new FileFormatException(
                        file,
                        entry.at(),
                        "tensor \"" + entry.name() + "\" ends at " + end + " of the data, but there are " + dataSize
                                + " bytes");
            }
        }
        if (end != dataSize) {
            throw new FileFormatException(
                    file,
                    dataStart + end,
                    (dataSize - end) + " bytes follow the data of the last tensor: expected the end of the file");
        }
        return entries;
    }

    private static Object array(Input in, TensorHeader.Entry entry) throws IOException {
        int length = length(entry.shape());
        return switch (entry.type()) {
            case BOOL, U8, I8 -> in.bytes(length);
            case I16, U16, F16, BF16 -> in.shorts(length);
            case I32, U32 -> in.ints(length);
            case F32 -> in.floats(length);
            case F64 -> in.doubles(length);
            case I64, U64 -> in.longs(length);
        };
    }

    /** The number of elements, which has been checked to fit. */
    static int length(int[] shape) {
        int length = 1;
        for (int size : shape) {
            length *= size;
        }
        return length;
    }

    /** The file this was read from. */
    public Path file() {
        return file;
    }

    /** The table of texts, in the order of the file; empty if there is none. Cannot be changed. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The names of the tensors, in the order of their data. */
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** Whether there is a tensor of this name. */
    public boolean contains(String name) {
        return tensors.containsKey(Arguments.notNull("name", name));
    }

    /**
     * The type of the elements of a tensor.
     *
     * @throws FileFormatException if there is no such tensor
     */
    public Type type(String name) throws FileFormatException {
        return stored(name).type;
    }

    /**
     * A copy of the sizes of the axes of a tensor; none for a single number.
     *
     * @throws FileFormatException if there is no such tensor
     */
    public int[] shape(String name) throws FileFormatException {
        return stored(name).shape.clone();
    }

    /**
     * The elements of an F32 tensor, the array itself; or those of an F16 or BF16 tensor, each the same number as a float, in a new
     * array.
     *
     * @throws FileFormatException if there is no such tensor or it is of another type
     */
    public float[] floats(String name) throws FileFormatException {
        Stored stored = stored(name);
        return switch (stored.type) {
            case F32 -> (float[]) stored.array;
            case F16 -> widened((short[]) stored.array, false);
            case BF16 -> widened((short[]) stored.array, true);
            default -> throw wrongType(name, stored.type, "F32, F16 or BF16");
        };
    }

    /**
     * The elements of an F64 tensor, the array itself.
     *
     * @throws FileFormatException if there is no such tensor or it is of another type
     */
    public double[] doubles(String name) throws FileFormatException {
        Stored stored = stored(name);
        if (stored.array instanceof double[] array) {
            return array;
        }
        throw wrongType(name, stored.type, "F64");
    }

    /**
     * The elements of an I64 tensor, the array itself; or those of a tensor of any other integers or of BOOL (0 and 1), each the same
     * number as a long, in a new array.
     *
     * @throws FileFormatException if there is no such tensor, it is of another type, or an element is 2⁶³ or more
     */
    public long[] longs(String name) throws FileFormatException {
        Stored stored = stored(name);
        return switch (stored.array) {
            case long[] array when stored.type == Type.I64 -> array;
            case long[] array -> below63Bits(name, array);
            case int[] array ->
                widened(array.length, i -> stored.type == Type.U32 ? array[i] & 0xFFFF_FFFFL : array[i]);
            case short[] array when stored.type == Type.U16 -> widened(array.length, i -> array[i] & 0xFFFF);
            case short[] array when stored.type == Type.I16 -> widened(array.length, i -> array[i]);
            case byte[] array when stored.type == Type.BOOL -> widened(array.length, i -> array[i] == 0 ? 0 : 1);
            case byte[] array -> widened(array.length, i -> stored.type == Type.U8 ? array[i] & 0xFF : array[i]);
            default -> throw wrongType(name, stored.type, "I64 or other integers");
        };
    }

    /**
     * What is saved for a live array: new numbers under its name, for its {@link StateArray#set}. To restore several and change none if one
     * is missing, ask for all of them first.
     *
     * @throws FileFormatException if there is no tensor of its name, or one of another type or length
     */
    public StateArray state(StateArray live) throws FileFormatException {
        String name = Arguments.notNull("live", live).name();
        int[] expected = {live.length()};
        int[] shape = shape(name);
        if (!Arrays.equals(shape, expected)) {
            throw new FileFormatException(
                    file,
                    "tensor \"" + name + "\"",
                    "shape " + Arrays.toString(shape) + ": expected " + Arrays.toString(expected));
        }
        return switch (live) {
            case StateArray.Floats floats ->
                new StateArray.Floats(name, floats(name).clone());
            case StateArray.Doubles doubles ->
                new StateArray.Doubles(name, doubles(name).clone());
            case StateArray.Longs longs ->
                new StateArray.Longs(name, longs(name).clone());
        };
    }

    /** One tensor per line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("SafeTensors of " + tensors.size() + " tensors");
        tensors.forEach((name, stored) ->
                text.append("\n  ").append(name).append(' ').append(stored.type).append(Arrays.toString(stored.shape)));
        return text.toString();
    }

    private Stored stored(String name) throws FileFormatException {
        Stored stored = tensors.get(Arguments.notNull("name", name));
        if (stored == null) {
            throw new FileFormatException(file, "tensor \"" + name + "\"", "missing; there are " + tensors.keySet());
        }
        return stored;
    }

    private FileFormatException wrongType(String name, Type type, String expected) {
        return new FileFormatException(file, "tensor \"" + name + "\"", "type " + type + ": expected " + expected);
    }

    private long[] below63Bits(String name, long[] unsigned) throws FileFormatException {
        for (int i = 0; i < unsigned.length; i++) {
            if (unsigned[i] < 0) {
                String element = "element " + i + " = " + Long.toUnsignedString(unsigned[i]);
                throw new FileFormatException(file, "tensor \"" + name + "\"", element + ": expected less than 2^63");
            }
        }
        return unsigned.clone();
    }

    private static long[] widened(int length, IntToLongFunction element) {
        long[] longs = new long[length];
        Arrays.setAll(longs, element);
        return longs;
    }

    private static float[] widened(short[] halves, boolean brain) {
        float[] floats = new float[halves.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = brain ? Float.intBitsToFloat(halves[i] << 16) : Float.float16ToFloat(halves[i]);
        }
        return floats;
    }

    static boolean loneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    /** An empty file to put tensors in. */
    public static Builder builder() {
        return new Builder();
    }

    /** What goes into a file. Keeps the arrays, not copies: {@link #write} writes what they hold then. */
    public static final class Builder {
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final Map<String, Window> tensors = new LinkedHashMap<>();

        private record Window(String name, byte[] key, Type type, int[] shape, Object array, int offset, int length) {
            long bytes() {
                return (long) length * type.bytes();
            }
        }

        private Builder() {}

        /**
         * Adds a text to the table.
         *
         * @throws IllegalArgumentException if the key is taken, or a text has half of a surrogate pair
         */
        public Builder metadata(String key, String value) {
            text("key", key);
            text("value", value);
            if (metadata.putIfAbsent(key, value) != null) {
                throw Arguments.expected("key", "\"" + key + "\"", "a key not yet taken");
            }
            return this;
        }

        /**
         * Adds a tensor of type F32.
         *
         * @param shape the sizes of the axes; none for a vector of the length of the array
         * @throws IllegalArgumentException if the name is taken, is {@code __metadata__} or has half of a surrogate pair, or the
         *     shape is not that of the array
         */
        public Builder add(String name, float[] array, int... shape) {
            return add(name, Type.F32, Arguments.notNull("array", array), 0, array.length, shape);
        }

        /** Adds a tensor of type F64, as {@link #add(String, float[], int...)}. */
        public Builder add(String name, double[] array, int... shape) {
            return add(name, Type.F64, Arguments.notNull("array", array), 0, array.length, shape);
        }

        /** Adds a tensor of type I64, as {@link #add(String, float[], int...)}. */
        public Builder add(String name, long[] array, int... shape) {
            return add(name, Type.I64, Arguments.notNull("array", array), 0, array.length, shape);
        }

        /** Adds the numbers of an optimizer or a clip under their name, as {@link #add(String, float[], int...)}. */
        public Builder add(StateArray state) {
            return switch (Arguments.notNull("state", state)) {
                case StateArray.Floats floats -> add(floats.name(), floats.array());
                case StateArray.Doubles doubles -> add(doubles.name(), doubles.array());
                case StateArray.Longs longs -> add(longs.name(), longs.array());
            };
        }

        /**
         * Adds the window {@code array[offset .. offset + n)}, n being the product of the shape; no axis is a single number.
         *
         * @throws IllegalArgumentException as {@link #add(String, float[], int...)}
         * @throws IndexOutOfBoundsException if the window is not within the array
         */
        public Builder addWindow(String name, float[] array, int offset, int... shape) {
            int length = product(name, shape);
            Arguments.window("array", array, offset, length);
            return put(name, Type.F32, array, offset, length, shape.clone());
        }

        /**
         * Writes the file: to a temporary file beside it, forced to disk, then moved into place atomically. The file is the old or
         * the new one whatever happens. A symbolic link is replaced, not followed.
         *
         * @throws IllegalArgumentException if the header would exceed 100 MB
         * @throws IOException if the file cannot be written; the temporary file is gone then
         */
        public void write(Path file) throws IOException {
            Arguments.notNull("file", file);
            List<Window> sorted = new ArrayList<>(tensors.values());
            sorted.sort(
                    Comparator.comparing(Window::type).reversed().thenComparing(Window::key, Arrays::compareUnsigned));
            byte[] header = header(sorted).getBytes(StandardCharsets.UTF_8);
            if (header.length > MAX_HEADER) {
                throw Arguments.expected("size of the header", header.length, "at most " + MAX_HEADER + " bytes");
            }
            AtomicFile.write(file, out -> {
                Output output = new Output(out);
                output.put(header);
                for (Window window : sorted) {
                    output.put(window);
                }
                output.flush();
            });
        }

        private Builder add(String name, Type type, Object array, int offset, int length, int[] shape) {
            Arguments.notNull("shape", shape);
            int[] sizes = shape.length == 0 ? new int[] {length} : shape.clone();
            if (product(name, sizes) != length) {
                throw Arguments.expected(
                        "shape of " + name, Arrays.toString(shape), length + " elements, as the array has");
            }
            return put(name, type, array, offset, length, sizes);
        }

        private Builder put(String name, Type type, Object array, int offset, int length, int[] shape) {
            text("name", name);
            if (name.equals(TensorHeader.METADATA) || tensors.containsKey(name)) {
                throw Arguments.expected("name", "\"" + name + "\"", "a name not yet taken");
            }
            byte[] key = name.getBytes(StandardCharsets.UTF_8);
            tensors.put(name, new Window(name, key, type, shape, array, offset, length));
            return this;
        }

        private static int product(String name, int[] shape) {
            Arguments.notNull("shape", shape);
            if (shape.length > TensorHeader.MAX_RANK) {
                throw Arguments.expected("rank of " + name, shape.length, "at most " + TensorHeader.MAX_RANK);
            }
            int length = 1;
            for (int axis = 0; axis < shape.length; axis++) {
                length = Arguments.product(
                        "size of " + name,
                        length,
                        Arguments.notNegative("shape[" + axis + "] of " + name, shape[axis]));
            }
            return length;
        }

        private static void text(String what, String text) {
            if (loneSurrogate(Arguments.notNull(what, text))) {
                throw Arguments.expected(what, "\"" + text + "\"", "no half of a surrogate pair");
            }
        }

        private String header(List<Window> sorted) {
            StringBuilder json = new StringBuilder("{");
            if (!metadata.isEmpty()) {
                quote(json, TensorHeader.METADATA);
                char separator = '{';
                json.append(':');
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    quote(json.append(separator), entry.getKey());
                    quote(json.append(':'), entry.getValue());
                    separator = ',';
                }
                json.append('}');
            }
            long offset = 0;
            for (Window window : sorted) {
                quote(json.append(json.length() == 1 ? "" : ","), window.name);
                json.append(":{\"dtype\":\"").append(window.type).append("\",\"shape\":[");
                for (int axis = 0; axis < window.shape.length; axis++) {
                    json.append(axis == 0 ? "" : ",").append(window.shape[axis]);
                }
                json.append("],\"data_offsets\":[").append(offset).append(',');
                offset += window.bytes();
                json.append(offset).append("]}");
            }
            return json.append('}').toString();
        }

        private static void quote(StringBuilder json, String text) {
            json.append('"');
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                switch (c) {
                    case '"', '\\' -> json.append('\\').append(c);
                    case '\b' -> json.append("\\b");
                    case '\f' -> json.append("\\f");
                    case '\n' -> json.append("\\n");
                    case '\r' -> json.append("\\r");
                    case '\t' -> json.append("\\t");
                    default -> {
                        if (c < ' ') {
                            json.append(c < 0x10 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
                        } else {
                            json.append(c);
                        }
                    }
                }
            }
            json.append('"');
        }

        /** Little-endian bytes through one small buffer. */
        private static final class Output {
            private final OutputStream out;
            private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

            Output(OutputStream out) {
                this.out = out;
            }

            void put(byte[] header) throws IOException {
                int padding = -header.length & 7;
                buffer.putLong(header.length + padding);
                flush();
                out.write(header);
                out.write("        ".getBytes(StandardCharsets.US_ASCII), 0, padding);
            }

            void put(Window window) throws IOException {
                for (int done = 0, n; done < window.length; done += n) {
                    if (buffer.remaining() < Long.BYTES) {
                        flush();
                    }
                    int bytes = window.type.bytes();
                    int from = window.offset + done;
                    n = Math.min(window.length - done, buffer.remaining() / bytes);
                    switch (window.array) {
                        case float[] floats -> buffer.asFloatBuffer().put(floats, from, n);
                        case double[] doubles -> buffer.asDoubleBuffer().put(doubles, from, n);
                        case long[] longs -> buffer.asLongBuffer().put(longs, from, n);
                        default -> throw new AssertionError(window.type);
                    }
                    buffer.position(buffer.position() + n * bytes);
                }
            }

            void flush() throws IOException {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
    }
}
