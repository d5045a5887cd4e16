package dev.espalier.bench.peers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The loops of limits.c, on Java's own arrays: nothing is copied, and a call costs nanoseconds. */
final class CLoops {
    /** The system property that holds the path of the compiled library. */
    static final String LIBRARY = "limits";

    private static final SymbolLookup LOOKUP =
            SymbolLookup.libraryLookup(Path.of(System.getProperty(LIBRARY)), Arena.global());

    private static final MethodHandle PEAK_128 = peak(128);
    private static final MethodHandle PEAK_256 = peak(256);
    private static final MethodHandle PEAK_512 = peak(512);
    private static final MethodHandle CLAMP =
            handle("clamp", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
    private static final MethodHandle SCALE =
            handle("scale", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_FLOAT));
    private static final MethodHandle STORE =
            handle("store", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_FLOAT));
    private static final MethodHandle LOAD = handle("load", FunctionDescriptor.of(JAVA_FLOAT, ADDRESS, JAVA_LONG));
    private static final MethodHandle SUM_OF_SQUARES =
            handle("sum_of_squares", FunctionDescriptor.of(JAVA_DOUBLE, ADDRESS, JAVA_LONG));
    private static final MethodHandle CLIP_NORM =
            handle("clip_norm", FunctionDescriptor.of(JAVA_DOUBLE, ADDRESS, JAVA_LONG, JAVA_FLOAT));
    private static final MethodHandle ADAM = handle(
            "adam", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
    private static final MethodHandle ADAM_PLAIN =
            handle("adam_plain", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
    private static final MethodHandle ADAM_NORM =
            handle("adam_norm", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT));

    private CLoops() {}

    /** So many operations, as multiply-adds of vectors of {@code bits} bits. */
    static float peak(int bits, double flops) {
        long count = (long) (flops / (2 * bits / 32));
        try {
            return switch (bits) {
                case 128 -> (float) PEAK_128.invokeExact(count, 0.5f, 1f);
                case 256 -> (float) PEAK_256.invokeExact(count, 0.5f, 1f);
                default -> (float) PEAK_512.invokeExact(count, 0.5f, 1f);
            };
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void clamp(MemorySegment x, float low, float high) {
        try {
            CLAMP.invokeExact(x, floats(x), low, high);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void scale(MemorySegment x, float factor) {
        try {
            SCALE.invokeExact(x, floats(x), factor);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void store(MemorySegment x, float value) {
        try {
            STORE.invokeExact(x, floats(x), value);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static float load(MemorySegment x) {
        try {
            return (float) LOAD.invokeExact(x, floats(x));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static double sumOfSquares(MemorySegment x) {
        try {
            return (double) SUM_OF_SQUARES.invokeExact(x, floats(x));
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static double clipNorm(MemorySegment x, float threshold) {
        try {
            return (double) CLIP_NORM.invokeExact(x, floats(x), threshold);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    static void adam(MemorySegment w, MemorySegment g, MemorySegment m, MemorySegment v, Clipping clip) {
        try {
            switch (clip) {
                case NONE -> ADAM_PLAIN.invokeExact(w, g, m, v, floats(w));
                case VALUE -> ADAM.invokeExact(w, g, m, v, floats(w), 1f, Clipping.BOUND);
                case GLOBAL_NORM -> ADAM_NORM.invokeExact(w, g, m, v, floats(w), Clipping.NORM);
            }
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    private static long floats(MemorySegment x) {
        return x.byteSize() / Float.BYTES;
    }

    private static MethodHandle peak(int bits) {
        return handle("peak" + bits, FunctionDescriptor.of(JAVA_FLOAT, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
    }

    private static MethodHandle handle(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(LOOKUP.findOrThrow(name), type, Linker.Option.critical(true));
    }

    private static IllegalStateException failed(Throwable e) {
        return new IllegalStateException("a loop of limits.c cannot be called", e);
    }
}
