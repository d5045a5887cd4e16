package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Folder.write(folder, DrawnDigits.draw(1, 0, 20), DrawnDigits.draw(1, 20, 10));
    }

    @Test
    void whatIsWrittenIsRead() throws Mistake {
        Images train = DigitFiles.train(folder);
        assertArrayEquals(DrawnDigits.draw(1, 0, 20).pixels(), train.pixels());
        assertArrayEquals(DrawnDigits.draw(1, 0, 20).labels(), train.labels());
        assertEquals(10, DigitFiles.test(folder).count());
    }

    @Test
    void absentFoldersAndFilesAreNamed() throws IOException {
        Path absent = folder.resolve("absent");
        assertEquals("--data " + absent + ": no such folder.", mistake(absent));
        Files.delete(folder.resolve(Folder.TRAIN_LABELS + ".gz"));
        assertEquals(
                "--data " + folder + ": there is neither " + Folder.TRAIN_LABELS + " nor " + Folder.TRAIN_LABELS
                        + ".gz in it.",
                mistake(folder));
    }

    @Test
    void brokenFilesAreNamedWithTheByte() throws IOException {
        Path file = folder.resolve(Folder.TRAIN_IMAGES);
        byte[] images = Folder.images(DrawnDigits.draw(1, 0, 20));
        Files.write(file, Arrays.copyOf(images, 1000));
        assertTrue(mistake(folder).startsWith(file + ": byte 1000: the file ends here"), mistake(folder));
        Files.write(file, Arrays.copyOf(images, images.length + 1));
        assertTrue(mistake(folder).startsWith(file + ": byte " + images.length + ": data goes on"), mistake(folder));
        Files.writeString(file, "<html>");
        assertTrue(mistake(folder).startsWith(file + ": byte 0: no IDX file"), mistake(folder));
    }

    @Test
    void otherShapesAndCountsAreRefused() throws IOException {
        Images train = DrawnDigits.draw(1, 0, 20);
        Path images = folder.resolve(Folder.TRAIN_IMAGES);
        Path labels = folder.resolve(Folder.TRAIN_LABELS);
        Files.write(images, Folder.labels(train));
        assertTrue(mistake(folder).startsWith(images + ": holds Idx[20], expected pictures"), mistake(folder));
        Files.delete(images);
        Files.write(labels, Folder.labels(DrawnDigits.draw(1, 0, 19)));
        assertTrue(
                mistake(folder).startsWith(labels + ": holds Idx[19], expected one label for each"), mistake(folder));
        byte[] foreign = Folder.labels(train);
        foreign[12] = 10;
        Files.write(labels, foreign);
        assertEquals(labels + ": byte 12: label 10, expected 0 to 9.", mistake(folder));
    }

    private static String mistake(Path folder) {
        return assertThrows(Mistake.class, () -> DigitFiles.train(folder)).getMessage();
    }
}
