package dev.espalier.kernel;

import dev.espalier.HashTable;
import dev.espalier.kernel.TestData.Mix;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/** CRC-32 over all output bits of a kernel on fixed inputs, with every NaN written as the same one. */
public final class KernelHashes {
    /** The committed table: one line for each kernel and kind of input. */
    public static final Map<String, String> COMMITTED = committed();

    private KernelHashes() {}

    static String name(Object kernel, Mix mix) {
        return kernel + ", " + mix;
    }

    /** The table as this JVM computes it. */
    public static Map<String, String> compute() {
        Map<String, String> hashes = new TreeMap<>();
        for (Mix mix : Mix.values()) {
            for (KernelCall call : KernelCall.ALL) {
                hashes.put(name(call, mix), of(call, mix));
            }
            for (GemmShape shape : GemmShape.PATHS) {
                hashes.put(name("gemm " + shape, mix), of(shape, mix));
            }
        }
        return hashes;
    }

    static String of(KernelCall call, Mix mix) {
        CRC32 crc = new CRC32();
        for (int length : TestData.LENGTHS) {
            int n = call.whole(length);
            float[][] arrays = call.contents(mix, n);
            update(crc, Double.doubleToLongBits(call.body().run(arrays, new int[arrays.length], n)));
            for (float[] array : arrays) {
                update(crc, array);
            }
        }
        return text(crc);
    }

    static String of(GemmShape shape, Mix mix) {
        CRC32 crc = new CRC32();
        update(crc, shape.run(mix, 1).array());
        return text(crc);
    }

    private static void update(CRC32 crc, float[] array) {
        for (float x : array) {
            update(crc, Float.floatToIntBits(x));
        }
    }

    private static void update(CRC32 crc, long bits) {
        for (int shift = 0; shift < 64; shift += 8) {
            crc.update((int) (bits >>> shift));
        }
    }

    private static String text(CRC32 crc) {
        return String.format("%08x", crc.getValue());
    }

    private static Map<String, String> committed() {
        return HashTable.read(KernelHashes.class.getResource("kernel-hashes.txt"));
    }
}
