package dev.espalier.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The decompressed bytes of a gzip file of one or more members (RFC 1952).
 *
 * <p>{@link java.util.zip.GZIPInputStream} is not used because it takes garbage after the last member for the end of
 * the file, and because its messages say neither which file nor where. Offsets in messages count bytes of the
 * compressed file.
 */
final class Gzip extends InputStream {
    static final int MAGIC_0 = 0x1F;
    static final int MAGIC_1 = 0x8B;

    private static final int DEFLATE = 8;
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xE0;

    private final Path file;
    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final CRC32 headerCrc = new CRC32();
    private final byte[] buffer = new byte[1 << 13];
    private final byte[] single = new byte[1];
    private int next; // the window of buffer that is read from the file and not yet consumed
    private int limit;
    private long bufferOffset; // offset in the file of buffer[0]
    private boolean inMember;
    private boolean ended;

    /** Reads {@code in}, which stands at the first byte of {@code file}. Closing this does not close {@code in}. */
    Gzip(Path file, BufferedInputStream in) {
        this.file = file;
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
    }

    @Override
    public int read(byte[] out, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember) {
                header();
            }
            int n = inflate(out, offset, length);
            if (n > 0) {
                crc.update(out, offset, n);
                return n;
            }
            if (inflater.finished()) {
                trailer();
            }
        }
        return -1;
    }

    @Override
    public void close() {
        inflater.end();
    }

    /** Decompresses some bytes; 0 at the end of the member. */
    private int inflate(byte[] out, int offset, int length) throws IOException {
        try {
            while (true) {
                inflater.setInput(buffer, next, limit - next);
                int n = inflater.inflate(out, offset, length);
                next = limit - inflater.getRemaining();
                if (n > 0 || inflater.finished()) {
                    return n;
                }
                if (inflater.needsDictionary() || next < limit) {
                    throw broken(position(), "corrupt compressed data");
                }
                if (!fill()) {
                    throw broken(position(), "the file ends inside the compressed data");
                }
            }
        } catch (DataFormatException e) {
            next = limit - inflater.getRemaining();
            throw broken(position(), "corrupt compressed data, " + e.getMessage());
        }
    }

    private void header() throws IOException {
        long start = position();
        headerCrc.reset();
        if (headerByte() != MAGIC_0 || headerByte() != MAGIC_1) {
            throw broken(start, "expected the end of the file or another gzip member");
        }
        if (headerByte() != DEFLATE) {
            throw broken(start + 2, "unknown gzip compression method, expected deflate");
        }
        int flags = headerByte();
        if ((flags & RESERVED) != 0) {
            throw broken(start + 3, "reserved gzip flags are set");
        }
        skip(6); // time, extra flags, operating system
        if ((flags & EXTRA) != 0) {
            skip(headerByte() | headerByte() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            long at = position();
            int expected = (int) headerCrc.getValue() & 0xFFFF;
            if ((headerByte() | headerByte() << 8) != expected) {
                throw broken(at, "wrong checksum of the gzip header");
            }
        }
        inflater.reset();
        crc.reset();
        inMember = true;
    }

    private void skip(int n) throws IOException {
        for (int i = 0; i < n; i++) {
            headerByte();
        }
    }

    private void skipText() throws IOException {
        while (headerByte() != 0) {
            // a text ends with its zero byte
        }
    }

    private void trailer() throws IOException {
        long start = position();
        if (fourBytes() != (int) crc.getValue()) {
            throw broken(start, "wrong checksum of the decompressed data");
        }
        if (fourBytes() != (int) inflater.getBytesWritten()) {
            throw broken(start + 4, "wrong length of the decompressed data");
        }
        inMember = false;
        ended = next == limit && !fill();
    }

    private int fourBytes() throws IOException {
        return nextByte() | nextByte() << 8 | nextByte() << 16 | nextByte() << 24;
    }

    private int headerByte() throws IOException {
        int b = nextByte();
        headerCrc.update(b);
        return b;
    }

    private int nextByte() throws IOException {
        if (next == limit && !fill()) {
            throw broken(position(), "the file ends inside a gzip header or trailer");
        }
        return buffer[next++] & 0xFF;
    }

    /** Reads more of the file into the empty buffer; false at its end. */
    private boolean fill() throws IOException {
        bufferOffset += limit;
        next = 0;
        limit = 0;
        int n = in.read(buffer);
        if (n < 0) {
            return false;
        }
        limit = n;
        return true;
    }

    private long position() {
        return bufferOffset + next;
    }

    private FileFormatException broken(long offset, String what) {
        return new FileFormatException(file, offset, what);
    }
}
