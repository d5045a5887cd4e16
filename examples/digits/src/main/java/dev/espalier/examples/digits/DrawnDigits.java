package dev.espalier.examples.digits;

/**
 * Handwritten-looking digits that the program draws itself: 28×28 grey, ten classes, white ink on black as in MNIST.
 *
 * <p>A digit is one of several pen paths, its points moved a little, then bent by a smooth random displacement field
 * (Simard, Steinkraus, Platt: Best practices for convolutional neural networks, 2003), scaled, slanted, turned and
 * shifted, drawn with a pen of random and changing width, and strewn with noise. Digit {@code i} of a seed depends on
 * {@code (seed, i)} alone and shows the figure {@code i mod 10}, so any ten in a row hold every class once. Only
 * exactly rounded arithmetic and StrictMath are used: a seed draws the same bits on every machine.
 */
final class DrawnDigits {
    // The displacement field is given on a grid of 5×5 nodes and cubic between them.
    private static final int NODES = 5;
    private static final int SAMPLES_PER_SPAN = 6;

    private DrawnDigits() {}

    /** Draws digits {@code from} to {@code from + count - 1} of a seed. */
    static Images draw(long seed, int from, int count) {
        if (from < 0
                || count < 1
                || (long) count * Images.PIXELS > Integer.MAX_VALUE
                || from > Integer.MAX_VALUE - count) {
            throw new IllegalArgumentException(
                    "from = " + from + ", count = " + count + ": expected from at least 0, count 1 to "
                            + Integer.MAX_VALUE / Images.PIXELS + ", and a sum within int");
        }
        float[] pixels = new float[count * Images.PIXELS];
        int[] labels = new int[count];
        Hand hand = new Hand();
        for (int i = 0; i < count; i++) {
            labels[i] = (from + i) % Images.CLASSES;
            hand.write(labels[i], new Dice(seed, from + i), pixels, i * Images.PIXELS);
        }
        return new Images(pixels, labels);
    }

    /** Draws one digit after another, reusing its buffers. */
    private static final class Hand {
        private final Sheet sheet = new Sheet(Images.SIDE);
        private final float[] fieldX = new float[NODES * NODES];
        private final float[] fieldY = new float[NODES * NODES];
        private final float[] points = new float[64];
        private Dice dice = new Dice(0, 0);

        // From the unit box around its centre to pixels.
        private float xx;
        private float xy;
        private float yx;
        private float yy;
        private float shiftX;
        private float shiftY;

        void write(int digit, Dice dice, float[] pixels, int offset) {
            this.dice = dice;
            float[][] strokes = Skeletons.strokes(digit, dice.below(Skeletons.variants(digit)));
            choosePlace();
            chooseField();
            float radius = dice.between(0.8f, 1.9f);
            float edge = dice.between(0.9f, 1.5f);
            sheet.clear();
            for (float[] stroke : strokes) {
                stroke(stroke, radius, edge);
            }
            develop(pixels, offset);
        }

        private void choosePlace() {
            float height = 19 * (1 + dice.bell(0.07f));
            float width = height * dice.between(0.55f, 0.95f);
            float slant = 0.12f + dice.bell(0.14f);
            double angle = dice.bell(0.08f);
            float sin = (float) StrictMath.sin(angle);
            float cos = (float) StrictMath.cos(angle);
            xx = cos * width;
            xy = (-cos * slant - sin) * height;
            yx = sin * width;
            yy = (-sin * slant + cos) * height;
            shiftX = Images.SIDE / 2f + dice.bell(0.7f);
            shiftY = Images.SIDE / 2f + dice.bell(0.7f);
        }

        private void chooseField() {
            for (int i = 0; i < fieldX.length; i++) {
                fieldX[i] = dice.bell(0.09f);
                fieldY[i] = dice.bell(0.09f);
            }
        }

        private void stroke(float[] skeleton, float radius, float edge) {
            int n = skeleton.length / 2;
            for (int i = 0; i < n; i++) {
                boolean corner =
                        i > 0 && skeleton[2 * i] == skeleton[2 * i - 2] && skeleton[2 * i + 1] == skeleton[2 * i - 1];
                // Both copies of a corner move together.
                points[2 * i] = corner ? points[2 * i - 2] : skeleton[2 * i] + dice.bell(0.03f);
                points[2 * i + 1] = corner ? points[2 * i - 1] : skeleton[2 * i + 1] + dice.bell(0.03f);
            }
            float r0 = radius * dice.between(0.8f, 1.1f);
            float x0 = 0;
            float y0 = 0;
            for (int i = 0; i + 1 < n; i++) {
                float r2 = radius * dice.between(0.8f, 1.1f);
                float r1 = r0;
                for (int sample = i == 0 ? 0 : 1; sample <= SAMPLES_PER_SPAN; sample++) {
                    float t = sample / (float) SAMPLES_PER_SPAN;
                    float x = spline(0, i, n, t);
                    float y = spline(1, i, n, t);
                    float u = x + displacement(fieldX, x, y) - 0.5f;
                    float v = y + displacement(fieldY, x, y) - 0.5f;
                    float px = xx * u + xy * v + shiftX;
                    float py = yx * u + yy * v + shiftY;
                    float r = r0 + t * (r2 - r0);
                    if (sample > 0) {
                        sheet.line(x0, y0, r1, px, py, r, edge);
                    }
                    x0 = px;
                    y0 = py;
                    r1 = r;
                }
                r0 = r2;
            }
        }

        /** Coordinate {@code axis} of the Catmull-Rom spline between points i and i + 1 of n. */
        private float spline(int axis, int i, int n, float t) {
            float p0 = points[2 * Math.max(i - 1, 0) + axis];
            float p1 = points[2 * i + axis];
            float p2 = points[2 * (i + 1) + axis];
            float p3 = points[2 * Math.min(i + 2, n - 1) + axis];
            float a = 3 * (p1 - p2) + p3 - p0;
            float b = 2 * p0 - 5 * p1 + 4 * p2 - p3;
            return p1 + 0.5f * t * (p2 - p0 + t * (b + t * a));
        }

        /** The field at (x, y) of the unit box: uniform cubic B-splines, so it is smooth. */
        private float displacement(float[] field, float x, float y) {
            float column = Math.clamp(x, 0, 0.999f) * (NODES - 3);
            float row = Math.clamp(y, 0, 0.999f) * (NODES - 3);
            int left = (int) column;
            int top = (int) row;
            float sum = 0;
            for (int i = 0; i < 4; i++) {
                float across = 0;
                for (int j = 0; j < 4; j++) {
                    across += bump(j, column - left) * field[(top + i) * NODES + left + j];
                }
                sum += bump(i, row - top) * across;
            }
            return sum;
        }

        private static float bump(int piece, float t) {
            float s = 1 - t;
            return switch (piece) {
                case 0 -> s * s * s / 6;
                case 1 -> (4 - 6 * t * t + 3 * t * t * t) / 6;
                case 2 -> (4 - 6 * s * s + 3 * s * s * s) / 6;
                default -> t * t * t / 6;
            };
        }

        /** Ink, grain and stray light to grey values in 255 steps, as a scanner would. */
        private void develop(float[] pixels, int offset) {
            float strength = dice.between(0.75f, 1.1f);
            float noise = dice.between(0.01f, 0.08f);
            float[] ink = sheet.ink();
            for (int i = 0; i < Images.PIXELS; i++) {
                float grey = Math.clamp(strength * ink[i] + dice.bell(noise), 0, 1);
                pixels[offset + i] = (int) (grey * 255 + 0.5f) / 255f;
            }
        }
    }
}
