package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.Errors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
    private static final String DICTIONARY = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";

    @TempDir
    Path folder;

    /** The files are those of numpy 2.4.6, {@code np.save} of the array in the comment. */
    @Test
    void whatNumPyWritesIsRead() throws IOException {
        // np.array([[1.5, -2, 0.1], [np.inf, -0.0, 3]], "f4")
        Npy floats = numpy("'<f4'", "False", "(2, 3)", "0000c03f000000c0cdcccc3d0000807f0000008000004040");
        Bits.assertSame(new float[] {1.5f, -2, 0.1f, Float.POSITIVE_INFINITY, -0f, 3}, floats.toFloats());
        assertArrayEquals(new int[] {2, 3}, floats.shape());
        // np.array([0.1, -1e300])
        Npy doubles = numpy("'<f8'", "False", "(2,)", "9a9999999999b93f9c7500883ce437fe");
        assertArrayEquals(new float[] {0.1f, Float.NEGATIVE_INFINITY}, doubles.toFloats());
        assertEquals("Npy double[2]", doubles.toString());
        // np.array([[-2], [2**40]])
        Npy longs = numpy("'<i8'", "False", "(2, 1)", "feffffffffffffff0000000000010000");
        assertArrayEquals(new float[] {-2, 0x1p40f}, longs.toFloats());
        assertArrayEquals(new int[] {2, 1}, longs.shape());
        // np.array([1, -7], "i4")
        assertArrayEquals(
                new int[] {1, -7},
                numpy("'<i4'", "False", "(2,)", "01000000f9ffffff").toInts());
        // np.array([[[0, 254]]], "u1")
        Npy bytes = numpy("'|u1'", "False", "(1, 1, 2)", "00fe");
        assertArrayEquals(new int[] {0, 254}, bytes.toInts());
        assertArrayEquals(new int[] {1, 1, 2}, bytes.shape());
        // np.array(2.5, "f4")
        Npy scalar = numpy("'<f4'", "False", "()", "00002040");
        assertArrayEquals(new float[] {2.5f}, scalar.toFloats());
        assertArrayEquals(new int[0], scalar.shape());
        // np.zeros((0, 3), "f4")
        assertArrayEquals(
                new int[] {0, 3}, numpy("'<f4'", "False", "(0, 3)", "").shape());
        // np.asfortranarray(np.array([[1, 2], [3, 4]], "f4"))
        String order = assertThrows(
                        FileFormatException.class,
                        () -> numpy("'<f4'", "True", "(2, 2)", "0000803f000040400000004000008040"))
                .getMessage();
        assertTrue(order.endsWith("fortran_order True: expected False, as numpy.ascontiguousarray makes it"), order);
    }

    @Test
    void theBytesAreThoseOfNumPy() throws IOException {
        // np.array([[1.5, -2, 0.1], [np.inf, -0.0, 3]], "f4") and np.zeros((0, 3), "f4")
        Path file = folder.resolve("a.npy");
        Npy.write(file, new float[] {1.5f, -2, 0.1f, Float.POSITIVE_INFINITY, -0f, 3}, 2, 3);
        String data = "0000c03f000000c0cdcccc3d0000807f0000008000004040";
        assertArrayEquals(numpyFile("'<f4'", "False", "(2, 3)", data), Files.readAllBytes(file));
        Npy.write(file, new float[0], 0, 3);
        assertArrayEquals(numpyFile("'<f4'", "False", "(0, 3)", ""), Files.readAllBytes(file));
    }

    private Npy numpy(String descr, String order, String shape, String data) throws IOException {
        return Npy.read(Files.write(folder.resolve("numpy.npy"), numpyFile(descr, order, shape, data)));
    }

    /** To the byte what NumPy writes for a small array: version 1.0, a header that ends at byte 128. */
    static byte[] numpyFile(String descr, String order, String shape, String data) {
        String header = "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
        return npy(
                1,
                header + " ".repeat(128 - 10 - header.length() - 1) + "\n",
                HexFormat.of().parseHex(data));
    }

    @Test
    void arraysSurvive() throws IOException {
        float[] array = new float[70_001];
        for (int i = 0; i < array.length; i++) {
            array[i] = Float.intBitsToFloat(i * 0x9E3779B9);
        }
        Path file = folder.resolve("a.npy");
        for (int[] shape : new int[][] {{}, {70_001}, {1, 70_001}, {70_001, 1, 1}}) {
            Npy.write(file, array, shape);
            Npy read = Npy.read(file);
            Bits.assertSame(array, read.toFloats());
            assertArrayEquals(shape.length == 0 ? new int[] {70_001} : shape, read.shape());
            assertEquals(0, (Files.size(file) - 4L * array.length) % 64);
        }
        Npy.write(file, new float[0], 0, 3);
        assertEquals("Npy float[0, 3]", Npy.read(file).toString());
        Npy empty = Npy.read(file);
        empty.shape()[0] = 9;
        assertArrayEquals(new int[] {0, 3}, empty.shape());
        Errors.assertIllegal(() -> Npy.write(file, new float[2], 3), "shape", "2 elements");
        Errors.assertIllegal(() -> Npy.write(file, new float[2], -2), "-2");
    }

    @Test
    void everyVersionAndTypeIsRead() throws IOException {
        for (int version = 1; version <= 3; version++) {
            assertArrayEquals(
                    new float[] {1.5f},
                    read(version, "<f8", "(1,)", "000000000000f83f").toFloats());
            assertArrayEquals(
                    new float[] {-2}, read(version, "<i4", "(1,)", "feffffff").toFloats());
            assertArrayEquals(
                    new int[] {-2, 1},
                    read(version, "<i4", "(1, 2)", "feffffff01000000").toInts());
            assertArrayEquals(
                    new int[] {-2},
                    read(version, "<i8", "()", "feffffffffffffff").toInts());
            assertArrayEquals(
                    new float[] {-2},
                    read(version, "<i8", "()", "feffffffffffffff").toFloats());
            assertArrayEquals(
                    new int[] {254}, read(version, "|u1", "(1,1,)", "fe").toInts());
            assertArrayEquals(
                    new float[] {254}, read(version, "|u1", "(1,1,)", "fe").toFloats());
        }
        Errors.assertIllegal(() -> read(1, "<i8", "(1,)", "0000000001000000").toInts(), "element 0 = 4294967296");
        Errors.assertIllegal(() -> read(1, "<i8", "(1,)", "00000000ffffffff").toInts(), "element 0 = -4294967296");
        Errors.assertIllegal(() -> read(1, "<f4", "(0,)", "").toInts(), "float", "integers");
    }

    @Test
    void foreignFilesAreRefused() throws IOException {
        refused("text of a page".getBytes(StandardCharsets.UTF_8), "byte 0: no npy file");
        refused(npy(4, DICTIONARY, new byte[8]), "byte 6: version 4.0");
        byte[] minor = npy(1, DICTIONARY, new byte[8]);
        minor[7] = 1;
        refused(minor, "version 1.1: expected 1.0, 2.0 or 3.0");
        refused(npy(1, DICTIONARY.replace("<f4", "|O"), new byte[8]), "descr '|O': expected one of");
        refused(npy(1, DICTIONARY.replace("<f4", ">f4"), new byte[8]), "descr '>f4'");
        refused(npy(1, DICTIONARY.replace("'<f4'", "[('a', '<f4')]"), new byte[8]), "expected descr");
        refused(npy(1, DICTIONARY.replace("False", "True"), new byte[8]), "fortran_order True: expected False");
        refused(npy(1, DICTIONARY.replace("False", "__import__('os')"), new byte[8]), "expected descr");
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(2)"), new byte[8]), "expected a tuple");
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(2, , 1)"), new byte[8]), "expected sizes");
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(-2, 1)"), new byte[8]), "expected descr");
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(99999, 99999)"), new byte[8]), "at most 2147483639 elements");
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(99999999999,)"), new byte[8]), "expected sizes");
        refused(
                npy(1, DICTIONARY.replace("(2, 1)", "(2000000000, 1)"), new byte[8]),
                "makes 8000000078 bytes, but the file has 86");
        refused(
                npy(1, DICTIONARY.replace("'shape': (2, 1), ", ""), new byte[8]),
                "expected descr, fortran_order and shape");
        refused(npy(1, DICTIONARY.replace("}", "'shape': (2, 1)}"), new byte[8]), "key shape: unknown, there twice");
        refused(npy(2, "{" + " ".repeat(20_000) + "}", new byte[8]), "a header of 20002 bytes: expected at most 10000");
        refused(npy(1, DICTIONARY, new byte[9]), "byte " + (18 + DICTIONARY.length()) + ": data goes on");
        byte[] good = npy(1, DICTIONARY, new byte[8]);
        for (int length = 0; length < good.length; length++) {
            refused(Arrays.copyOf(good, length), ": byte ");
        }
    }

    private Npy read(int version, String descr, String shape, String data) throws IOException {
        String header = "{\"shape\":" + shape + ",'descr':'" + descr + "', 'fortran_order' : False}\n";
        return Npy.read(Files.write(
                folder.resolve("r.npy"), npy(version, header, HexFormat.of().parseHex(data))));
    }

    private void refused(byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("bad.npy"), bytes);
        FileFormatException e = assertThrows(FileFormatException.class, () -> Npy.read(file), message);
        assertTrue(e.getMessage().startsWith(file + ": byte ") && e.getMessage().contains(message), e.getMessage());
    }

    static byte[] npy(int version, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer file = ByteBuffer.allocate((version == 1 ? 10 : 12) + text.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        return file.put(text).put(data).array();
    }
}
