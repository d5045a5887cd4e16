package dev.espalier.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Numbers from a file of known size, through one small buffer. */
final class Input {
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final byte[] bytes = new byte[BUFFER];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes);
    private long position;

    Input(Path file, InputStream in) {
        this.file = file;
        this.in = in;
        order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The size of a regular file, or an exception that says why there is none. */
    static long size(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "no such file");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": not a regular file");
        }
        return Files.size(file);
    }

    void order(ByteOrder order) {
        buffer.order(order);
    }

    /** So many bytes. The caller knows that the file holds them. */
    byte[] bytes(int length) throws IOException {
        byte[] out = new byte[length];
        fill(out, length);
        return out;
    }

    float[] floats(int length) throws IOException {
        float[] out = new float[length];
        for (int done = 0, n; done < length; done += n) {
            n = take(Float.BYTES, length - done);
            buffer.asFloatBuffer().get(out, done, n);
        }
        return out;
    }

    double[] doubles(int length) throws IOException {
        double[] out = new double[length];
        for (int done = 0, n; done < length; done += n) {
            n = take(Double.BYTES, length - done);
            buffer.asDoubleBuffer().get(out, done, n);
        }
        return out;
    }

    long[] longs(int length) throws IOException {
        long[] out = new long[length];
        for (int done = 0, n; done < length; done += n) {
            n = take(Long.BYTES, length - done);
            buffer.asLongBuffer().get(out, done, n);
        }
        return out;
    }

    int[] ints(int length) throws IOException {
        int[] out = new int[length];
        for (int done = 0, n; done < length; done += n) {
            n = take(Integer.BYTES, length - done);
            buffer.asIntBuffer().get(out, done, n);
        }
        return out;
    }

    short[] shorts(int length) throws IOException {
        short[] out = new short[length];
        for (int done = 0, n; done < length; done += n) {
            n = take(Short.BYTES, length - done);
            buffer.asShortBuffer().get(out, done, n);
        }
        return out;
    }

    /** Fails if anything follows. */
    void end() throws IOException {
        if (in.read() >= 0) {
            throw new FileFormatException(file, position, "the file grew while it was read");
        }
    }

    /** Reads up to {@code wanted} numbers into the buffer; how many. */
    private int take(int size, int wanted) throws IOException {
        int n = Math.min(wanted, BUFFER / size);
        buffer.clear();
        fill(bytes, n * size);
        return n;
    }

    private void fill(byte[] out, int length) throws IOException {
        int n = in.readNBytes(out, 0, length);
        position += n;
        if (n < length) {
            throw new FileFormatException(file, position, "the file ends here");
        }
    }
}
