package dev.espalier.examples.digits;

/**
 * The pen paths of the ten digits, several ways of writing each.
 *
 * <p>A path is a list of strokes, a stroke a list of points "x y" on a box of 100 by 100, y down. The pen runs smoothly
 * through the points (a Catmull-Rom spline); a point given twice is a corner; a bar lifts the pen.
 */
final class Skeletons {
    private static final String[][] PATHS = {
        {
            "50 4, 24 14, 12 50, 24 86, 50 96, 76 86, 88 50, 76 14, 50 4",
            "64 10, 36 10, 16 44, 20 80, 46 95, 74 80, 84 44, 70 14, 46 8",
            "42 8, 18 38, 18 76, 48 95, 80 76, 84 38, 62 8, 40 10, 54 24",
            "50 10, 30 22, 26 52, 34 82, 50 92, 66 82, 74 50, 68 20, 50 10",
            "74 24, 54 6, 24 20, 12 56, 34 90, 66 88, 88 56, 76 16, 56 8",
        },
        {
            "50 4, 50 96",
            "66 4, 58 36, 42 96",
            "46 4, 52 46, 50 96",
            "28 28, 54 4, 54 4, 54 96",
            "34 20, 58 4, 58 4, 46 96",
            "30 24, 52 4, 52 4, 52 95, 52 95 | 26 95, 78 95",
        },
        {
            "15 28, 30 8, 60 4, 80 25, 68 54, 38 78, 12 95, 12 95, 88 95",
            "18 26, 40 6, 70 10, 76 36, 54 66, 28 92, 12 88, 22 74, 46 84, 68 96, 92 84",
            "16 22, 50 4, 82 22, 60 56, 14 93, 14 93, 50 87, 88 95",
            "22 34, 28 12, 58 5, 74 26, 58 58, 18 94, 18 94, 54 94, 86 80",
            "12 14, 46 6, 76 10, 76 30, 48 62, 12 92, 12 92, 46 84, 90 90",
        },
        {
            "18 15, 50 4, 78 22, 44 46, 44 46, 84 68, 56 95, 14 84",
            "16 8, 80 6, 80 6, 46 42, 46 42, 84 66, 56 96, 14 84",
            "20 14, 55 4, 74 25, 52 46, 36 50, 56 50, 82 72, 52 96, 16 86",
            "14 22, 44 4, 80 24, 60 46, 40 50, 40 50, 72 60, 72 86, 42 96, 14 84",
            "24 10, 58 8, 66 28, 44 44, 44 44, 76 56, 80 78, 54 94, 22 92",
        },
        {
            "26 6, 14 56, 14 56, 86 54 | 68 8, 64 96",
            "66 96, 68 4, 68 4, 12 64, 12 64, 92 64",
            "20 8, 20 46, 46 56, 78 46 | 80 8, 68 96",
            "56 4, 14 62, 14 62, 88 58 | 64 34, 58 96",
            "32 12, 16 44, 38 56, 72 42, 72 42 | 76 8, 74 50, 66 96",
        },
        {
            "80 6, 28 6, 28 6, 24 44, 24 44, 60 38, 84 66, 60 94, 16 88",
            "28 10, 22 46, 54 38, 80 62, 60 94, 18 90 | 28 10, 86 6",
            "80 12, 42 8, 28 30, 52 46, 76 66, 60 92, 18 88",
            "76 8, 34 8, 34 8, 24 50, 24 50, 62 46, 74 70, 48 96, 20 92",
            "86 4, 36 10, 36 10, 30 40, 66 50, 72 78, 42 96, 12 84",
        },
        {
            "68 4, 30 35, 16 70, 42 96, 74 82, 68 56, 38 54, 18 74",
            "54 4, 24 50, 18 78, 45 96, 76 78, 62 55, 32 62, 20 80",
            "80 16, 52 6, 22 40, 18 76, 48 96, 80 76, 60 50, 24 64",
            "38 4, 22 50, 26 88, 58 95, 70 72, 46 62, 26 82",
            "84 6, 44 30, 20 72, 40 94, 66 86, 62 64, 36 66, 24 84",
        },
        {
            "14 8, 84 8, 84 8, 40 96",
            "14 10, 84 6, 84 6, 42 96, 42 96 | 28 50, 76 46",
            "12 26, 16 8, 16 8, 84 8, 84 8, 54 48, 44 96",
            "12 14, 40 8, 80 8, 74 34, 44 96",
            "16 16, 48 4, 84 12, 84 12, 66 50, 60 96",
        },
        {
            "74 18, 46 4, 24 22, 48 46, 80 72, 48 96, 18 74, 48 46, 76 22, 62 6",
            "50 4, 26 24, 50 46, 74 24, 50 4 | 50 46, 18 72, 50 96, 82 72, 50 46",
            "78 10, 36 10, 32 34, 62 58, 64 88, 36 92, 30 70, 58 42, 78 12",
            "66 18, 44 8, 34 26, 56 44, 84 72, 46 97, 16 76, 46 48, 66 30, 64 14",
            "60 46, 28 32, 36 8, 66 6, 74 28, 46 52, 22 78, 44 96, 70 84, 60 46",
        },
        {
            "78 30, 56 6, 24 20, 26 46, 56 52, 78 26, 78 26, 74 60, 66 96",
            "74 26, 46 6, 20 28, 42 52, 72 34, 76 8, 76 8, 74 96",
            "76 26, 48 4, 20 28, 44 52, 74 32, 80 54, 64 88, 24 92",
            "70 20, 40 8, 22 34, 46 48, 74 20, 60 60, 42 96",
            "64 8, 32 12, 24 38, 50 48, 70 30, 66 8, 66 8, 78 52, 74 96",
        },
    };

    /** For each digit, variant and stroke: x0 y0 x1 y1 …, in units of the box. */
    private static final float[][][][] STROKES = parse();

    private Skeletons() {}

    static int variants(int digit) {
        return STROKES[digit].length;
    }

    static float[][] strokes(int digit, int variant) {
        return STROKES[digit][variant];
    }

    private static float[][][][] parse() {
        float[][][][] digits = new float[PATHS.length][][][];
        for (int digit = 0; digit < digits.length; digit++) {
            digits[digit] = new float[PATHS[digit].length][][];
            for (int variant = 0; variant < digits[digit].length; variant++) {
                String[] strokes = PATHS[digit][variant].split("\\|");
                digits[digit][variant] = new float[strokes.length][];
                for (int stroke = 0; stroke < strokes.length; stroke++) {
                    digits[digit][variant][stroke] = points(strokes[stroke]);
                }
            }
        }
        return digits;
    }

    private static float[] points(String stroke) {
        String[] numbers = stroke.trim().split("[ ,]+");
        float[] points = new float[numbers.length];
        for (int i = 0; i < points.length; i++) {
            points[i] = Integer.parseInt(numbers[i]) / 100f;
        }
        return points;
    }
}
