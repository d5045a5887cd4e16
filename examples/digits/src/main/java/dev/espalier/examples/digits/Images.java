package dev.espalier.examples.digits;

/**
 * Labelled pictures of digits.
 *
 * @param pixels grey values in [0, 1], {@link #PIXELS} per picture, row by row
 * @param labels the digit each picture shows, 0 to 9
 */
record Images(float[] pixels, int[] labels) {
    static final int SIDE = 28;
    static final int PIXELS = SIDE * SIDE;
    static final int CLASSES = 10;

    int count() {
        return labels.length;
    }
}
