package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
    @TempDir
    Path folder;

    @Test
    void readsEveryRank() throws IOException {
        int[][] shapes = {{7}, {2, 3}, {3, 2, 4}, {2, 1, 3, 2}};
        for (int[] shape : shapes) {
            byte[] file = idx(shape);
            for (byte[] stored : new byte[][] {file, gzip(file)}) {
                Idx idx = Idx.read(write(stored));
                assertEquals(shape.length, idx.rank());
                assertArrayEquals(shape, idx.dimensions());
                assertEquals(shape[0], idx.dimension(0));
                assertArrayEquals(Arrays.copyOfRange(file, 4 + 4 * shape.length, file.length), idx.data());
                assertEquals("Idx" + Arrays.toString(shape), idx.toString());
            }
        }
    }

    @Test
    void compressionIsRecognizedByContentNotByName() throws IOException {
        byte[] file = idx(2, 3);
        assertEquals(6, Idx.read(Files.write(folder.resolve("plain.gz"), file)).data().length);
        assertEquals(
                6,
                Idx.read(Files.write(folder.resolve("compressed"), gzip(file))).data().length);
    }

    @Test
    void valuesAreUnsigned() throws IOException {
        byte[] file = idx(256);
        for (int i = 0; i < 256; i++) {
            file[8 + i] = (byte) i;
        }
        Idx idx = Idx.read(write(file));
        float[] floats = idx.toFloats(255);
        int[] ints = idx.toInts();
        for (int i = 0; i < 256; i++) {
            assertEquals(i, ints[i]);
            assertEquals(i / 255f, floats[i]);
        }
        assertEquals(1f, floats[255]);
    }

    @Test
    void everyTruncationNamesTheFileAndTheByte() throws IOException {
        byte[] file = idx(3, 2, 2);
        for (int length = 0; length < file.length; length++) {
            String message = failure(write(Arrays.copyOf(file, length)));
            assertTrue(message.contains(": byte " + length + ": the file ends"), message);
        }
    }

    @Test
    void everyTruncationOfACompressedFileNamesTheFileAndAByte() throws IOException {
        byte[] file = gzip(idx(3, 2, 2));
        for (int length = 0; length < file.length; length++) {
            String message = failure(write(Arrays.copyOf(file, length)));
            assertTrue(message.contains(": byte "), message);
        }
        String cut = failure(write(Arrays.copyOf(file, file.length - 3)));
        assertTrue(
                cut.contains(": byte " + (file.length - 3) + ": the file ends inside a gzip header or trailer"), cut);
    }

    @Test
    void noFlippedBitOfACompressedFileYieldsOtherData() throws IOException {
        byte[] data = idx(3, 2, 2);
        byte[] file = gzip(data);
        byte[] expected = Arrays.copyOfRange(data, 16, data.length);
        int refused = 0;
        for (int bit = 0; bit < 8 * file.length; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Path path = write(flipped);
            try {
                assertArrayEquals(expected, Idx.read(path).data(), "bit " + bit);
            } catch (IOException e) {
                refused++;
                assertTrue(e.getMessage().startsWith(path + ": byte "), e.getMessage());
            }
        }
        // What may change unseen: time, extra flags and system of the gzip header, and some bits of an absent name.
        assertTrue(refused > 8 * (file.length - 10), refused + " of " + 8 * file.length);
    }

    @Test
    void trailingBytesAreRefused() throws IOException {
        byte[] file = idx(2, 3);
        assertTrue(failure(write(Arrays.copyOf(file, file.length + 1))).contains(": byte 18: data goes on"));
        assertTrue(failure(write(gzip(Arrays.copyOf(file, file.length + 1))))
                .contains(": byte 18 of the decompressed data: data goes on"));
        byte[] compressed = gzip(file);
        String garbage = failure(write(Arrays.copyOf(compressed, compressed.length + 5)));
        assertTrue(garbage.contains(": byte " + compressed.length + ": expected the end of the file"), garbage);
    }

    @Test
    void foreignFilesAreRefused() throws IOException {
        assertTrue(failure(write("PNG and so on".getBytes())).contains(": byte 0: no IDX file"));
        assertTrue(failure(write(new byte[] {0, 1, 8, 1, 0, 0, 0, 1, 5})).contains(": byte 1: no IDX file"));
        assertTrue(failure(write(new byte[] {0, 0, 0x0D, 1, 0, 0, 0, 1, 5})).contains(": byte 2: element type 0x0D"));
        assertTrue(failure(write(new byte[] {0, 0, 8, 0, 0, 0, 0, 1, 5})).contains(": byte 3: rank 0"));
        assertTrue(failure(write(new byte[] {0, 0, 8, 5, 0, 0, 0, 1, 5})).contains(": byte 3: rank 5"));
        assertTrue(
                failure(write(new byte[] {0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 0})).contains(": byte 8: dimension 1 = 0"));
        assertTrue(failure(write(new byte[] {0, 0, 8, 1, -1, -1, -1, -1})).contains("dimension 0 = 4294967295"));
        assertTrue(failure(write(gzip("text".getBytes()))).contains(": byte 0 of the decompressed data: no IDX file"));
    }

    @Test
    void productsBeyondIntAreRefused() throws IOException {
        byte[] header = ByteBuffer.allocate(20)
                .putInt(0x00000803)
                .putInt(65536)
                .putInt(65536)
                .putInt(1)
                .array();
        assertTrue(failure(write(header)).contains(": byte 8: dimensions [65536, 65536, 1] multiply to more than"));
        assertTrue(failure(write(gzip(header))).contains(": byte 8 of the decompressed data: dimensions"));
    }

    @Test
    void aHeaderThatPromisesTooMuchAllocatesNothing() throws IOException {
        byte[] header =
                ByteBuffer.allocate(9).putInt(0x00000801).putInt(2_000_000_000).array();
        Path plain = write(header);
        Path compressed = Files.write(folder.resolve("header.gz"), gzip(header));
        failure(plain); // loads the classes
        failure(compressed);
        assertTrue(allocation(plain) < 1 << 20);
        assertTrue(allocation(compressed) < 1 << 20);
    }

    @Test
    void aBombAllocatesNoMoreThanItsHeaderDeclares() throws IOException {
        byte[] bomb = new byte[64 << 20];
        System.arraycopy(idx(100), 0, bomb, 0, 108);
        Path path = write(gzip(bomb));
        failure(path);
        assertTrue(allocation(path) < 1 << 20);
        assertTrue(failure(path).contains(": byte 108 of the decompressed data: data goes on"));
    }

    @Test
    void aPlausibleLieAllocatesInProportionToTheFile() throws IOException {
        byte[] noise = new byte[1 << 20];
        new java.util.SplittableRandom(1).nextBytes(noise);
        ByteBuffer.wrap(noise).putInt(0x00000801).putInt(1_000_000_000);
        Path path = write(gzip(noise));
        failure(path);
        assertTrue(allocation(path) < 16 << 20);
        assertTrue(failure(path).contains(": byte 1048576 of the decompressed data: the data ends after 1048568"));
    }

    @Test
    void highlyCompressedDataIsRead() throws IOException {
        byte[] file = new byte[(5 << 20) + 8];
        ByteBuffer.wrap(file).putInt(0x00000801).putInt(5 << 20);
        Arrays.fill(file, 8, file.length, (byte) 7);
        byte[] data = Idx.read(write(gzip(file))).data();
        assertArrayEquals(Arrays.copyOfRange(file, 8, file.length), data);
    }

    @Test
    void membersAreConcatenated() throws IOException {
        byte[] file = idx(40, 5);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(gzip(Arrays.copyOf(file, 5)));
        out.write(gzip(new byte[0]));
        out.write(gzip(Arrays.copyOfRange(file, 5, file.length)));
        assertArrayEquals(
                Arrays.copyOfRange(file, 12, file.length),
                Idx.read(write(out.toByteArray())).data());
    }

    @Test
    void optionalHeaderFieldsAreSkippedAndChecked() throws IOException {
        byte[] file = idx(4);
        byte[] plain = gzip(file);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(new byte[] {0x1F, (byte) 0x8B, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 0, 3, 3, 0, 'x', 0, 'y'});
        header.write("name\0comment\0".getBytes());
        CRC32 crc = new CRC32();
        crc.update(header.toByteArray());
        header.write((int) crc.getValue());
        header.write((int) crc.getValue() >> 8);
        int length = header.size();
        header.write(plain, 10, plain.length - 10);
        assertEquals(4, Idx.read(write(header.toByteArray())).data().length);
        byte[] wrong = header.toByteArray();
        wrong[length - 1] ^= 1;
        assertTrue(failure(write(wrong)).contains(": byte " + (length - 2) + ": wrong checksum of the gzip header"));
    }

    @Test
    void everyMemberHasItsOwnHeaderChecksum() throws IOException {
        byte[] file = idx(4);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : new byte[][] {Arrays.copyOf(file, 5), Arrays.copyOfRange(file, 5, file.length)}) {
            byte[] plain = gzip(part);
            byte[] header = Arrays.copyOf(plain, 10);
            header[3] = 2;
            CRC32 crc = new CRC32();
            crc.update(header);
            out.write(header);
            out.write((int) crc.getValue());
            out.write((int) crc.getValue() >> 8);
            out.write(plain, 10, plain.length - 10);
        }
        assertEquals(4, Idx.read(write(out.toByteArray())).data().length);
    }

    @Test
    void dimensionsAreCopied() throws IOException {
        Idx idx = Idx.read(write(idx(2)));
        idx.dimensions()[0] = 9;
        assertArrayEquals(new int[] {2}, idx.dimensions());
    }

    @Test
    void badArguments() throws IOException {
        assertThrows(IllegalArgumentException.class, () -> Idx.read(null));
        Idx idx = Idx.read(write(idx(2)));
        assertThrows(IndexOutOfBoundsException.class, () -> idx.dimension(1));
        assertThrows(IndexOutOfBoundsException.class, () -> idx.dimension(-1));
        assertThrows(IllegalArgumentException.class, () -> idx.toFloats(0));
        assertThrows(IllegalArgumentException.class, () -> idx.toFloats(Float.NaN));
    }

    @Test
    void absentFilesAndFoldersAreNamed() {
        Path absent = folder.resolve("absent");
        assertEquals(absent + ": no such file", failure(absent));
        assertEquals(folder + ": not a regular file", failure(folder));
    }

    /** The message of the failure to read {@code path}, which must begin with the path. */
    private static String failure(Path path) {
        String message = assertThrows(IOException.class, () -> Idx.read(path)).getMessage();
        assertTrue(message.startsWith(path + ": "), message);
        return message;
    }

    private static long allocation(Path path) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        failure(path);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private Path write(byte[] content) throws IOException {
        return Files.write(folder.resolve("file"), content);
    }

    /** A file of the given shape with elements 1, 2, 3, … */
    private static byte[] idx(int... shape) {
        int length = 1;
        for (int size : shape) {
            length *= size;
        }
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * shape.length + length);
        file.putInt(0x0800 | shape.length);
        for (int size : shape) {
            file.putInt(size);
        }
        for (int i = 1; i <= length; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    private static byte[] gzip(byte[] data) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(data);
        }
        return out.toByteArray();
    }
}
