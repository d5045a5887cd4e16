package dev.espalier.kernel;

import dev.espalier.internal.Log;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The switch between the twins. One static final boolean, so that the compiler removes the branch. No class but the vector
 * twins may name jdk.incubator.vector: without the module they would not even link.
 */
final class Simd {
    private static final String MODULE = "jdk.incubator.vector";

    static final Kernels.Backend BACKEND = decide();
    static final boolean ON = BACKEND.vector();

    private Simd() {}

    private static Kernels.Backend decide() {
        String missing = missing();
        if (missing == null) {
            int bits = VectorLanes.BITS;
            missing = unsuited(bits);
            if (missing == null) {
                return new Kernels.Backend(true, bits, "float vectors of " + bits / Float.SIZE + " lanes");
            }
        }
        Log.warn(Simd.class.getPackageName(), "Espalier runs without SIMD: " + missing);
        return new Kernels.Backend(false, Float.SIZE, missing);
    }

    /** Why vectors of so many bits cannot be used, or null if they can: a sum has eight lanes side by side, and no more. */
    static @Nullable String unsuited(int bits) {
        if (bits < 128) {
            return "the CPU offers vectors of " + bits + " bits, at least 128 are needed";
        }
        return bits <= 512 ? null : "the CPU offers vectors of " + bits + " bits; start java with -XX:MaxVectorSize=64";
    }

    /** Why vectors cannot be used, or null if they can. */
    private static @Nullable String missing() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return "the module " + MODULE + " is not resolved; start java with --add-modules " + MODULE;
        }
        // Vectors are objects until C2 removes them: under the interpreter or C1 alone they cost a hundredfold.
        String mode = System.getProperty("java.vm.info", "");
        if (mode.contains("interpreted") || mode.contains("emulated-client")) {
            return "the C2 compiler is off (" + mode + "); start java without -Xint and -XX:TieredStopAtLevel";
        }
        return Stream.concat(
                        Stream.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")
                                .map(System::getenv)
                                .filter(options -> options != null)
                                .flatMap(options -> Stream.of(options.split("\\s+"))),
                        Arrays.stream(ProcessHandle.current().info().arguments().orElse(new String[0])))
                .filter(option -> option.matches("-XX:TieredStopAtLevel=[0-3]"))
                .findFirst()
                .map(option -> "the C2 compiler is off; start java without " + option)
                .orElse(null);
    }
}
