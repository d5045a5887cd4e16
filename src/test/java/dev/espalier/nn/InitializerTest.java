package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.kernel.Reductions;
import dev.espalier.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("kernel")
class InitializerTest {
    private static final int INPUTS = 300;
    private static final int OUTPUTS = 200;
    private static final int N = INPUTS * OUTPUTS;

    @ParameterizedTest
    @CsvSource({
        "GLOROT_UNIFORM, 0.004, true",
        "GLOROT_NORMAL, 0.004, false",
        "HE_UNIFORM, 0.006666666666666667, true",
        "HE_NORMAL, 0.006666666666666667, false",
        "LECUN_UNIFORM, 0.0033333333333333335, true",
        "LECUN_NORMAL, 0.0033333333333333335, false",
    })
    void meanAndVarianceAreThoseOfThePaper(Kind kind, double variance, boolean uniform) {
        Tensor w = Tensor.zeros(INPUTS, OUTPUTS);
        kind.initializer().fill(w, INPUTS, OUTPUTS, 1);
        double deviation = Math.sqrt(variance);
        // The mean of n has deviation σ/√n; x² has deviation σ²·√0.8 (uniform) or σ²·√2 (normal). Five of them are
        // rare.
        double mean = Reductions.sum(w.array(), 0, N) / N;
        assertEquals(0, mean, 5 * deviation / Math.sqrt(N));
        double square = Reductions.sumOfSquares(w.array(), 0, N) / N;
        assertEquals(variance, square, 5 * variance * Math.sqrt((uniform ? 0.8 : 2) / N));
        float largest = Reductions.maxAbs(w.array(), 0, N);
        if (uniform) {
            assertTrue(largest <= (float) (Math.sqrt(3) * deviation));
            assertTrue(largest > 0.999 * Math.sqrt(3) * deviation);
        } else {
            assertTrue(largest > 3.5 * deviation, "not truncated");
            // 68.27 % lie within one deviation; a share of n has deviation √(p(1−p)/n).
            int outside = Reductions.countOutside(w.array(), 0, N, 1, (float) -deviation, (float) deviation);
            assertEquals(0.3173, (double) outside / N, 5 * Math.sqrt(0.3173 * 0.6827 / N));
        }
    }

    @Test
    void onlyTheSeedDecides() {
        for (Kind kind : Kind.values()) {
            Tensor one = Tensor.view(new float[100], 20, 8, 4);
            Tensor other = Tensor.zeros(8, 4);
            kind.initializer().fill(one, 8, 4, 7);
            kind.initializer().fill(other, 8, 4, 7);
            assertArrayEquals(other.array(), one.copy().array());
            assertEquals(0, one.array()[19]);
            assertEquals(0, one.array()[52]);
            kind.initializer().fill(one, 8, 4, 8);
            assertNotEquals(other.get(0, 0), one.get(0, 0));
        }
    }

    @Test
    void theBitsAreFixed() {
        Tensor uniform = Tensor.zeros(3);
        Initializer.glorotUniform().fill(uniform, 784, 64, 42);
        // Worked out apart from this code, from the definitions of SplitMix64 and of the distributions.
        assertArrayEquals(new float[] {0.040638857f, -0.057213835f, -0.037246298f}, uniform.array());
        Tensor normal = Tensor.zeros(3);
        Initializer.heNormal().fill(normal, 784, 64, 42);
        assertArrayEquals(new float[] {0.0445603f, -0.022771357f, 0.009513245f}, normal.array());
    }

    @Test
    void parametersHaveStreamsOfTheirOwn() {
        Sequential model = Sequential.of(4, Dense.linear(4), Dense.linear(4));
        float[] w = model.parameters().weights();
        for (int i = 0; i < 16; i++) {
            assertNotEquals(w[i], w[20 + i]);
        }
    }

    @Test
    void zerosAreZero() {
        Tensor w = Tensor.zeros(3, 2).fill(Float.NaN);
        Initializer.zeros().fill(w, 3, 2, 1);
        assertArrayEquals(new float[6], w.array());
    }

    enum Kind {
        GLOROT_UNIFORM,
        GLOROT_NORMAL,
        HE_UNIFORM,
        HE_NORMAL,
        LECUN_UNIFORM,
        LECUN_NORMAL;

        Initializer initializer() {
            return switch (this) {
                case GLOROT_UNIFORM -> Initializer.glorotUniform();
                case GLOROT_NORMAL -> Initializer.glorotNormal();
                case HE_UNIFORM -> Initializer.heUniform();
                case HE_NORMAL -> Initializer.heNormal();
                case LECUN_UNIFORM -> Initializer.lecunUniform();
                case LECUN_NORMAL -> Initializer.lecunNormal();
            };
        }
    }
}
