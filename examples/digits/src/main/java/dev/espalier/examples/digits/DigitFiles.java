package dev.espalier.examples.digits;

import dev.espalier.io.Idx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder with the four files of MNIST, each plain or with {@code .gz} at the end of its name. */
final class DigitFiles {
    private DigitFiles() {}

    static Images train(Path folder) throws Mistake {
        return read(folder, "train");
    }

    static Images test(Path folder) throws Mistake {
        return read(folder, "t10k");
    }

    private static Images read(Path folder, String set) throws Mistake {
        if (!Files.isDirectory(folder)) {
            throw new Mistake("--data " + folder + ": no such folder.");
        }
        Path imageFile = find(folder, set + "-images-idx3-ubyte");
        Path labelFile = find(folder, set + "-labels-idx1-ubyte");
        Idx images = read(imageFile);
        Idx labels = read(labelFile);
        if (images.rank() != 3 || images.dimension(1) != Images.SIDE || images.dimension(2) != Images.SIDE) {
            throw new Mistake(imageFile + ": holds " + images + ", expected pictures of 28 x 28 pixels.");
        }
        if (labels.rank() != 1 || labels.dimension(0) != images.dimension(0)) {
            throw new Mistake(labelFile + ": holds " + labels + ", expected one label for each of the "
                    + images.dimension(0) + " pictures of " + imageFile.getFileName() + ".");
        }
        int[] classes = labels.toInts();
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] >= Images.CLASSES) {
                throw new Mistake(labelFile + ": byte " + (8 + i) + ": label " + classes[i] + ", expected 0 to 9.");
            }
        }
        return new Images(images.toFloats(255), classes);
    }

    private static Path find(Path folder, String name) throws Mistake {
        Path plain = folder.resolve(name);
        if (Files.exists(plain)) {
            return plain;
        }
        Path compressed = folder.resolve(name + ".gz");
        if (Files.exists(compressed)) {
            return compressed;
        }
        throw new Mistake("--data " + folder + ": there is neither " + name + " nor " + name + ".gz in it.");
    }

    private static Idx read(Path file) throws Mistake {
        try {
            return Idx.read(file);
        } catch (IOException e) {
            // The messages of the reader begin with the file; those of the system may be the file alone.
            String message = String.valueOf(e.getMessage());
            throw new Mistake(message.equals(file.toString()) ? file + ": cannot be read." : message + ".");
        }
    }
}
