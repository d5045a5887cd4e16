package dev.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Matrix;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorTest {
    /** Unit roundoff of float. */
    private static final double U = 0x1p-24;

    @Test
    void zerosAreZeroAndOfTheShape() {
        Tensor t = Tensor.zeros(2, 3, 4);
        assertEquals(3, t.rank());
        assertEquals(24, t.size());
        assertEquals(3, t.size(1));
        assertArrayEquals(new int[] {2, 3, 4}, t.shape());
        assertArrayEquals(new float[24], t.array());
        assertEquals(0, t.offset());
    }

    @Test
    void shapesAreCopied() {
        int[] shape = {2, 3};
        Tensor[] tensors = {
            Tensor.zeros(shape),
            Tensor.of(new float[6], shape),
            Tensor.view(new float[6], 0, shape),
            Tensor.zeros(6).reshape(shape)
        };
        shape[0] = 7;
        for (Tensor t : tensors) {
            t.shape()[1] = 7;
            assertArrayEquals(new int[] {2, 3}, t.shape());
        }
    }

    @Test
    void ofSharesTheArray() {
        float[] array = count(6);
        Tensor t = Tensor.of(array, 2, 3);
        assertSame(array, t.array());
        array[4] = -1;
        assertEquals(-1, t.get(1, 1));
    }

    @Test
    void elementsAreRowMajorFromTheOffset() {
        Tensor t = Tensor.view(count(40), 5, 2, 3, 4);
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 4; k++) {
                    assertEquals(5 + (i * 3 + j) * 4 + k, t.get(i, j, k));
                }
            }
        }
        t.set(99, 1, 2, 3);
        assertEquals(99, t.array()[28]);
    }

    @Test
    void aTensorWithoutAxesIsANumber() {
        Tensor t = Tensor.zeros();
        t.set(3);
        assertEquals(1, t.size());
        assertEquals(3, t.get());
        assertEquals("Tensor[]\n3.0", t.toString());
    }

    @Test
    void anEmptyTensorIsFine() {
        Tensor t = Tensor.zeros(0, 3);
        assertEquals(0, t.size());
        assertEquals(0, t.norm());
        assertEquals(0, t.add(Tensor.zeros(0, 3)).size());
        assertEquals(0, t.rows(0, 0).size());
        assertEquals("Tensor[0, 3]\n[]", t.toString());
        assertArrayEquals(new float[6], Tensor.zeros(2, 0).matmul(t).array());
    }

    @Test
    void viewsShareAndCopiesDoNot() {
        Tensor t = Tensor.of(count(24), 4, 3, 2);
        Tensor[] views = {t.reshape(24), t.rows(1, 3), t.row(2), t.row(2).row(1), Tensor.view(t.array(), 14, 2)};
        int[] at = {14, 8, 2, 0, 0};
        t.set(50, 2, 1, 0);
        for (int i = 0; i < views.length; i++) {
            assertSame(t.array(), views[i].array());
            assertEquals(50, views[i].reshape(views[i].size()).get(at[i]));
        }
        assertArrayEquals(new int[] {2, 3, 2}, t.rows(1, 3).shape());
        assertArrayEquals(new int[] {3, 2}, t.row(2).shape());
        Tensor copy = t.rows(1, 3).copy();
        t.set(-1, 2, 1, 0);
        assertNotSame(t.array(), copy.array());
        assertEquals(50, copy.get(1, 1, 0));
        assertArrayEquals(new int[] {2, 3, 2}, copy.shape());
    }

    @Test
    void matrixIsTheSameWindow() {
        assertEquals(
                Matrix.of(count(1), 0, 0, 0).rows(), Tensor.zeros(0, 0).matrix().rows());
        float[] array = count(20);
        Matrix m = Tensor.view(array, 3, 4, 2).matrix();
        assertSame(array, m.array());
        assertEquals(3, m.offset());
        assertEquals(4, m.rows());
        assertEquals(2, m.columns());
    }

    @Property
    void productsAreWithinTheErrorBound(
            @ForAll long seed,
            @ForAll @IntRange(max = 20) int m,
            @ForAll @IntRange(max = 20) int n,
            @ForAll @IntRange(max = 20) int k) {
        SplitMix64 random = new SplitMix64(seed);
        Tensor a = gaussian(random, m, k);
        Tensor b = gaussian(random, k, n);
        Tensor product = a.matmul(b);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double exact = 0;
                double magnitude = 0;
                for (int p = 0; p < k; p++) {
                    exact += (double) a.get(i, p) * b.get(p, j);
                    magnitude += Math.abs((double) a.get(i, p) * b.get(p, j));
                }
                assertEquals(exact, product.get(i, j), (k + 1) * U / (1 - (k + 1) * U) * magnitude);
            }
        }
        // A transpose is a view: the same chains, so the same bits.
        assertBits(product, transpose(a).transposedMatmul(b));
        assertBits(product, a.matmulTransposed(transpose(b)));
        Tensor out = Tensor.zeros(m, n).fill(Float.NaN);
        assertSame(out, a.matmul(b, out));
        assertBits(product, out);
        assertBits(product, transpose(a).transposedMatmul(b, out.fill(Float.NaN)));
        assertBits(product, a.matmulTransposed(transpose(b), out.fill(Float.NaN)));
    }

    @Property
    void elementwiseOperationsAreThoseOfFloat(@ForAll long seed, @ForAll @IntRange(max = 70) int n) {
        SplitMix64 random = new SplitMix64(seed);
        Tensor x = gaussian(random, n);
        Tensor y = gaussian(random, n);
        float factor = random.nextFloat();
        Tensor sum = x.add(y);
        Tensor difference = x.subtract(y);
        Tensor product = x.multiply(y);
        Tensor scaled = x.copy().scale(factor);
        for (int i = 0; i < n; i++) {
            assertEquals(x.get(i) + y.get(i), sum.get(i));
            assertEquals(x.get(i) - y.get(i), difference.get(i));
            assertEquals(x.get(i) * y.get(i), product.get(i));
            assertEquals(x.get(i) * factor, scaled.get(i));
        }
        assertBits(sum, x.copy().addInPlace(y));
        assertBits(difference, x.copy().subtractInPlace(y));
        assertBits(product, x.copy().multiplyInPlace(y));
        Tensor twice = x.copy();
        assertSame(twice, twice.addInPlace(twice));
        assertBits(x.copy().scale(2), twice);
    }

    @Test
    void operationsStayInsideTheView() {
        float[] array = new float[30];
        Arrays.fill(array, Float.NaN);
        Tensor t = Tensor.view(array, 10, 2, 5)
                .fill(1)
                .scale(3)
                .addInPlace(Tensor.zeros(2, 5).fill(1));
        t.set(0, 1, 4);
        for (int i = 0; i < 30; i++) {
            assertEquals(i < 10 || i > 19 ? Float.NaN : i == 19 ? 0 : 4, array[i]);
        }
    }

    @Test
    void theNormOfAFiniteTensorIsFinite() {
        Tensor t = Tensor.zeros(4).fill(Float.MAX_VALUE);
        assertEquals(2.0 * Float.MAX_VALUE, t.norm(), 1e-12 * Float.MAX_VALUE);
        assertEquals(5, Tensor.of(new float[] {3, -4}, 2).norm());
        assertEquals(
                2.0 * Float.MIN_VALUE, Tensor.zeros(4).fill(Float.MIN_VALUE).norm());
        assertTrue(Double.isNaN(Tensor.of(new float[] {1, Float.NaN}, 2).norm()));
    }

    @Test
    void equalityIsIdentity() {
        Tensor t = Tensor.zeros(2);
        assertEquals(t, t);
        assertNotEquals(t, Tensor.of(t.array(), 2));
    }

    @Test
    void textShowsShapeAndAlignedElements() {
        assertEquals("""
                Tensor[2, 2]
                [[ 1.0, -2.5],
                 [ NaN, 10.0]]""", Tensor.of(new float[] {1, -2.5f, Float.NaN, 10}, 2, 2).toString());
        assertEquals("""
                Tensor[2, 2, 1]
                [[[0.0],
                  [1.0]],

                 [[2.0],
                  [3.0]]]""", Tensor.of(count(4), 2, 2, 1).toString());
    }

    @Test
    void textOfLongAxesIsShortened() {
        assertEquals(
                "Tensor[6]\n[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]",
                Tensor.of(count(6), 6).toString());
        assertEquals(
                "Tensor[1000]\n[  0.0,   1.0,   2.0, ..., 997.0, 998.0, 999.0]",
                Tensor.of(count(1000), 1000).toString());
        assertEquals("""
                Tensor[8, 1]
                [[0.0],
                 [1.0],
                 [2.0],
                 ...,
                 [5.0],
                 [6.0],
                 [7.0]]""", Tensor.of(count(8), 8, 1).toString());
    }

    @Test
    void wrongShapesAreNamed() {
        Tensor t = Tensor.zeros(2, 3);
        illegal("shape[1] = -1: expected at least 0", () -> Tensor.zeros(2, -1));
        illegal(
                "size of a tensor = 65536 x 65536 = 4294967296: expected at most 2147483647",
                () -> Tensor.zeros(65536, 65536));
        illegal("shape is null", () -> Tensor.zeros((int[]) null));
        illegal("array is null", () -> Tensor.of(null, 2));
        illegal("array is null", () -> Tensor.view(null, 0, 2));
        illegal(
                "shape [2, 2] of 4 elements over an array of 5: expected as many elements as the array has",
                () -> Tensor.of(new float[5], 2, 2));
        illegal("shape [4, 2] of 8 elements: expected 6, as [2, 3]", () -> t.reshape(4, 2));
        illegal("y is [3, 2]: expected [2, 3]", () -> t.add(Tensor.zeros(3, 2)));
        illegal("y is [6]: expected [2, 3]", () -> t.multiplyInPlace(Tensor.zeros(6)));
        Tensor turned = Tensor.zeros(3, 2);
        illegal("y is [3, 2]: expected [2, 3]", () -> t.addInPlace(turned));
        illegal("y is [3, 2]: expected [2, 3]", () -> t.subtractInPlace(turned));
        illegal("y is [3, 2]: expected [2, 3]", () -> t.multiplyInPlace(turned));
        illegal("y is null", () -> t.subtract(null));
        illegal("this is [6]: expected a matrix, two axes", () -> t.reshape(6).matrix());
        illegal("b is [3]: expected a matrix, two axes", () -> t.matmul(Tensor.zeros(3)));
        illegal("b is null", () -> t.matmul(null));
        illegal("b: product of 2 x 3 and 2 x 3: expected equal inner sizes", () -> t.matmul(t));
        illegal("out is [2, 2]: expected [2, 4]", () -> t.matmul(Tensor.zeros(3, 4), Tensor.zeros(2, 2)));
        illegal("out is null", () -> t.matmul(Tensor.zeros(3, 4), null));
        illegal("index [1] into [2, 3]: expected 2 indices", () -> t.get(1));
        illegal(
                "a tensor without axes has no rows: expected rank at least 1",
                () -> Tensor.zeros().row(0));
    }

    @Test
    void placesOutsideAreNamed() {
        Tensor t = Tensor.zeros(2, 3);
        outside("index[1] = 3 into [2, 3]: expected within [0, 3)", () -> t.get(1, 3));
        outside("index[0] = -1 into [2, 3]: expected within [0, 2)", () -> t.set(1, -1, 0));
        outside("axis = 2: expected within [0, 2)", () -> t.size(2));
        outside("rows [1, 3): expected within [0, 2)", () -> t.rows(1, 3));
        outside("rows [1, 0): expected within [0, 2)", () -> t.rows(1, 0));
        outside("i = 2: expected within [0, 2)", () -> t.row(2));
        outside(
                "array[3, 9): expected within [0, 8), the length of the array",
                () -> Tensor.view(new float[8], 3, 2, 3));
    }

    @Test
    void overlapsAreRefusedBeforeAnythingIsWritten() {
        float[] array = count(12);
        Tensor a = Tensor.view(array, 0, 2, 2);
        Tensor b = Tensor.zeros(2, 2);
        Tensor overlapping = Tensor.view(array, 2, 2, 2);
        String message = "out shares elements with a factor: expected a tensor of its own";
        illegal(message, () -> a.matmul(b, overlapping));
        illegal(message, () -> b.transposedMatmul(a, overlapping));
        illegal(message, () -> overlapping.matmulTransposed(b, a));
        assertSame(overlapping, Tensor.view(array, 6, 2, 2).matmul(b, overlapping));
        System.arraycopy(count(12), 0, array, 0, 12);
        assertThrows(IllegalArgumentException.class, () -> a.addInPlace(Tensor.view(array, 1, 2, 2)));
        assertArrayEquals(count(12), array);
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void outside(String message, Executable call) {
        assertEquals(
                message, assertThrows(IndexOutOfBoundsException.class, call).getMessage());
    }

    private static void assertBits(Tensor expected, Tensor actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(
                    Float.floatToRawIntBits(expected.array()[expected.offset() + i]),
                    Float.floatToRawIntBits(actual.array()[actual.offset() + i]));
        }
    }

    private static Tensor transpose(Tensor x) {
        Tensor t = Tensor.zeros(x.size(1), x.size(0));
        for (int i = 0; i < x.size(0); i++) {
            for (int j = 0; j < x.size(1); j++) {
                t.set(x.get(i, j), j, i);
            }
        }
        return t;
    }

    private static Tensor gaussian(SplitMix64 random, int... shape) {
        Tensor t = Tensor.zeros(shape);
        for (int i = 0; i < t.size(); i++) {
            t.array()[i] = (float) random.nextGaussian();
        }
        return t;
    }

    private static float[] count(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = i;
        }
        return x;
    }
}
