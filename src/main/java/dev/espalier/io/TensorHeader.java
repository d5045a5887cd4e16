package dev.espalier.io;

import dev.espalier.internal.Arguments;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The header of a safetensors file: a parser for this one JSON schema (RFC 8259), so that nothing nests deeper than the schema does
 * and nothing is built but what the header may hold. Offsets in messages count bytes of the file.
 */
final class TensorHeader {
    static final String METADATA = "__metadata__";

    /** As many axes as numpy has. A shape of a million ones helps nobody. */
    static final int MAX_RANK = 64;

    private final Path file;
    private final byte[] json;
    private final long start; // offset in the file of json[0]
    private int next;

    final Map<String, String> metadata = new LinkedHashMap<>();
    final Map<String, Entry> entries = new LinkedHashMap<>();

    /** What the header says of one tensor. The offsets count from the end of the header; {@code at} is where it says so. */
    record Entry(String name, SafeTensors.Type type, int[] shape, long begin, long end, long at) {}

    TensorHeader(Path file, byte[] json, long start) throws FileFormatException {
        this.file = file;
        this.json = json;
        this.start = start;
        if (json.length == 0 || json[0] != '{') {
            throw broken(0, "expected the header to start with '{'");
        }
        boolean hasMetadata = false;
        for (boolean more = open('{', '}'); more; more = another('}')) {
            int at = next;
            String name = key();
            if (!name.equals(METADATA)) {
                if (entries.containsKey(name)) {
                    throw broken(at, "the name \"" + name + "\" stands there twice");
                }
                entries.put(name, entry(name, at));
            } else if (hasMetadata) {
                throw broken(at, METADATA + " stands there twice");
            } else {
                hasMetadata = true;
                metadata();
            }
        }
        skipSpace();
        if (next < json.length) {
            throw broken(next, "the header goes on after its object");
        }
    }

    private void metadata() throws FileFormatException {
        for (boolean more = open('{', '}'); more; more = another('}')) {
            int at = next;
            String key = key();
            if (metadata.containsKey(key)) {
                throw broken(at, "the key \"" + key + "\" of " + METADATA + " stands there twice");
            }
            metadata.put(key, string());
        }
    }

    private Entry entry(String name, int at) throws FileFormatException {
        SafeTensors.Type type = null;
        int[] shape = null;
        long[] offsets = null;
        for (boolean more = open('{', '}'); more; more = another('}')) {
            int keyAt = next;
            String key = key();
            boolean twice;
            switch (key) {
                case "dtype" -> {
                    twice = type != null;
                    type = type();
                }
                case "shape" -> {
                    twice = shape != null;
                    shape = shape();
                }
                case "data_offsets" -> {
                    twice = offsets != null;
                    offsets = offsets();
                }
                default -> throw broken(keyAt, "key \"" + key + "\": expected dtype, shape or data_offsets");
            }
            if (twice) {
                throw broken(keyAt, "the key " + key + " stands there twice");
            }
        }
        if (type == null || shape == null || offsets == null) {
            throw broken(at, "tensor \"" + name + "\": expected dtype, shape and data_offsets");
        }
        check(name, at, type, shape, offsets);
        return new Entry(name, type, shape, offsets[0], offsets[1], start + at);
    }

    private void check(String name, int at, SafeTensors.Type type, int[] shape, long[] offsets)
            throws FileFormatException {
        long bytes = type.bytes() * (long) SafeTensors.length(shape);
        if (offsets[1] - offsets[0] != bytes) {
            throw broken(
                    at,
                    "tensor \"" + name + "\": data_offsets " + Arrays.toString(offsets) + ": expected " + bytes
                            + " bytes for " + type + Arrays.toString(shape));
        }
    }

    private SafeTensors.Type type() throws FileFormatException {
        int at = next;
        String text = string();
        for (SafeTensors.Type type : SafeTensors.Type.values()) {
            if (type.name().equals(text)) {
                return type;
            }
        }
        throw broken(at, "dtype \"" + text + "\": expected one of " + Arrays.toString(SafeTensors.Type.values()));
    }

    private int[] shape() throws FileFormatException {
        int[] shape = new int[4];
        int rank = 0;
        long length = 1;
        for (boolean more = open('[', ']'); more; more = another(']')) {
            int at = next;
            long size = number();
            if (rank == MAX_RANK) {
                throw broken(at, "expected at most " + MAX_RANK + " axes");
            }
            // The product of the sizes so far is below 2^31, so this cannot overflow if the size is too.
            if (size > Arguments.LARGEST_ARRAY || length * size > Arguments.LARGEST_ARRAY) {
                throw broken(at, "the shape holds more than " + Arguments.LARGEST_ARRAY + " elements");
            }
            length *= size;
            if (rank == shape.length) {
                shape = Arrays.copyOf(shape, 2 * rank);
            }
            shape[rank++] = (int) size;
        }
        return Arrays.copyOf(shape, rank);
    }

