package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.espalier.internal.SplitMix64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Valid files with bits flipped, cut, lengthened, or with pieces copied, removed or replaced: reading ends with a value or a
 * FileFormatException, in memory bounded by the file.
 */
class FuzzTest {
    /** Files per property try, so that a try is more than its overhead. */
    private static final int FILES = Boolean.getBoolean("espalier.test.deep") ? 1000 : 5;

    private static final long MAX_ALLOCATED = 2 << 20;
    private static final byte[][] SAFETENSORS = {safeTensors()};
    private static final byte[][] IDX = {idx(), gzip(idx())};
    private static final byte[][] NPY = {
        NpyTest.npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", new byte[24]),
        NpyTest.npy(2, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n", new byte[16]),
        NpyTest.npy(3, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", new byte[1]),
    };
    private static final byte[][] CSV = {
        "1,-2.5e3,.5\n3,4,NaN\r\n6,7,8\n".getBytes(StandardCharsets.UTF_8), "a,größe\n1,2\n".getBytes(StandardCharsets.UTF_8)
    };

    /** What mutations put in: pieces that mean something to some format. */
    private static final String[] PIECES = {
        "0", "-1", "9223372036854775807", "99999999999999999999", "[", "{", "]", "}", ",", ":", "\"", "'", "\\u0000", "\\ud800", "\\",
        "\"dtype\"", "\"F64\"", "\"shape\"", "\"data_offsets\"", "__metadata__", "null", "1e400", "\n", "\r", "(", ")", "True",
        "[[[[[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":", "\u0000", "ÿ", "2147483647", "4294967296", "'<f8'", "\uFEFF", "inf"
    };

    private interface Reader {
        void read(Path file) throws IOException;
    }

    @Property
    void safeTensors(@ForAll long seed) throws IOException {
        fuzz(seed, SAFETENSORS, file -> {
            SafeTensors read = SafeTensors.read(file);
            long bytes = 0;
            for (String name : read.names()) {
                bytes += (long) SafeTensors.length(read.shape(name)) * read.type(name).bytes();
            }
            assertTrue(bytes <= Files.size(file));
        });
    }

    @Property
    void idx(@ForAll long seed) throws IOException {
        fuzz(seed, IDX, file -> {
            Idx read = Idx.read(file);
            int product = 1;
            for (int size : read.dimensions()) {
                product *= size;
            }
            assertEquals(product, read.data().length);
        });
    }

    @Property
    void npy(@ForAll long seed) throws IOException {
        fuzz(seed, NPY, file -> {
            Npy read = Npy.read(file);
            assertEquals(SafeTensors.length(read.shape()), read.toFloats().length);
        });
    }

    @Property
    void csv(@ForAll long seed) throws IOException {
        Reader check = file -> {
            Csv read = (seed & 1) == 0 ? Csv.read(file) : Csv.readWithHeader(file);
            assertEquals(read.rows() * read.columns(), read.values().length);
        };
        fuzz(seed, CSV, check);
    }

    private static void fuzz(long seed, byte[][] valid, Reader reader) throws IOException {
        SplitMix64 random = new SplitMix64(seed);
        Path file = Files.createTempFile("fuzz", "");
        try {
            for (int i = 0; i < FILES; i++) {
                byte[] bytes = valid[random.nextInt(valid.length)];
                for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
                    bytes = mutated(bytes, random);
                }
                Files.write(file, bytes);
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                long before = threads.getCurrentThreadAllocatedBytes();
                try {
                    reader.read(file);
                } catch (FileFormatException e) {
                    assertTrue(e.getMessage().startsWith(file + ": " + e.where() + ": "), e.getMessage());
                }
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated < MAX_ALLOCATED, allocated + " bytes for a file of " + bytes.length);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static byte[] mutated(byte[] bytes, SplitMix64 random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt(256)};
        }
        int at = random.nextInt(bytes.length);
        int until = at + random.nextInt(Math.min(16, bytes.length - at) + 1);
        switch (random.nextInt(6)) {
            case 0 -> {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                return flipped;
            }
            case 1 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 2 -> {
                return spliced(bytes, until, until, Arrays.copyOfRange(bytes, at, until));
            }
            case 3 -> {
                return spliced(bytes, at, until, new byte[0]);
            }
            default -> {
                byte[] piece = PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
                return spliced(bytes, at, random.nextInt(2) == 0 ? at : until, piece);
            }
        }
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] piece) {
        byte[] out = Arrays.copyOf(bytes, bytes.length - (to - from) + piece.length);
        System.arraycopy(piece, 0, out, from, piece.length);
        System.arraycopy(bytes, to, out, from + piece.length, bytes.length - to);
        return out;
    }

    private static byte[] safeTensors() {
        try {
            Path file = Files.createTempFile("valid", "");
            SafeTensors.builder()
                    .metadata("format", "pt")
                    .add("dense1.weight", new float[6], 2, 3)
                    .add("dense1.bias", new float[3])
                    .add("steps", new long[1])
                    .write(file);
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            return bytes;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static byte[] idx() {
        return ByteBuffer.allocate(40)
                .putInt(0x00000803)
                .putInt(2)
                .putInt(3)
                .putInt(4)
                .array();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
