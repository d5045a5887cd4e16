package dev.espalier.kernel;

import static dev.espalier.Errors.assertIllegal;
import static dev.espalier.kernel.GemmShape.at;
import static dev.espalier.kernel.TestData.DEEP;
import static dev.espalier.kernel.TestData.U;
import static dev.espalier.kernel.TestData.U_DOUBLE;
import static dev.espalier.kernel.TestData.assertSame;
import static dev.espalier.kernel.TestData.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.kernel.TestData.Mix;
import java.util.Arrays;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("kernel")
class GemmTest {
    /** Sizes from 0: a product without rows, columns or depth is legal. */
    @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
    void multiplyIsOneChainPerElement(
            @ForAll @IntRange(max = 40) int m,
            @ForAll @IntRange(max = 40) int n,
            @ForAll @IntRange(max = 40) int k,
            @ForAll boolean aTransposed,
            @ForAll boolean bTransposed,
            @ForAll @IntRange(max = 9) int gap,
            @ForAll @IntRange(min = 1, max = 2) int spread,
            @ForAll @IntRange(max = 3) int alpha,
            @ForAll @IntRange(max = 3) int beta,
            @ForAll Mix mix) {
        float[] scalars = {1, 0, -0.75f, 1.7e20f};
        new GemmShape(m, n, k, aTransposed, bTransposed, gap, spread, scalars[alpha], scalars[beta], null)
                .check(mix, 1);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void affineStartsEachChainAtTheBias(
            @ForAll @IntRange(max = 40) int m,
            @ForAll @IntRange(max = 80) int n,
            @ForAll @IntRange(max = 40) int k,
            @ForAll boolean aTransposed,
            @ForAll boolean bTransposed,
            @ForAll @IntRange(max = 9) int gap,
            @ForAll Activation activation,
            @ForAll Mix mix) {
        new GemmShape(m, n, k, aTransposed, bTransposed, gap, 1, 1, 0, activation).check(mix, 1);
    }

    @Example
    void everyPathIsOneChainPerElement() {
        for (GemmShape shape : GemmShape.PATHS) {
            shape.check(Mix.MODERATE, 1);
            shape.check(Mix.ANY, 1);
        }
    }

    /** Large enough to be shared; split along rows, along columns, and where neither divides. */
    @Example
    void threadsDoNotShow() {
        GemmShape[] shapes = {
            GemmShape.of(256, 80, 128).gap(3),
            GemmShape.of(80, 300, 100).affine(Activation.TANH),
            GemmShape.of(131, 129, 127).transposeA().scaled(-2, 0.5f),
            GemmShape.of(129, 131, 127).transposeB().scaled(1, 1).gap(1),
            GemmShape.of(2, 1100, 1000),
            GemmShape.of(1100, 2, 1000).affine(Activation.RELU),
            GemmShape.of(2100, 1, 1000),
        };
        for (GemmShape shape : shapes) {
            shape.check(Mix.MODERATE, 3);
            Matrix expected = shape.run(Mix.MODERATE, 3);
            for (int threads : new int[] {1, 2, 7, 1000}) {
                assertSame(expected.array(), shape.run(Mix.MODERATE, threads).array(), shape + " on " + threads);
            }
        }
    }

    /**
     * {@code |c − exact| ≤ γ_{k+1}·(|beta·c| + |alpha|·Σ|a||b|)}: k roundings of the chain and one of beta·c or of alpha·a. The
     * exact value stands in for by one in double, whose own error is the second term.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void errorIsWithinItsBound(
            @ForAll @IntRange(min = 1, max = 12) int m,
            @ForAll @IntRange(min = 1, max = 70) int n,
            @ForAll @IntRange(min = 1, max = 700) int k,
            @ForAll boolean transposed,
            @ForAll boolean accumulate) {
        GemmShape shape = GemmShape.of(m, n, k).scaled(0.7f, accumulate ? 1.3f : 0);
        shape = transposed ? shape.transposeA().transposeB() : shape;
        Matrix a = shape.a(Mix.MODERATE);
        Matrix b = shape.b(Mix.MODERATE);
        Matrix before = shape.c(Mix.MODERATE);
        Matrix c = shape.run(Mix.MODERATE, 1);
        double gamma = (k + 1) * U / (1 - (k + 1) * U);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double exact = accumulate ? (double) shape.beta() * at(before, i, j) : 0;
                double magnitude = Math.abs(exact);
                for (int p = 0; p < k; p++) {
                    double product = (double) shape.alpha() * at(a, i, p) * at(b, p, j);
                    exact += product;
                    magnitude += Math.abs(product);
                }
                double bound = (gamma + (k + 3) * U_DOUBLE) * magnitude;
                assertWithin(exact, at(c, i, j), bound, shape + " [" + i + ", " + j + "]");
            }
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void accumulatingOverSlicesIsOneLongChain(
            @ForAll @IntRange(min = 1, max = 30) int m,
            @ForAll @IntRange(min = 1, max = 70) int n,
            @ForAll @IntRange(min = 1, max = 600) int k,
            @ForAll @IntRange(max = 600) int cut,
            @ForAll boolean aTransposed,
            @ForAll boolean bTransposed) {
        GemmShape shape = new GemmShape(m, n, k, aTransposed, bTransposed, 1, 1, 0.5f, 0, null);
        Matrix a = shape.a(Mix.MODERATE);
        Matrix b = shape.b(Mix.MODERATE);
        Matrix whole = shape.run(Mix.MODERATE, 1);
        Matrix parts = shape.c(Mix.MODERATE);
        int first = Math.min(cut, k);
        Gemm.multiply(a.transpose().rows(0, first).transpose(), b.rows(0, first), parts, 0.5f, 0, 1);
        Gemm.multiply(a.transpose().rows(first, k - first).transpose(), b.rows(first, k - first), parts, 0.5f, 1, 1);
        assertSame(whole.array(), parts.array(), shape + " cut at " + first);
    }

    /** A mini-batch row computed alone has the bits of the same row in any batch. */
    @Example
    void aRowDoesNotDependOnItsNeighbours() {
        GemmShape shape = GemmShape.of(37, 75, 300).affine(Activation.TANH);
        Matrix x = shape.a(Mix.MODERATE);
        Matrix w = shape.b(Mix.MODERATE);
        float[] bias = shape.bias(Mix.MODERATE);
        Matrix all = shape.run(Mix.MODERATE, 1);
        Matrix one = shape.c(Mix.MODERATE);
        for (int i = 0; i < shape.m(); i++) {
            Gemm.affine(x.rows(i, 1), w, bias, 0, one.rows(i, 1), Activation.TANH, 1);
        }
        assertSame(all.array(), one.array(), "row by row");
    }

    /** Weights, biases, inputs and outputs may be windows of one array. */
    @Example
    void operandsMayShareOneArray() {
        for (int n : new int[] {1, 2, 16, 61, 130}) {
            GemmShape shape = GemmShape.of(21, n, 600).affine(Activation.RELU);
            Matrix x = shape.a(Mix.MODERATE);
            Matrix w = shape.b(Mix.MODERATE);
            float[] bias = shape.bias(Mix.MODERATE);
            int sizeX = 21 * 600;
            int sizeW = 600 * n;
            float[] array = new float[sizeX + sizeW + n + 21 * n];
            System.arraycopy(x.array(), 0, array, 0, sizeX);
            System.arraycopy(w.array(), 0, array, sizeX, sizeW);
            System.arraycopy(bias, 0, array, sizeX + sizeW, n);
            Matrix y = Matrix.of(array, sizeX + sizeW + n, 21, n);
            Gemm.affine(
                    Matrix.of(array, 0, 21, 600),
                    Matrix.of(array, sizeX, 600, n),
                    array,
                    sizeX + sizeW,
                    y,
                    Activation.RELU,
                    1);
            Matrix apart = shape.run(Mix.MODERATE, 1);
            for (int i = 0; i < 21; i++) {
                for (int j = 0; j < n; j++) {
                    assertEquals(at(apart, i, j), at(y, i, j), "n = " + n + " [" + i + ", " + j + "]");
                }
            }
        }
    }

    /** The scalar product is what runs without the incubator module: its bits are the definition on every backend. */
    @Example
    void facadeHasTheBitsOfTheScalarTwin() {
        for (GemmShape shape : GemmShape.PATHS) {
            if (shape.affine() != null || shape.beta() != 1) {
                continue;
            }
            Matrix expected = shape.c(Mix.FINITE);
            Matrix a = shape.a(Mix.FINITE);
            Matrix b = shape.b(Mix.FINITE);
            ScalarGemm.run(
                    shape.m(),
                    shape.n(),
                    shape.k(),
                    shape.alpha(),
                    a,
                    a.offset(),
                    b,
                    b.offset(),
                    expected.array(),
                    expected.offset(),
                    expected.rowStride());
            assertSame(expected.array(), shape.run(Mix.FINITE, 1).array(), shape.toString());
        }
    }

    /** Time steps of a recurrent layer: A, B and C are different columns of one row-major matrix. */
    @Example
    void columnsOfOneMatrix() {
        int rows = 20;
        float[] all = Mix.MODERATE.floats(7, 3 + rows * 100);
        Matrix a = new Matrix(all, 3, rows, 20, 100, 1);
        Matrix b = new Matrix(all, 3 + 57, 20, 37, 100, 1);
        Matrix c = new Matrix(all, 3 + 20, rows, 37, 100, 1);
        float[] before = all.clone();
        float[] expected = new float[rows * 37];
        Gemm.multiply(a, b, Matrix.of(expected, 0, rows, 37));
        Gemm.multiply(a, b, c);
        for (int at = 0; at < all.length; at++) {
            int column = Math.floorMod(at - 3, 100);
            boolean inC = at >= 3 && column >= 20 && column < 57;
            assertSame(inC ? expected[(at - 3) / 100 * 37 + column - 20] : before[at], all[at], "element " + at);
        }
        Matrix tooWide = new Matrix(all, 3, rows, 21, 100, 1);
        Matrix behind = new Matrix(all, 3 + 56, 20, 37, 100, 1);
        assertIllegal(() -> Gemm.multiply(tooWide, Matrix.of(new float[21 * 37], 0, 21, 37), c), "a [", "disjoint");
        assertIllegal(() -> Gemm.multiply(a, behind, c), "b [", "disjoint");
    }

    /** A matrix of one row may have any row stride: columns are counted without passing the largest int. */
    @Example
    void rowsThatOverlapAreSeenWhateverTheirStride() {
        float[] s = new float[10];
        Arrays.fill(s, 1);
        int far = Integer.MAX_VALUE;
        Matrix c = new Matrix(s, 2, 1, 2, far, 1);
        Matrix row = new Matrix(s, 0, 1, 4, far, 1);
        Matrix other = Matrix.of(new float[8], 0, 4, 2);
        assertIllegal(() -> Gemm.multiply(row, other, c), "a [", "disjoint");
        assertIllegal(
                () -> Gemm.multiply(Matrix.of(new float[1], 0, 1, 1), new Matrix(s, 1, 1, 2, far, 1), c),
                "b [",
                "disjoint");
        assertIllegal(() -> Gemm.affine(row, other, new float[2], 0, c, Activation.LINEAR, 1), "x [", "disjoint");
        assertSame(new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, s, "nothing is written");
    }

    /** Strides of 0 make the longest inner index out of one float; the deep profile takes the largest int. */
    @Example
    void theInnerIndexMayBeTheLargestInt() {
        int k = DEEP ? Integer.MAX_VALUE : 2_000_003;
        float[] c = new float[1];
        Gemm.multiply(
                new Matrix(new float[] {1}, 0, 1, k, 1, 0),
                new Matrix(new float[] {1}, 0, k, 1, 0, 1),
                Matrix.of(c, 0, 1, 1));
        // A float adds 1 up to 2²⁴.
        assertEquals(Math.min(k, 1 << 24), c[0]);
    }

    /** What is lost below the normal floats is within what the bound adds for it. */
    @Example
    void underflowIsWithinItsBound() {
        double tiny = 0x1p-150;
        for (float[] alphaAB :
                new float[][] {{0x1p-100f, 0x1p-100f, 0x1p100f}, {1, Float.MIN_VALUE, 0.5f}, {1, 0x1p-80f, 0x1.8p-69f}
                }) {
            float[] result = new float[1];
            Gemm.multiply(
                    Matrix.of(new float[] {alphaAB[1]}, 0, 1, 1),
                    Matrix.of(new float[] {alphaAB[2]}, 0, 1, 1),
                    Matrix.of(result, 0, 1, 1),
                    alphaAB[0],
                    0,
                    1);
            double exact = (double) alphaAB[0] * alphaAB[1] * alphaAB[2];
            double bound = 2 * U * Math.abs(exact) + tiny * (2 + alphaAB[2]);
            assertWithin(exact, result[0], bound, Arrays.toString(alphaAB));
        }
    }
}
