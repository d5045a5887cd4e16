package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class SimdTest {
    @Test
    void widthsThatTheKernelsAreNotMadeForAreNamed() {
        for (int bits : new int[] {128, 256, 512}) {
            assertNull(Simd.unsuited(bits));
        }
        assertEquals("the CPU offers vectors of 64 bits, at least 128 are needed", Simd.unsuited(64));
        assertEquals("the CPU offers vectors of 1024 bits; start java with -XX:MaxVectorSize=64", Simd.unsuited(1024));
    }
}
