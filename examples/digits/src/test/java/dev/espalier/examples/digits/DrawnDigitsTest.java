package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DrawnDigitsTest {
    @Test
    void aSeedDrawsTheSameBitsOnEveryMachine() throws Exception {
        float[] pixels = DrawnDigits.draw(28, 0, 200).pixels();
        byte[] grey = new byte[pixels.length];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = (byte) Math.round(pixels[i] * 255);
        }
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(grey);
        assertEquals(
                "e03ba1e158bd48ffa6cd5f6a207c3e8e198c49c13e68ca54236966154e9f4e8a",
                HexFormat.of().formatHex(digest));
    }

    @Test
    void aDigitDependsOnItsSeedAndNumberAlone() {
        Images all = DrawnDigits.draw(3, 0, 50);
        Images part = DrawnDigits.draw(3, 20, 10);
        assertArrayEquals(Arrays.copyOfRange(all.labels(), 20, 30), part.labels());
        assertArrayEquals(Arrays.copyOfRange(all.pixels(), 20 * Images.PIXELS, 30 * Images.PIXELS), part.pixels());
    }

    @Test
    void noTwoDigitsAreAlike() {
        Set<ByteBuffer> seen = new HashSet<>();
        for (long seed = 0; seed < 3; seed++) {
            float[] pixels = DrawnDigits.draw(seed, 0, 500).pixels();
            for (int i = 0; i < 500; i++) {
                ByteBuffer digit = ByteBuffer.allocate(4 * Images.PIXELS);
                digit.asFloatBuffer().put(pixels, i * Images.PIXELS, Images.PIXELS);
                assertTrue(seen.add(digit), "digit " + i + " of seed " + seed);
            }
        }
    }

    @Test
    void pixelsAreGreyValuesOfOneByte() {
        float darkest = 1;
        float brightest = 0;
        for (float pixel : DrawnDigits.draw(5, 0, 300).pixels()) {
            assertTrue(pixel >= 0 && pixel <= 1);
            assertEquals(Math.round(pixel * 255) / 255f, pixel);
            darkest = Math.min(darkest, pixel);
            brightest = Math.max(brightest, pixel);
        }
        assertEquals(0f, darkest);
        assertEquals(1f, brightest);
    }

    @Test
    void everyPictureHoldsInkAndBackground() {
        int count = 2000;
        float[] pixels = DrawnDigits.draw(6, 0, count).pixels();
        double margin = 0;
        for (int i = 0; i < count; i++) {
            int inked = 0;
            for (int j = 0; j < Images.PIXELS; j++) {
                float pixel = pixels[i * Images.PIXELS + j];
                inked += pixel > 0.4f ? 1 : 0;
                int row = j / Images.SIDE;
                int column = j % Images.SIDE;
                if (Math.min(Math.min(row, column), Images.SIDE - 1 - Math.max(row, column)) == 0) {
                    margin += pixel > 0.4f ? 1 : 0;
                }
            }
            assertTrue(inked > 15 && inked < 350, "digit " + i + " has " + inked + " inked pixels");
        }
        // The digits keep inside: hardly any of the 108 pixels at the rim is touched.
        assertTrue(margin / count < 0.5, "rim " + margin / count);
    }

    @Test
    void anyTenInARowHoldEveryClass() {
        int[] labels = DrawnDigits.draw(7, 13, 100).labels();
        int[] counts = new int[Images.CLASSES];
        for (int label : labels) {
            counts[label]++;
        }
        for (int count : counts) {
            assertEquals(10, count);
        }
        assertEquals(3, labels[0]);
    }

    @Test
    void everySkeletonIsReadable() {
        for (int digit = 0; digit < Images.CLASSES; digit++) {
            assertTrue(Skeletons.variants(digit) >= 4);
            for (int variant = 0; variant < Skeletons.variants(digit); variant++) {
                for (float[] stroke : Skeletons.strokes(digit, variant)) {
                    assertTrue(stroke.length >= 4 && stroke.length % 2 == 0 && stroke.length <= 64);
                    for (float coordinate : stroke) {
                        assertTrue(coordinate >= 0 && coordinate <= 1);
                    }
                }
            }
        }
    }

    @Test
    void badCountsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, -1, 10));
        assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, 0, 3_000_000));
        assertThrows(IllegalArgumentException.class, () -> DrawnDigits.draw(1, Integer.MAX_VALUE, 1));
    }
}
