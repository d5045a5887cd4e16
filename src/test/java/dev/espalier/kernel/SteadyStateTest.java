package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.internal.Allocation;
import dev.espalier.kernel.TestData.Mix;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kernel after its warm-up: it allocates nothing, which also shows that C2 has turned its vectors into instructions, and
 * the compiled code still gives the committed bits.
 */
@Tag("allocation")
class SteadyStateTest {
    private static final int CALLS = 20;

    static Stream<KernelCall> calls() {
        return KernelCall.ALL.stream();
    }

    static Stream<GemmShape> shapes() {
        return GemmShape.PATHS.stream();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void allocatesNothingAndKeepsItsBits(KernelCall call) {
        float[][] arrays = call.contents(Mix.MODERATE, call.whole(1037));
        int[] offsets = new int[arrays.length];
        int n = call.whole(1037);
        long bytes = Allocation.perRound(() -> {
            for (int i = 0; i < CALLS; i++) {
                call.body().run(arrays, offsets, n);
            }
        });
        assertEquals(0, bytes, () -> "bytes by " + CALLS + " calls of " + call);
        for (Mix mix : Mix.values()) {
            String name = KernelHashes.name(call, mix);
            assertEquals(KernelHashes.COMMITTED.get(name), KernelHashes.of(call, mix), name);
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void productsAllocateNothingAndKeepTheirBits(GemmShape shape) {
        Matrix a = shape.a(Mix.MODERATE);
        Matrix b = shape.b(Mix.MODERATE);
        Matrix c = shape.c(Mix.MODERATE);
        float[] bias = shape.bias(Mix.MODERATE);
        long bytes = Allocation.perRound(() -> {
            for (int i = 0; i < CALLS; i++) {
                shape.multiply(a, b, bias, c, 1);
            }
        });
        assertEquals(0, bytes, () -> "bytes by " + CALLS + " products " + shape);
        for (Mix mix : Mix.values()) {
            String name = KernelHashes.name("gemm " + shape, mix);
            assertEquals(KernelHashes.COMMITTED.get(name), KernelHashes.of(shape, mix), name);
        }
    }
}
