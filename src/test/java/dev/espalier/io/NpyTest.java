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

    @Test
    void theBytesAreThoseOfNumPy() throws IOException {
        // numpy.save of numpy.array([[1], [-2]], dtype='<f4')
        String header = DICTIONARY + " ".repeat(128 - 10 - DICTIONARY.length() - 1) + "\n";
        byte[] expected = npy(1, header, HexFormat.of().parseHex("0000803f000000c0"));
        Path file = folder.resolve("a.npy");
        Npy.write(file, new float[] {1, -2}, 2, 1);
        assertArrayEquals(expected, Files.readAllBytes(file));
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
        Errors.assertIllegal(() -> Npy.write(file, new float[2], 3), "shape", "2 elements");
        Errors.assertIllegal(() -> Npy.write(file, new float[2], -2), "-2");
    }

    @Test
    void everyVersionAndTypeIsRead() throws IOException {
        for (int version = 1; version <= 3; version++) {
            assertArrayEquals(new float[] {1.5f}, read(version, "<f8", "(1,)", "000000000000f83f").toFloats());
            assertArrayEquals(new float[] {-2}, read(version, "<i4", "(1,)", "feffffff").toFloats());
            assertArrayEquals(new int[] {-2, 1}, read(version, "<i4", "(1, 2)", "feffffff01000000").toInts());
            assertArrayEquals(new int[] {-2}, read(version, "<i8", "()", "feffffffffffffff").toInts());
            assertArrayEquals(new float[] {-2}, read(version, "<i8", "()", "feffffffffffffff").toFloats());
            assertArrayEquals(new int[] {254}, read(version, "|u1", "(1,1,)", "fe").toInts());
            assertArrayEquals(new float[] {254}, read(version, "|u1", "(1,1,)", "fe").toFloats());
        }
        Errors.assertIllegal(() -> read(1, "<i8", "(1,)", "0000000001000000").toInts(), "element 0 = 4294967296");
        Errors.assertIllegal(() -> read(1, "<f4", "(0,)", "").toInts(), "float", "integers");
    }

    @Test
    void foreignFilesAreRefused() throws IOException {
        refused("text of a page".getBytes(StandardCharsets.UTF_8), "byte 0: no npy file");
        refused(npy(4, DICTIONARY, new byte[8]), "byte 6: version 4.0");
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
        refused(npy(1, DICTIONARY.replace("(2, 1)", "(2000000000, 1)"), new byte[8]), "makes 8000000078 bytes, but the file has 86");
        refused(npy(1, DICTIONARY.replace("'shape': (2, 1), ", ""), new byte[8]), "expected descr, fortran_order and shape");
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
        return Npy.read(Files.write(folder.resolve("r.npy"), npy(version, header, HexFormat.of().parseHex(data))));
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
        file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        return file.put(text).put(data).array();
    }
}
