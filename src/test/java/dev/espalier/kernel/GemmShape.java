package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.same;
import static dev.espalier.kernel.TestData.sentinels;
import static org.junit.jupiter.api.Assertions.fail;

import dev.espalier.kernel.TestData.Mix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One matrix product to try: sizes, layout and scalars. Operands lie among sentinels: before and behind, in the gaps between rows,
 * and between columns.
 *
 * @param gap sentinels between the rows of each matrix, and in front of it
 * @param spread distance of neighbouring columns of A and B (rows, if transposed)
 * @param affine the activation of {@link Gemm#affine}, or null for {@link Gemm#multiply}
 */
record GemmShape(
        int m,
        int n,
        int k,
        boolean aTransposed,
        boolean bTransposed,
        int gap,
        int spread,
        float alpha,
        float beta,
        @Nullable Activation affine) {

    /** Every path of the scalar and the vector product, at every vector width; each element is one chain all the same. */
    static final List<GemmShape> PATHS = List.of(
            of(1, 1, 1),
            of(3, 5, 0),
            of(3, 5, 0).scaled(1, 0.5f),
            of(3, 5, 0).affine(Activation.SIGMOID),
            // Tiles of every height and width, and what fills no vector.
            of(1, 127, 33),
            of(2, 64, 17).gap(3),
            of(3, 48, 9),
            of(5, 32, 8).gap(1),
            of(6, 24, 7).affine(Activation.LINEAR),
            of(7, 16, 31).affine(Activation.RELU),
            of(8, 15, 5).affine(Activation.TANH),
            of(9, 12, 12).affine(Activation.SIGMOID),
            of(17, 61, 40).affine(Activation.RELU).gap(5),
            of(4, 3, 40).transposeA().transposeB(),
            of(23, 33, 19).scaled(-0.75f, 1),
            of(23, 33, 19).transposeA().scaled(2, -0.5f).gap(7),
            of(23, 33, 19).transposeB().scaled(1, 1),
            of(23, 33, 19).spread(3).gap(2),
            of(23, 33, 1).scaled(0.5f, 1),
            // One column, one row.
            of(100, 1, 90),
            of(100, 1, 90).transposeA(),
            of(100, 1, 90).transposeA().gap(4).scaled(1, 1),
            of(45, 1, 30).scaled(0.5f, 2).gap(2),
            of(1, 200, 300).affine(Activation.LINEAR),
            of(1, 300, 300).transposeB(),
            of(1, 1, 700).scaled(1, 1),
            // Sums of more than one slice, copies of A and of B, and both.
            of(20, 130, 600),
            of(10, 130, 600),
            of(20, 130, 600).gap(1).affine(Activation.RELU),
            of(20, 70, 520).transposeB().scaled(1, 1),
            of(40, 18, 1800).transposeA(),
            of(1030, 18, 70).transposeA(),
            of(1030, 21, 300).scaled(0.3f, 1),
            of(1027, 70, 261).transposeA().transposeB().gap(1),
            of(8, 29, 2800).scaled(1, 1),
            of(9, 45, 2800).affine(Activation.RELU),
            of(9, 200, 2800).gap(1),
            of(13, 61, 2800).transposeA().transposeB().scaled(0.5f, 1),
            // More columns than are copied at a time.
            of(9, 800, 2730).transposeB(),
            of(9, 2100, 512),
            // Copies of both operands in tiles of six rows: where that begins, edges, blocks, slices.
            of(128, 128, 32),
            of(128, 128, 31),
            of(300, 16, 33),
            of(13, 47, 140).affine(Activation.RELU),
            of(32, 64, 512),
            of(32, 64, 511),
            of(12, 128, 1400).affine(Activation.TANH),
            of(47, 140, 1030).gap(1).scaled(0.3f, 1),
            of(47, 140, 330).affine(Activation.RELU).gap(3),
            of(47, 140, 330).transposeA().gap(1),
            of(47, 140, 330).transposeA().transposeB().scaled(1, 1),
            of(47, 140, 330).spread(2),
            of(100, 47, 600).affine(Activation.RELU).gap(2),
            of(100, 47, 600).transposeA().scaled(0.3f, 1),
            of(1027, 130, 97).transposeB(),
            of(12, 2070, 1024).transposeA(),
            of(1038, 64, 97).gap(1),
            // A transposed A that is read in place, and one that is not.
            of(71, 45, 95).transposeA(),
            of(71, 45, 96).transposeA(),
            of(71, 48, 50).transposeA().transposeB().gap(1).scaled(1, 1),
            of(71, 48, 50).transposeA().scaled(0.3f, 0),
            of(1038, 16, 9).transposeA(),
            of(1038, 64, 98).transposeA().scaled(1, 1),
            of(33, 140, 300).scaled(2, 0),
            // Wider than what the scalar product sweeps at a time.
            of(9, 1100, 37),
            of(9, 1030, 16).scaled(3, 1));

    static GemmShape of(int m, int n, int k) {
        return new GemmShape(m, n, k, false, false, 0, 1, 1, 0, null);
    }

    GemmShape transposeA() {
        return new GemmShape(m, n, k, true, bTransposed, gap, spread, alpha, beta, affine);
    }

    GemmShape transposeB() {
        return new GemmShape(m, n, k, aTransposed, true, gap, spread, alpha, beta, affine);
    }

    GemmShape gap(int gap) {
        return new GemmShape(m, n, k, aTransposed, bTransposed, gap, spread, alpha, beta, affine);
    }

    GemmShape spread(int spread) {
        return new GemmShape(m, n, k, aTransposed, bTransposed, gap, spread, alpha, beta, affine);
    }

    GemmShape scaled(float alpha, float beta) {
        return new GemmShape(m, n, k, aTransposed, bTransposed, gap, spread, alpha, beta, affine);
    }

    GemmShape affine(Activation activation) {
        return new GemmShape(m, n, k, aTransposed, bTransposed, gap, spread, 1, 0, activation);
    }

    Matrix a(Mix mix) {
        return aTransposed
                ? matrix(mix.floats(m + 7L, m * k), k, m, spread).transpose()
                : matrix(mix.floats(m + 7L, m * k), m, k, spread);
    }

    Matrix b(Mix mix) {
        return bTransposed
                ? matrix(mix.floats(n + 70L, k * n), n, k, spread).transpose()
                : matrix(mix.floats(n + 70L, k * n), k, n, spread);
    }

    /** What C holds before: sentinels where it must not be read. */
    Matrix c(Mix mix) {
        return matrix(beta == 0 ? sentinels(m * n) : mix.floats(k + 700L, m * n), m, n, 1);
    }

    float[] bias(Mix mix) {
        return mix.floats(k + 7000L, n);
    }

    /** C after the product. */
    Matrix run(Mix mix, int threads) {
        Matrix c = c(mix);
        multiply(a(mix), b(mix), bias(mix), c, threads);
        return c;
    }

    void multiply(Matrix a, Matrix b, float[] bias, Matrix c, int threads) {
        if (affine != null) {
            Gemm.affine(a, b, bias, 0, c, affine, threads);
        } else {
            Gemm.multiply(a, b, c, alpha, beta, threads);
        }
    }

    /** The definition: one chain per element. Compares bits, also those of the gaps. */
    void check(Mix mix, int threads) {
        Matrix a = a(mix);
        Matrix b = b(mix);
        float[] bias = bias(mix);
        Matrix before = c(mix);
        Matrix actual = c(mix);
        multiply(a, b, bias, actual, threads);

        float[] expected = before.array().clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float sum = affine != null ? bias[j] : beta == 0 ? 0 : beta * at(before, i, j);
                for (int p = 0; p < k; p++) {
                    sum = Math.fma(alpha * at(a, i, p), at(b, p, j), sum);
                }
                expected[before.offset() + i * before.rowStride() + j] = sum;
            }
            if (affine != null) {
                affine.apply(expected, before.offset() + i * before.rowStride(), n);
            }
        }
        for (int s = 0; s < expected.length; s++) {
            float is = actual.array()[s];
            boolean gapHere = s < before.offset() || (s - before.offset()) % Math.max(before.rowStride(), 1) >= n;
            if (gapHere ? Float.floatToRawIntBits(is) != TestData.SENTINEL : !same(expected[s], is)) {
                fail(this + ", " + mix + ", " + threads + " threads: c[" + s + "] = " + Float.toHexString(is)
                        + ", expected " + (gapHere ? "the sentinel" : Float.toHexString(expected[s])));
            }
        }
        TestData.assertSame(a(mix).array(), a.array(), this + ", input a");
        TestData.assertSame(b(mix).array(), b.array(), this + ", input b");
        TestData.assertSame(bias(mix), bias, this + ", input bias");
    }

    static float at(Matrix x, int i, int j) {
        return x.array()[x.offset() + i * x.rowStride() + j * x.columnStride()];
    }

    private Matrix matrix(float[] content, int rows, int columns, int columnStride) {
        int rowStride = columns * columnStride + gap;
        float[] array = sentinels(gap + rows * rowStride + gap);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                array[gap + i * rowStride + j * columnStride] = content[i * columns + j];
            }
        }
        return new Matrix(array, gap, rows, columns, rowStride, columnStride);
    }

    @Override
    public String toString() {
        return m + " x " + n + " x " + k + (aTransposed ? ", A'" : "") + (bTransposed ? ", B'" : "")
                + (gap == 0 ? "" : ", gap " + gap) + (spread == 1 ? "" : ", spread " + spread)
                + (affine == null ? ", alpha " + alpha + ", beta " + beta : ", " + affine);
    }
}
