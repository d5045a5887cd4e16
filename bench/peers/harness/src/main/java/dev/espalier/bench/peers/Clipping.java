package dev.espalier.bench.peers;

/** How the gradient of an update is clipped. */
public enum Clipping {
    NONE("no clip"),
    VALUE("clip value 0.05"),
    GLOBAL_NORM("clip global norm 1");

    /** Threshold of {@link #VALUE}. */
    public static final float BOUND = 0.05f;

    /** Threshold of {@link #GLOBAL_NORM}. */
    public static final float NORM = 1;

    final String label;

    Clipping(String label) {
        this.label = label;
    }

    /** Element x of a gradient of norm {@code norm}, clipped. */
    double of(double x, double norm) {
        return switch (this) {
            case NONE -> x;
            case VALUE -> Math.clamp(x, -BOUND, BOUND);
            case GLOBAL_NORM -> norm > NORM ? x * NORM / norm : x;
        };
    }
}
