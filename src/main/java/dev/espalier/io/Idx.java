package dev.espalier.io;

import dev.espalier.internal.Arguments;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * An IDX file of unsigned bytes, the format of the MNIST files, plain or gzip-compressed.
 *
 * <p>Layout: two zero bytes, the element type (0x08), the rank (1 to 4), one big-endian 32-bit size per dimension, then
 * the elements, last dimension fastest. Images have dimensions {@code [count, rows, columns]}, labels {@code [count]}.
 * Whether a file is compressed is decided by its first bytes, not by its name.
 *
 * <p>Source: LeCun, Cortes, Burges: The MNIST database of handwritten digits, section "File formats"; RFC 1952 for
 * gzip.
 */
public final class Idx {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int MAX_RANK = 4;
    // Deflate spends at least two bits on 258 bytes.
    private static final long MAX_GZIP_RATIO = 1032;
    // MNIST images compress to a fifth. Below this ratio the first allocation is the last one.
    private static final long USUAL_GZIP_RATIO = 8;

    private final int[] dimensions;
    private final byte[] data;

    private Idx(int[] dimensions, byte[] data) {
        this.dimensions = dimensions;
        this.data = data;
    }

    /**
     * Reads a whole file.
     *
     * @throws FileFormatException if the file is truncated, oversized, corrupt or no IDX file of unsigned bytes; the message
     *     names the file and the byte offset (of the decompressed data where it says so)
     * @throws IOException if the file cannot be read
     */
    public static Idx read(Path file) throws IOException {
        Arguments.notNull("file", file);
        long size = Input.size(file);
        try (InputStream raw = Files.newInputStream(file)) {
            BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
            in.mark(2);
            boolean gzip = in.read() == Gzip.MAGIC_0 && in.read() == Gzip.MAGIC_1;
            in.reset();
            if (!gzip) {
                return new Parser(file, in, size, false).parse();
            }
            try (Gzip unzipped = new Gzip(file, in)) {
                return new Parser(file, unzipped, size, true).parse();
            }
        }
    }

    /** The number of dimensions, 1 to 4. */
    public int rank() {
        return dimensions.length;
    }

    /**
     * The size of one dimension, at least 1.
     *
     * @throws IndexOutOfBoundsException if there is no such axis
     */
    public int dimension(int axis) {
        return dimensions[Arguments.index("axis", axis, dimensions.length)];
    }

    /** A copy of the dimensions. Their product is the length of {@link #data()}. */
    public int[] dimensions() {
        return dimensions.clone();
    }

    /** The elements, last dimension fastest. The array itself, not a copy; its bytes are unsigned. */
    public byte[] data() {
        return data;
    }

    /**
     * {@code out[i] = (data[i] & 0xFF) / divisor}, correctly rounded. A divisor of 255 takes grey values to [0, 1].
     *
     * @throws IllegalArgumentException if the divisor is not a finite number above 0
     */
    public float[] toFloats(float divisor) {
        Arguments.positiveFinite("divisor", divisor);
        float[] quotient = new float[256];
        for (int i = 0; i < quotient.length; i++) {
            quotient[i] = i / divisor;
        }
        float[] out = new float[data.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = quotient[data[i] & 0xFF];
        }
        return out;
    }

    /** {@code out[i] = data[i] & 0xFF}: labels as the losses take them. */
    public int[] toInts() {
        int[] out = new int[data.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = data[i] & 0xFF;
        }
        return out;
    }

    /** For example {@code Idx[10000, 28, 28]}. */
    @Override
    public String toString() {
        return "Idx" + Arrays.toString(dimensions);
    }

    /** One pass over one file. {@code position} counts the bytes of the IDX data, after decompression. */
    private static final class Parser {
        private final Path file;
        private final InputStream in;
        private final long fileSize;
        private final boolean gzip;
        private long position;

        Parser(Path file, InputStream in, long fileSize, boolean gzip) {
            this.file = file;
            this.in = in;
            this.fileSize = fileSize;
            this.gzip = gzip;
        }

        Idx parse() throws IOException {
            int[] dimensions = dimensions();
            int length = length(dimensions);
            checkPlausible(length);
            byte[] data = data(length);
            if (in.read() >= 0) {
                throw broken(position, "data goes on after the " + length + " elements that the header declares");
            }
            return new Idx(dimensions, data);
        }

        private int[] dimensions() throws IOException {
            for (int i = 0; i < 2; i++) {
                if (headerByte() != 0) {
                    throw broken(position - 1, "no IDX file: expected it to start with two zero bytes");
                }
            }
            int type = headerByte();
            if (type != UNSIGNED_BYTE) {
                throw broken(2, String.format("element type 0x%02X: expected 0x08, unsigned byte", type));
            }
            int rank = headerByte();
            if (rank < 1 || rank > MAX_RANK) {
                throw broken(3, "rank " + rank + ": expected 1 to " + MAX_RANK);
            }
            int[] dimensions = new int[rank];
            for (int i = 0; i < rank; i++) {
                int size = headerByte() << 24 | headerByte() << 16 | headerByte() << 8 | headerByte();
                if (size <= 0) {
                    throw broken(
                            position - 4,
                            "dimension " + i + " = " + Integer.toUnsignedString(size) + ": expected 1 to "
                                    + Integer.MAX_VALUE);
                }
                dimensions[i] = size;
            }
            return dimensions;
        }

        private int headerByte() throws IOException {
            int b = in.read();
            if (b < 0) {
                throw broken(position, "the file ends inside the header");
            }
            position++;
            return b;
        }

        /** The product of the dimensions, which must be the length of an array. */
        private int length(int[] dimensions) throws IOException {
            long length = 1;
            for (int i = 0; i < dimensions.length; i++) {
                length *= dimensions[i];
                if (length > Arguments.LARGEST_ARRAY) {
                    throw broken(
                            4 + 4L * i,
                            "dimensions " + Arrays.toString(dimensions) + " multiply to more than "
                                    + Arguments.LARGEST_ARRAY + " elements");
                }
            }
            return (int) length;
        }

        /** Fails before the data is allocated if a file of this size cannot hold it. */
        private void checkPlausible(int length) throws IOException {
            long total = position + length;
            if (gzip) {
                if (total > fileSize * MAX_GZIP_RATIO) {
                    throw broken(
                            4,
                            "the header declares " + length + " elements, more than " + fileSize
                                    + " compressed bytes can hold");
                }
            } else if (fileSize < total) {
                throw broken(
                        fileSize,
                        "the file ends here, the header declares " + length + " elements: expected " + total
                                + " bytes");
            } else if (fileSize > total) {
                throw broken(
                        total,
                        "data goes on after the " + length + " elements that the header declares, to byte " + fileSize);
            }
        }

        private byte[] data(int length) throws IOException {
            // A compressed file earns more memory only by filling what it has.
            byte[] data = new byte[gzip ? (int) Math.min(length, fileSize * USUAL_GZIP_RATIO) : length];
            int filled = 0;
            while (filled < length) {
                if (filled == data.length) {
                    data = Arrays.copyOf(data, (int) Math.min(length, 2L * data.length));
                }
                int n = in.read(data, filled, data.length - filled);
                if (n < 0) {
                    throw broken(
                            position,
                            "the data ends after " + filled + " of the " + length + " elements the header declares");
                }
                filled += n;
                position += n;
            }
            return data;
        }

        private FileFormatException broken(long offset, String what) {
            return new FileFormatException(file, "byte " + offset + (gzip ? " of the decompressed data" : ""), what);
        }
    }
}
