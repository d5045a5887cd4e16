package dev.espalier.examples.digits;

import java.util.Arrays;

/** A square grey image that a round pen draws on. A pixel covers one unit; the centre of the first is at (0.5, 0.5). */
final class Sheet {
    private final int side;
    private final float[] ink;

    Sheet(int side) {
        this.side = side;
        ink = new float[side * side];
    }

    void clear() {
        Arrays.fill(ink, 0);
    }

    /** The darkness of each pixel, 0 to 1, row by row. */
    float[] ink() {
        return ink;
    }

    /**
     * Draws the line from (x0, y0) to (x1, y1) with a pen whose radius goes from r0 to r1. Anti-aliased by distance:
     * full ink up to half an edge inside the radius, none from half an edge outside.
     */
    void line(float x0, float y0, float r0, float x1, float y1, float r1, float edge) {
        float reach = Math.max(r0, r1) + edge / 2;
        int left = Math.max(0, (int) (Math.min(x0, x1) - reach));
        int right = Math.min(side - 1, (int) (Math.max(x0, x1) + reach));
        int top = Math.max(0, (int) (Math.min(y0, y1) - reach));
        int bottom = Math.min(side - 1, (int) (Math.max(y0, y1) + reach));
        float dx = x1 - x0;
        float dy = y1 - y0;
        float perLength = 1 / Math.max(dx * dx + dy * dy, 1e-6f);
        for (int row = top; row <= bottom; row++) {
            float py = row + 0.5f - y0;
            for (int column = left; column <= right; column++) {
                float px = column + 0.5f - x0;
                float along = Math.clamp((px * dx + py * dy) * perLength, 0, 1);
                float ex = px - along * dx;
                float ey = py - along * dy;
                float distance = (float) Math.sqrt(ex * ex + ey * ey);
                float coverage = (r0 + along * (r1 - r0) - distance) / edge + 0.5f;
                int pixel = row * side + column;
                ink[pixel] = Math.max(ink[pixel], Math.min(coverage, 1));
            }
        }
    }
}
