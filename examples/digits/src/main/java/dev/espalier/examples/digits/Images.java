package dev.espalier.examples.digits;

import dev.espalier.train.DataSet;

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

    DataSet dataSet() {
        return DataSet.labelled(pixels, PIXELS, labels, CLASSES);
    }
}