    private long[] offsets() throws FileFormatException {
        int at = next;
        long[] offsets = new long[2];
        int count = 0;
        for (boolean more = open('[', ']'); more; more = another(']')) {
            long offset = number();
            if (count < 2) {
                offsets[count] = offset;
            }
            count++;
        }
        if (count != 2 || offsets[0] > offsets[1]) {
            throw broken(at, "data_offsets: expected two numbers, begin <= end");
        }
        return offsets;
    }

    /** Passes the opening bracket; whether something follows before the closing one. */
    private boolean open(char open, char close) throws FileFormatException {
        expect(open);
        if (peek() == close) {
            next++;
            return false;
        }
        return true;
    }

    /** Passes a comma, or the closing bracket and returns false. */
    private boolean another(char close) throws FileFormatException {
        int c = peek();
        if (c != ',' && c != close) {
            throw broken(next, "expected ',' or '" + close + "'");
        }
        next++;
        skipSpace();
        return c == ',';
    }

    private String key() throws FileFormatException {
        String key = string();
        expect(':');
        return key;
    }

    private void expect(char c) throws FileFormatException {
        if (peek() != c) {
            throw broken(next, "expected '" + c + "'");
        }
        next++;
        skipSpace();
    }

    /** The next byte that is no white space; −1 at the end. */
    private int peek() {
        skipSpace();
        return next < json.length ? json[next] & 0xFF : -1;
    }

    private void skipSpace() {
        while (next < json.length
                && (json[next] == ' ' || json[next] == '\n' || json[next] == '\r' || json[next] == '\t')) {
            next++;
        }
    }

    private long number() throws FileFormatException {
        int c = peek();
        int from = next;
        long value = 0;
        while (next < json.length && json[next] >= '0' && json[next] <= '9') {
            int digit = json[next] - '0';
            if (value > (Long.MAX_VALUE - digit) / 10) {
                throw broken(from, "a number beyond 2^63");
            }
            value = 10 * value + digit;
            next++;
        }
        if (next == from || (c == '0' && next > from + 1)) {
            throw broken(from, "expected a whole number at least 0, without leading zeros");
        }
        return value;
    }

    private String string() throws FileFormatException {
        if (peek() != '"') {
            throw broken(next, "expected a string");
        }
        int from = ++next;
        while (next < json.length && json[next] != '"' && json[next] != '\\' && (json[next] & 0xFF) >= ' ') {
            next++;
        }
        String text = utf8(from);
        if (next == json.length || json[next] == '"') {
            return closed(text, from);
        }
        StringBuilder all = new StringBuilder(text);
        while (next < json.length && json[next] != '"') {
            if (json[next] == '\\') {
                all.append(escaped());
                continue;
            }
            if ((json[next] & 0xFF) < ' ') {
                throw broken(next, "a control character in a string");
            }
            int run = next;
            while (next < json.length && json[next] != '"' && json[next] != '\\' && (json[next] & 0xFF) >= ' ') {
                next++;
            }
            all.append(utf8(run));
        }
        String decoded = all.toString();
        if (SafeTensors.loneSurrogate(decoded)) {
            throw broken(from, "half of a surrogate pair in a string");
        }
        return closed(decoded, from);
    }

    private String closed(String text, int from) throws FileFormatException {
        if (next == json.length) {
            throw broken(from - 1, "a string without end");
        }
        next++;
        return text;
    }

    private char escaped() throws FileFormatException {
        int at = next++;
        int c = next < json.length ? json[next++] : -1;
        return switch (c) {
            case '"', '\\', '/' -> (char) c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = next < json.length ? hex(json[next++]) : -1;
                    if (digit < 0) {
                        throw broken(at, "expected four hexadecimal digits after \\u");
                    }
                    code = 16 * code + digit;
                }
                yield (char) code;
            }
            default -> throw broken(at, "unknown escape in a string");
        };
    }

    /** The value of an ASCII digit alone: Character.digit knows many more. */
    private static int hex(byte c) {
        return c < 0 ? -1 : Character.digit(c, 16);
    }

    private String utf8(int from) throws FileFormatException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(json, from, next - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw broken(from, "a string that is not UTF-8");
        }
    }

    private FileFormatException broken(int at, String what) {
        return new FileFormatException(file, start + at, at < json.length ? what : what + " before the header ends");
    }
}
