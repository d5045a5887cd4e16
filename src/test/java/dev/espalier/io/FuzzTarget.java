package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * A reader, valid files to start from, and what must hold for any bytes: reading ends with a value or a FileFormatException that says
 * where, in memory bounded by the file.
 *
 * <p>{@link FuzzTest} mutates the valid files in every build. {@link JazzerTest} names this class to Jazzer, which calls
 * {@link #fuzzerTestOneInput} with what the covered branches suggest.
 */
public enum FuzzTarget {
    SAFETENSORS(List.of(safeTensors())) {
        @Override
        void read(Path file) throws IOException {
            SafeTensors read = SafeTensors.read(file);
            long bytes = 0;
            for (String name : read.names()) {
                bytes += (long) SafeTensors.length(read.shape(name))
                        * read.type(name).bytes();
            }
            assertTrue(bytes <= Files.size(file));
        }
    },

    /** Gzip has a checksum, which no mutation finds: see {@link #IDX_COMPRESSED}. */
    IDX(List.of(idx(), gzip(idx()))) {
        @Override
        void read(Path file) throws IOException {
            Idx read = Idx.read(file);
            int product = 1;
            for (int size : read.dimensions()) {
                product *= size;
            }
            assertEquals(product, read.data().length);
        }
    },

    /** The bytes are compressed first. */
    IDX_COMPRESSED(List.of(idx())) {
        @Override
        void read(Path file) throws IOException {
            IDX.read(file);
        }

        @Override
        byte[] file(byte[] input) {
            return gzip(input);
        }
    },

    NPY(List.of(
            NpyTest.npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", new byte[24]),
            NpyTest.npy(2, "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n", new byte[16]),
            NpyTest.npy(3, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }\n", new byte[1]))) {
        @Override
        void read(Path file) throws IOException {
            Npy read = Npy.read(file);
            assertEquals(SafeTensors.length(read.shape()), read.toFloats().length);
        }
    },

    CSV(List.of("1,-2.5e3,.5\n3,4,NaN\r\n6,7,8\n".getBytes(StandardCharsets.UTF_8))) {
        @Override
        void read(Path file) throws IOException {
            check(Csv.read(file));
        }
    },

    CSV_WITH_HEADER(List.of("a,größe\n1,2\n".getBytes(StandardCharsets.UTF_8))) {
        @Override
        void read(Path file) throws IOException {
            Csv read = Csv.readWithHeader(file);
            assertEquals(read.columns(), read.header().size());
            check(read);
        }
    };

    /** A file for many inputs, one after the other. It stays open: to open and empty a file anew takes a disk a millisecond. */
    static final class Scratch implements Closeable {
        private final Path path;
        private final FileChannel channel;

        Scratch() throws IOException {
            path = Files.createTempFile("fuzz", "");
            channel = FileChannel.open(path, StandardOpenOption.WRITE);
        }

        Path write(byte[] bytes) throws IOException {
            channel.truncate(bytes.length);
            channel.position(0);
            for (ByteBuffer rest = ByteBuffer.wrap(bytes); rest.hasRemaining(); ) {
                channel.write(rest);
            }
            return path;
        }

        @Override
        public void close() throws IOException {
            channel.close();
            Files.delete(path);
        }
    }

    /** The system property that names the target to Jazzer. */
    static final String PROPERTY = "espalier.test.fuzz";

    /** What a buffer, a channel and an exception take, whatever the file. */
    private static final long ALLOCATED = 2 << 20;

    /** Deflate's best ratio, and an array that doubles until it is full. */
    private static final long ALLOCATED_PER_COMPRESSED_BYTE = 3 * 1032;

    private static final Pattern WHERE =
            Pattern.compile("byte \\d+( of the decompressed data)?|line \\d+, column \\d+");

    private static FuzzTarget target;
    private static Scratch scratch;

    private final List<byte[]> valid;

    FuzzTarget(List<byte[]> valid) {
        this.valid = valid;
    }

    /** Valid inputs. */
    List<byte[]> valid() {
        return valid;
    }

    /** Reads, and checks what it got. */
    abstract void read(Path file) throws IOException;

    /** The bytes of the file that an input stands for. */
    byte[] file(byte[] input) {
        return input;
    }

    /** Writes the file of an input and reads it; fails if that ends in a way that is not documented. */
    void run(Scratch scratch, byte[] input) throws IOException {
        byte[] bytes = file(input);
        Path file = scratch.write(bytes);
        boolean compressed = bytes.length > 1 && bytes[0] == (byte) Gzip.MAGIC_0 && bytes[1] == (byte) Gzip.MAGIC_1;
        long most = ALLOCATED + (compressed ? ALLOCATED_PER_COMPRESSED_BYTE * bytes.length : 0);
        long allocated = allocated(file);
        // Loading a class allocates as well, and under Jazzer much. A second time there is nothing left to load.
        if (allocated > most) {
            allocated = allocated(file);
        }
        assertTrue(allocated <= most, allocated + " bytes for a file of " + bytes.length);
    }

    private long allocated(Path file) throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        try {
            read(file);
        } catch (FileFormatException e) {
            assertTrue(e.getMessage().startsWith(file + ": " + e.where() + ": "), e.getMessage());
            assertTrue(WHERE.matcher(e.where()).matches(), e.getMessage());
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    /** Called by Jazzer, once. */
    public static void fuzzerInitialize() throws IOException {
        target = valueOf(System.getProperty(PROPERTY));
        scratch = new Scratch();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                scratch.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));
    }

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        target.run(scratch, input);
    }

    private static void check(Csv read) {
        assertEquals(read.rows() * read.columns(), read.values().length);
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
            throw new UncheckedIOException(e);
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
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
