package dev.espalier.kernel;

import static dev.espalier.Bits.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.espalier.internal.Allocation;
import dev.espalier.kernel.TestData.Mix;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels that threads share: the same bits, nothing allocated, and any number of callers at once. */
class SharedWorkTest {
    private static final int N = 1_300_003;

    @Test
    @Tag("kernel")
    void clippingInPlaceHasTheSameBits() {
        float[] x = TestData.unrepeated(1, N);
        float[] scaled = x.clone();
        float[] clamped = x.clone();
        float[] clipped = x.clone();
        Elementwise.scale(scaled, 1, N - 2, 0.3f);
        Elementwise.clamp(clamped, 1, N - 2, -0.1f, 0.2f);
        Elementwise.clip(clipped, 1, N - 2, 0.3f, -0.1f, 0.2f);
        for (int threads : new int[] {2, 3, 7}) {
            float[] y = x.clone();
            Elementwise.scale(y, 1, N - 2, 0.3f, threads);
            assertSame("scale on " + threads, scaled, y);
            y = x.clone();
            Elementwise.clamp(y, 1, N - 2, -0.1f, 0.2f, threads);
            assertSame("clamp on " + threads, clamped, y);
            y = x.clone();
            Elementwise.clip(y, 1, N - 2, 0.3f, -0.1f, 0.2f, threads);
            assertSame("clip on " + threads, clipped, y);
        }
    }

    /** More callers than slots of any pool could serve twice at once, from virtual and from platform threads. */
    @Test
    void manyCallersAtOnce() throws Exception {
        float[] x = TestData.unrepeated(2, N);
        double expected = Reductions.sumOfSquares(x, 0, N);
        Matrix a = Matrix.of(Mix.MODERATE.floats(3, 160 * 160), 0, 160, 160);
        float[] product = new float[160 * 160];
        Gemm.multiply(a, a, Matrix.of(product, 0, 160, 160));
        for (ExecutorService threads :
                List.of(Executors.newVirtualThreadPerTaskExecutor(), Executors.newFixedThreadPool(5))) {
            try (threads) {
                List<Future<double[]>> sums = new ArrayList<>();
                for (int i = 0; i < 40; i++) {
                    sums.add(threads.submit(() -> {
                        float[] c = new float[160 * 160];
                        Gemm.multiply(a, a, Matrix.of(c, 0, 160, 160), 1, 0, 3);
                        assertSame("product", product, c);
                        return new double[] {Reductions.sumOfSquares(x, 0, N, 2)};
                    }));
                }
                for (Future<double[]> sum : sums) {
                    assertEquals(expected, sum.get()[0]);
                }
            }
        }
    }

    /** The objects that share work live on in pools. */
    @Test
    void arraysAreForgottenWhenTheWorkIsDone() {
        assertForgotten("v of Adam", () -> {
            int n = 200_000;
            float[] v = new float[n];
            Updates.adamSquares(new float[n], v, 0, n, 1, -1, 1, 0.9f, 1, 1, 2);
            return v;
        });
        assertForgotten("bias", () -> {
            float[] bias = new float[128];
            Matrix x = Matrix.of(new float[128 * 256], 0, 128, 256);
            Matrix w = Matrix.of(new float[256 * 128], 0, 256, 128);
            Gemm.affine(x, w, bias, 0, Matrix.of(new float[128 * 128], 0, 128, 128), Activation.LINEAR, 2);
            return bias;
        });
    }

    private static void assertForgotten(String name, Supplier<float[]> work) {
        WeakReference<float[]> array = new WeakReference<>(work.get());
        for (int i = 0; i < 5 && array.get() != null; i++) {
            System.gc();
        }
        assertNull(array.get(), name);
    }

    @Test
    @Tag("allocation")
    void allocatesNothing() {
        float[] x = Mix.MODERATE.floats(4, N);
        Matrix a = Matrix.of(Mix.MODERATE.floats(5, 200 * 200), 0, 200, 200);
        Matrix c = Matrix.of(new float[200 * 200], 0, 200, 200);
        double[] sum = new double[1];
        assertEquals(0, Allocation.perRoundOfAll(() -> sum[0] = Reductions.sumOfSquares(x, 0, N, 2)), "sum");
        assertEquals(0, Allocation.perRoundOfAll(() -> Elementwise.clamp(x, 0, N, -1, 1, 2)), "clamp");
        assertEquals(0, Allocation.perRoundOfAll(() -> Gemm.multiply(a, a, c, 1, 0, 2)), "product");
        assertEquals(Reductions.sumOfSquares(x, 0, N), Reductions.sumOfSquares(x, 0, N, 3));
    }
}
