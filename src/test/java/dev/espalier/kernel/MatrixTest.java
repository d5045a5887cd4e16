package dev.espalier.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("kernel")
class MatrixTest {
    @Test
    void isAViewWithStrides() {
        float[] array = {9, 9, 0, 1, 2, 9, 3, 4, 5, 9};
        Matrix x = new Matrix(array, 2, 2, 3, 4, 1);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                assertEquals(3 * i + j, GemmShape.at(x, i, j));
                assertEquals(3 * i + j, GemmShape.at(x.transpose(), j, i));
            }
        }
        assertEquals(x, x.transpose().transpose());
        assertEquals(new Matrix(array, 6, 1, 3, 4, 1), x.rows(1, 1));
        assertEquals(new Matrix(array, 3, 2, 2, 1, 4), x.transpose().rows(1, 2));
        assertEquals("Matrix[2 x 3, offset 2, strides 4, 1]", x.toString());
    }

    @Test
    void emptyOnesAreLegal() {
        float[] array = new float[4];
        assertEquals(0, Matrix.of(array, 4, 0, 3).rows());
        assertEquals(0, Matrix.of(array, 4, 3, 0).columns());
        assertEquals(0, Matrix.of(array, 0, 0, 3).transpose().columns());
    }

    /** The rows of an empty view would begin where the array may have ended. */
    @Test
    void anyEmptyPartOfALegalOneIsLegal() {
        Matrix x = new Matrix(new float[10], 2, 2, 3, 5, 1);
        assertEquals(0, x.rows(2, 0).rows());
        assertEquals(0, x.rows(0, 0).rows());
        assertEquals(
                1, new Matrix(new float[10], 0, 3, 0, 1 << 30, 1).rows(2, 1).rows());
    }

    @Test
    void productsOfEmptyOnesDoNothingButScale() {
        float[] array = {1, 2, 3, 4};
        Matrix noColumns = new Matrix(array, 0, 5, 0, 100, 1);
        Gemm.multiply(Matrix.of(array, 0, 5, 0), Matrix.of(array, 0, 0, 0), noColumns, 1, 0.5f, 1);
        Gemm.multiply(
                Matrix.of(array, 0, 0, 3), Matrix.of(new float[6], 0, 3, 2), Matrix.of(array, 0, 0, 2), 1, 0.5f, 2);
        TestData.assertSame(new float[] {1, 2, 3, 4}, array, "nothing to multiply");
        Gemm.multiply(
                Matrix.of(new float[0], 0, 2, 0),
                Matrix.of(new float[0], 0, 0, 2),
                Matrix.of(array, 0, 2, 2),
                1,
                0.5f,
                1);
        TestData.assertSame(new float[] {0.5f, 1, 1.5f, 2}, array, "no terms");
        Gemm.multiply(Matrix.of(array, 1, 2, 0), Matrix.of(array, 2, 0, 2), Matrix.of(array, 0, 2, 2), 1, 2, 1);
        TestData.assertSame(new float[] {1, 2, 3, 4}, array, "no terms, from within C");
        float[] s = new float[8];
        Gemm.multiply(Matrix.of(s, 0, 2, 3), Matrix.of(s, 0, 3, 0), Matrix.of(s, 1, 2, 0));
        TestData.assertSame(new float[8], s, "an empty C within A");
    }
}
