package dev.espalier.train;

import dev.espalier.tensor.StateArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * CRC-32C over what a checkpoint holds: its texts by key, then the weights, then the state, little-endian. The file format has no
 * checksum of its own. Against damage, not against malice.
 */
final class Checksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

    private Checksum() {}

    static String of(Map<String, String> texts, float[] weights, List<StateArray> state) {
        Checksum sum = new Checksum();
        texts.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(text -> {
            sum.add(text.getKey());
            sum.add(text.getValue());
        });
        sum.add(weights);
        for (StateArray array : state) {
            sum.add(array.name());
            switch (array) {
                case StateArray.Floats floats -> sum.add(floats.array());
                case StateArray.Doubles doubles -> sum.add(doubles.array());
                case StateArray.Longs longs -> sum.add(longs.array());
            }
        }
        return "crc32c " + HexFormat.of().toHexDigits((int) sum.crc.getValue());
    }

    /** The length goes first, so that no text runs into the next. */
    private void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        buffer.putInt(bytes.length);
        flush();
        crc.update(bytes);
    }

    private void add(float[] array) {
        for (int done = 0, n; done < array.length; done += n) {
            n = Math.min(array.length - done, buffer.capacity() / Float.BYTES);
            buffer.asFloatBuffer().put(array, done, n);
            buffer.position(n * Float.BYTES);
            flush();
        }
    }

    private void add(double[] array) {
        for (int done = 0, n; done < array.length; done += n) {
            n = Math.min(array.length - done, buffer.capacity() / Double.BYTES);
            buffer.asDoubleBuffer().put(array, done, n);
            buffer.position(n * Double.BYTES);
            flush();
        }
    }

    private void add(long[] array) {
        for (int done = 0, n; done < array.length; done += n) {
            n = Math.min(array.length - done, buffer.capacity() / Long.BYTES);
            buffer.asLongBuffer().put(array, done, n);
            buffer.position(n * Long.BYTES);
            flush();
        }
    }

    private void flush() {
        crc.update(buffer.flip());
        buffer.clear();
    }
}
