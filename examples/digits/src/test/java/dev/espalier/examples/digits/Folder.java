package dev.espalier.examples.digits;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes drawn digits as files of the MNIST names. */
final class Folder {
    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    private Folder() {}

    /** The training files are compressed, the test files are not. */
    static void write(Path folder, Images train, Images test) throws IOException {
        Files.write(folder.resolve(TRAIN_IMAGES + ".gz"), gzip(images(train)));
        Files.write(folder.resolve(TRAIN_LABELS + ".gz"), gzip(labels(train)));
        Files.write(folder.resolve(TEST_IMAGES), images(test));
        Files.write(folder.resolve(TEST_LABELS), labels(test));
    }

    static byte[] images(Images images) {
        ByteBuffer file = ByteBuffer.allocate(16 + images.pixels().length);
        file.putInt(0x803).putInt(images.count()).putInt(Images.SIDE).putInt(Images.SIDE);
        for (float pixel : images.pixels()) {
            file.put((byte) Math.round(pixel * 255));
        }
        return file.array();
    }

    static byte[] labels(Images images) {
        ByteBuffer file = ByteBuffer.allocate(8 + images.count());
        file.putInt(0x801).putInt(images.count());
        for (int label : images.labels()) {
            file.put((byte) label);
        }
        return file.array();
    }

    private static byte[] gzip(byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(data);
        }
        return bytes.toByteArray();
    }
}
