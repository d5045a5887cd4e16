package dev.espalier.io;

import dev.espalier.internal.SplitMix64;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Valid files with bits flipped, cut, lengthened, or with pieces copied, removed or replaced. {@link FuzzTarget} says what must hold.
 */
class FuzzTest {
    /** Files per property try, so that a try is more than its overhead. */
    private static final int FILES = Boolean.getBoolean("espalier.test.deep") ? 100 : 5;

    /** What mutations put in: pieces that mean something to some format. */
    private static final String[] PIECES = {
        "0",
        "-1",
        "9223372036854775807",
        "99999999999999999999",
        "[",
        "{",
        "]",
        "}",
        ",",
        ":",
        "\"",
        "'",
        "\\u0000",
        "\\ud800",
        "\\",
        "\"dtype\"",
        "\"F64\"",
        "\"shape\"",
        "\"data_offsets\"",
        "__metadata__",
        "null",
        "1e400",
        "\n",
        "\r",
        "(",
        ")",
        "True",
        "[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":",
        "\u0000",
        "ÿ",
        "2147483647",
        "4294967296",
        "'<f8'",
        "\uFEFF",
        "inf"
    };

    @Property
    void safeTensors(@ForAll long seed) throws IOException {
        fuzz(seed, FuzzTarget.SAFETENSORS);
    }

    @Property
    void idx(@ForAll long seed) throws IOException {
        fuzz(seed, (seed & 1) == 0 ? FuzzTarget.IDX : FuzzTarget.IDX_COMPRESSED);
    }

    @Property
    void npy(@ForAll long seed) throws IOException {
        fuzz(seed, FuzzTarget.NPY);
    }

    @Property
    void csv(@ForAll long seed) throws IOException {
        fuzz(seed, (seed & 1) == 0 ? FuzzTarget.CSV : FuzzTarget.CSV_WITH_HEADER);
    }

    private static void fuzz(long seed, FuzzTarget target) throws IOException {
        SplitMix64 random = new SplitMix64(seed);
        List<byte[]> valid = target.valid();
        try (FuzzTarget.Scratch scratch = new FuzzTarget.Scratch()) {
            for (int i = 0; i < FILES; i++) {
                byte[] bytes = valid.get(random.nextInt(valid.size()));
                for (int mutations = 1 + random.nextInt(3); mutations > 0; mutations--) {
                    bytes = mutated(bytes, random);
                }
                target.run(scratch, bytes);
            }
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
}
