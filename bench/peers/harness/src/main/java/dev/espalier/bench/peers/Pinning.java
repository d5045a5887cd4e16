package dev.espalier.bench.peers;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * Keeps the measuring thread on one core of Linux. Unlike {@code taskset} it leaves the others to the compilers and the collector of the
 * JVM, which would take turns with the measured code.
 */
final class Pinning {
    private static final int MASK_BYTES = 128;

    private Pinning() {}

    /** Pins the calling thread, and all that it will start, to the core it runs on; does nothing on other systems. */
    static void pin() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            Linker linker = Linker.nativeLinker();
            int core = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("sched_getcpu"), FunctionDescriptor.of(JAVA_INT))
                    .invokeExact();
            MemorySegment mask = arena.allocate(MASK_BYTES);
            mask.set(JAVA_BYTE, core / 8, (byte) (1 << core % 8));
            int error = (int) linker.downcallHandle(
                            linker.defaultLookup().findOrThrow("sched_setaffinity"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS))
                    .invokeExact(0, (long) MASK_BYTES, mask);
            if (error != 0) {
                System.err.println("not pinned to core " + core);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("cannot pin the measuring thread", e);
        }
    }
}
