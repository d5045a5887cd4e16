package dev.espalier.kernel;

/** What runs the kernels of this JVM. */
public final class Kernels {
    private Kernels() {}

    /**
     * Which implementation runs, decided once when the first kernel class is initialized.
     *
     * @param vector true if the Vector API runs, false for the scalar loops
     * @param bits width of the vectors in bits; 32 for the scalar loops
     * @param reason why: the species in use, or what is missing and the flag that adds it
     */
    public record Backend(boolean vector, int bits, String reason) {
        @Override
        public String toString() {
            return (vector ? "vector, " + bits + " bits" : "scalar") + " (" + reason + ")";
        }
    }

    /** The backend in use and the reason for it. */
    public static Backend backend() {
        return Simd.BACKEND;
    }
}
