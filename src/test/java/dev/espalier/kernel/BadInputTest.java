package dev.espalier.kernel;

import static dev.espalier.Errors.assertIllegal;
import static dev.espalier.Errors.assertOutOfBounds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.kernel.KernelCall.Overlap;
import dev.espalier.kernel.TestData.Mix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad arguments of every facade: the exception, what its message names, and that nothing is written. */
@Tag("kernel")
class BadInputTest {
    private static final float NAN = Float.NaN;
    private static final float[] FOUR = {1, 2, 3, 4};

    static Stream<KernelCall> calls() {
        return KernelCall.ALL.stream();
    }

    /** Arrays of 200 elements, and windows of about 40 at offset 5. */
    private static final class Setup {
        final KernelCall call;
        final int n;
        final float[][] arrays;
        final int[] offsets;

        Setup(KernelCall call) {
            this.call = call;
            n = call.whole(47);
            arrays = IntStream.range(0, call.arrays().size())
                    .mapToObj(i -> Mix.MODERATE.floats(i, 200))
                    .toArray(float[][]::new);
            offsets = IntStream.range(0, arrays.length).map(i -> 5).toArray();
        }

        String name(int i) {
            return call.arrays().get(i);
        }

        int length(int i) {
            return call.length(name(i), n);
        }

        void illegal(int n, String... parts) {
            Executable run = () -> call.body().run(arrays, offsets, n);
            unwritten(() -> assertIllegal(run, parts));
        }

        void outOfBounds(int n, String... parts) {
            Executable run = () -> call.body().run(arrays, offsets, n);
            unwritten(() -> assertOutOfBounds(run, parts));
        }

        private void unwritten(Runnable assertion) {
            float[][] before = new float[arrays.length][];
            for (int i = 0; i < arrays.length; i++) {
                before[i] = arrays[i] == null ? null : arrays[i].clone();
            }
            assertion.run();
            for (int i = 0; i < arrays.length; i++) {
                assertArrayEquals(before[i], arrays[i], call + " wrote " + name(i));
            }
        }

        void accepts() {
            call.body().run(arrays, offsets, n);
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void arraysThatAreNull(KernelCall call) {
        for (int i = 0; i < call.arrays().size(); i++) {
            Setup setup = new Setup(call);
            setup.arrays[i] = null;
            if (call.name().equals("squaredError and gradient") && i == 2) {
                // A loss without its gradient.
                setup.accepts();
            } else {
                setup.illegal(setup.n, setup.name(i) + " is null");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void windowsOutsideTheirArrays(KernelCall call) {
        for (int i = 0; i < call.arrays().size(); i++) {
            Setup tooShort = new Setup(call);
            int length = 5 + tooShort.length(i) - 1;
            tooShort.arrays[i] = new float[length];
            String window = tooShort.name(i) + "[5, " + (length + 1) + ")";
            tooShort.outOfBounds(tooShort.n, window, "expected within [0, " + length + ")");
            tooShort.arrays[i] = new float[length + 1];
            tooShort.accepts();

            for (int offset : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                Setup moved = new Setup(call);
                if (call.oneOffset() && i > 0) {
                    continue;
                }
                moved.offsets[i] = offset;
                window = moved.name(i) + "[" + offset + ", " + ((long) offset + moved.length(i)) + ")";
                moved.outOfBounds(moved.n, window, "expected within [0, ");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void lengthsThatAreNegativeOrHuge(KernelCall call) {
        Setup setup = new Setup(call);
        if (call.columns() > 0) {
            setup.illegal(-call.columns(), "rows = -1", "expected at least 0");
        } else {
            setup.illegal(-1, "length of " + setup.name(0) + " = -1", "expected at least 0");
        }
        setup.outOfBounds(call.whole(Integer.MAX_VALUE), setup.name(0) + "[5, ", "expected within");
    }

    static Stream<KernelCall> callsOnSeveralArrays() {
        return calls().filter(call -> call.arrays().size() > 1);
    }

    @ParameterizedTest
    @MethodSource("callsOnSeveralArrays")
    void windowsThatOverlap(KernelCall call) {
        for (int i = 0; i < call.arrays().size(); i++) {
            for (int j = 0; j < call.arrays().size(); j++) {
                if (i != j) {
                    overlap(call, i, j);
                }
            }
        }
    }

    private static void overlap(KernelCall call, int i, int j) {
        boolean written = call.written().contains(call.arrays().get(i))
                || call.written().contains(call.arrays().get(j));
        Setup setup = new Setup(call);
        // Array j is array i, and its window begins so far behind that of i.
        int longer = Math.max(setup.length(i), setup.length(j));
        setup.arrays[i] = new float[5 + 3 * longer];
        setup.arrays[j] = setup.arrays[i];
        for (int shift : new int[] {0, 1, setup.length(i) - 1, setup.length(i)}) {
            setup.offsets[j] = 5 + shift;
            boolean legal = switch (call.overlap()) {
                case SAME_OR_DISJOINT -> shift == 0 || shift == setup.length(i);
                case DISJOINT -> shift == setup.length(i);
                case DIFFERENT_ARRAYS -> false;
            };
            // LINEAR does nothing, but its gradient has the rules of the others.
            if (legal || !written && call.overlap() != Overlap.DISJOINT) {
                setup.accepts();
            } else {
                String wording = call.overlap() == Overlap.DIFFERENT_ARRAYS
                        ? "expected different arrays"
                        : "expected disjoint windows";
                setup.illegal(setup.n, setup.name(i), setup.name(j), wording);
            }
        }
    }

    @Test
    void boundsThatAreNaNOrReversed() {
        interface Bounded {
            void run(float[] x, float[] y, float[] z, float[] u, float low, float high);
        }
        List<Bounded> bounded = List.of(
                (x, y, z, u, low, high) -> Elementwise.clamp(x, 0, 4, low, high),
                (x, y, z, u, low, high) -> Elementwise.clip(x, 0, 4, 1, low, high),
                (x, y, z, u, low, high) -> Elementwise.clip(x, 0, 4, 1, low, high, 2),
                (x, y, z, u, low, high) -> Elementwise.carryOut(x, 0, y, 0, 4, 1, low, high),
                (x, y, z, u, low, high) -> Reductions.sumOfSquares(x, 0, 4, 1, low, high),
                (x, y, z, u, low, high) -> Reductions.sumOfSquares(x, 0, 4, 1, low, high, 2),
                (x, y, z, u, low, high) -> Reductions.countOutside(x, 0, 4, 1, low, high),
                (x, y, z, u, low, high) -> Reductions.countOutside(x, 0, 4, 1, low, high, 2),
                (x, y, z, u, low, high) -> Updates.adamSquares(x, y, 0, 4, 1, low, high, 1, 1, 1),
                (x, y, z, u, low, high) -> Updates.adamSquares(x, y, 0, 4, 1, low, high, 1, 1, 1, 2),
                (x, y, z, u, low, high) -> Updates.adamShare(x, y, z, u, 0, 4, 1, low, high, 1, 1, 1, 1, 1, 1, 1),
                (x, y, z, u, low, high) -> Updates.adamShare(x, y, z, u, 0, 4, 1, low, high, 1, 1, 1, 1, 1, 1, 1, 2),
                (x, y, z, u, low, high) -> Updates.sgd(x, y, 0, 4, 1, low, high, 1, 1),
                (x, y, z, u, low, high) -> Updates.momentum(x, y, z, 0, 4, 1, low, high, 1, 1, 1, true),
                (x, y, z, u, low, high) -> Updates.rmsProp(x, y, z, 0, 4, 1, low, high, 1, 1, 1, 1),
                (x, y, z, u, low, high) -> Updates.rmsPropMomentum(x, y, z, u, 0, 4, 1, low, high, 1, 1, 1, 1, 1),
                (x, y, z, u, low, high) -> Updates.adam(x, y, z, u, 0, 4, 1, low, high, 1, 1, 1, 1, 1, 1, 1));
        float[][] pairs = {{NAN, 1}, {-1, NAN}, {NAN, NAN}, {1, -1}, {Float.POSITIVE_INFINITY, 1}};
        for (Bounded kernel : bounded) {
            for (float[] pair : pairs) {
                float[][] arrays = {FOUR.clone(), FOUR.clone(), FOUR.clone(), FOUR.clone()};
                assertIllegal(
                        () -> kernel.run(arrays[0], arrays[1], arrays[2], arrays[3], pair[0], pair[1]),
                        "low = " + pair[0],
                        "high = " + pair[1],
                        "expected low <= high");
                for (float[] array : arrays) {
                    assertArrayEquals(FOUR, array);
                }
            }
        }
    }

    /** The threads would have written all blocks but the last one. */
    @Test
    void sharedWorkIsCheckedBeforeAnythingIsWritten() {
        float[] x = new float[600_004];
        Arrays.fill(x, 2);
        float[] before = x.clone();
        assertOutOfBounds(() -> Elementwise.clip(x, 5, 600_000, 1, -1, 1, 2), "x");
        assertOutOfBounds(() -> Elementwise.scale(x, 5, 600_000, 0.5f, 2), "x");
        assertArrayEquals(before, x);
    }

    @Test
    void labelsOutsideTheClasses() {
        float[] x = FOUR.clone();
        float[] g = FOUR.clone();
        for (int label : new int[] {-1, 2, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            int[] labels = {7, 0, label};
            String[] parts = {"labels[2] = " + label, "expected a class in [0, 2)"};
            assertIllegal(() -> Losses.softmaxCrossEntropy(x, 0, labels, 1, 2, 2), parts);
            assertIllegal(() -> Losses.softmaxCrossEntropy(x, 0, labels, 1, 2, 2, 1, g, 0), parts);
            assertIllegal(() -> Losses.softmaxCrossEntropy(x, 0, labels, 1, 2, 2, 1, x, 0), parts);
        }
        assertIllegal(() -> Losses.softmaxCrossEntropy(x, 0, null, 0, 2, 2), "labels is null");
        assertIllegal(() -> Losses.softmaxCrossEntropy(x, 0, null, 0, 2, 2, 1, g, 0), "labels is null");
        int[] labels = {0, 0, 0};
        String[] outside = {"labels[2, 4)", "expected within [0, 3)"};
        assertOutOfBounds(() -> Losses.softmaxCrossEntropy(x, 0, labels, 2, 2, 2), outside);
        assertOutOfBounds(() -> Losses.softmaxCrossEntropy(x, 0, labels, 2, 2, 2, 1, g, 0), outside);
        assertArrayEquals(FOUR, x);
        assertArrayEquals(FOUR, g);
    }

    @Test
    void rowsAndColumns() {
        interface Shaped {
            void run(float[] x, int rows, int columns, float[] out);
        }
        int[] labels = new int[4];
        List<Shaped> withColumns = List.of(
                (x, rows, columns, out) -> Losses.softmax(x, 0, rows, columns, out, 0),
                (x, rows, columns, out) -> Losses.softmaxCrossEntropy(x, 0, labels, 0, rows, columns),
                (x, rows, columns, out) -> Losses.softmaxCrossEntropy(x, 0, labels, 0, rows, columns, 1, out, 0));
        List<Shaped> all = new ArrayList<>(withColumns);
        all.add((x, rows, columns, out) -> Elementwise.addBias(x, 0, rows, columns, out, 0));
        all.add((x, rows, columns, out) -> Reductions.columnSums(x, 0, rows, columns, out, 0, false));
        double[] numbers = new double[2];
        all.add((x, rows, columns, out) -> Reductions.rowSumsOfSquares(x, 0, rows, columns, numbers, 0));
        all.add((x, rows, columns, out) -> Elementwise.scaleRows(x, 0, rows, columns, numbers, 0));
        all.add((x, rows, columns, out) -> Reductions.columnSumsOfSquares(x, 0, rows, columns, numbers, 0));
        all.add((x, rows, columns, out) -> Elementwise.scaleColumns(x, 0, rows, columns, numbers, 0));
        float[] x = FOUR.clone();
        float[] out = FOUR.clone();
        for (Shaped kernel : all) {
            assertIllegal(() -> kernel.run(x, -1, 2, out), "rows = -1", "expected at least 0");
            assertIllegal(() -> kernel.run(x, 1, -2, out), "columns = -2", "expected at least ");
            assertIllegal(
                    () -> kernel.run(x, 65_536, 65_536, out),
                    "rows x columns = 65536 x 65536 = 4294967296",
                    "expected at most 2147483647");
            assertOutOfBounds(() -> kernel.run(x, 2, 3, out), "x[0, 6)", "expected within [0, 4)");
        }
        for (Shaped kernel : withColumns) {
            assertIllegal(() -> kernel.run(x, 1, 0, out), "columns = 0", "expected at least 1");
        }
        assertArrayEquals(FOUR, x);
        assertArrayEquals(FOUR, out);
    }

    @Test
    void doublesOfColumns() {
        float[] x = FOUR.clone();
        double[] two = {2, 2};
        assertOutOfBounds(() -> Reductions.columnSumsOfSquares(x, 0, 1, 3, two, 0), "out[0, 3)", "[0, 2)");
        assertOutOfBounds(() -> Reductions.columnSumsOfSquares(x, 0, 2, 2, two, 1), "out[1, 3)", "[0, 2)");
        assertIllegal(() -> Reductions.columnSumsOfSquares(x, 0, 2, 2, null, 0), "out is null");
        assertOutOfBounds(() -> Elementwise.scaleColumns(x, 0, 2, 2, two, -1), "factors[-1, 1)", "[0, 2)");
        assertIllegal(() -> Elementwise.scaleColumns(x, 0, 2, 2, null, 0), "factors is null");
        assertArrayEquals(FOUR, x);
        assertArrayEquals(new double[] {2, 2}, two);
    }

    @Test
    void onePerRow() {
        double[] three = {7, 7, 7};
        float[] x = FOUR.clone();
        assertOutOfBounds(() -> Reductions.rowSumsOfSquares(x, 0, 2, 2, three, 2), "out[2, 4)", "within [0, 3)");
        assertOutOfBounds(() -> Elementwise.scaleRows(x, 0, 2, 2, three, 2), "factors[2, 4)", "within [0, 3)");
        assertIllegal(() -> Reductions.rowSumsOfSquares(x, 0, 2, 2, null, 0), "out is null");
        assertIllegal(() -> Elementwise.scaleRows(x, 0, 2, 2, null, 0), "factors is null");
        assertArrayEquals(new double[] {7, 7, 7}, three);
        assertArrayEquals(FOUR, x);
    }

    @Test
    void scalarsOfNoise() {
        float[] x = FOUR.clone();
        for (double deviation : new double[] {Double.NaN, -1, Double.POSITIVE_INFINITY}) {
            assertIllegal(
                    () -> Noise.addGaussian(x, 0, 4, deviation, 1),
                    "deviation = " + deviation,
                    "expected a finite number at least 0");
        }
        assertArrayEquals(FOUR, x);
    }

    @Test
    void scalarsOfReductions() {
        for (double p : new double[] {Double.NaN, 0.99, 0, -2, Double.POSITIVE_INFINITY}) {
            String[] parts = {"p = " + p, "expected a finite number at least 1"};
            assertIllegal(() -> Reductions.powerSum(FOUR, 0, 4, p, 1), parts);
        }
        for (double scale : new double[] {Double.NaN, 0, -1, Double.POSITIVE_INFINITY}) {
            String[] parts = {"scale = " + scale, "expected a finite number above 0"};
            assertIllegal(() -> Reductions.powerSum(FOUR, 0, 4, 2, scale), parts);
        }
        for (int threads : new int[] {0, -1, Integer.MIN_VALUE}) {
            String[] parts = {"threads = " + threads, "expected at least 1"};
            assertIllegal(() -> Reductions.sumOfSquares(FOUR, 0, 4, threads), parts);
            assertIllegal(() -> Reductions.sumOfSquares(FOUR, 0, 4, 1, -1, 1, threads), parts);
            assertIllegal(() -> Reductions.sumOfAbs(FOUR, 0, 4, threads), parts);
            assertIllegal(() -> Reductions.maxAbs(FOUR, 0, 4, threads), parts);
            assertIllegal(() -> Reductions.firstNonFinite(FOUR, 0, 4, threads), parts);
            assertIllegal(() -> Reductions.countOutside(FOUR, 0, 4, 1, -1, 1, threads), parts);
            assertIllegal(() -> Elementwise.clip(FOUR, 0, 4, 1, -1, 1, threads), parts);
            assertIllegal(() -> Elementwise.scale(FOUR, 0, 4, 1, threads), parts);
            assertIllegal(() -> Elementwise.clamp(FOUR, 0, 4, -1, 1, threads), parts);
            assertIllegal(
                    () -> Updates.adamSquares(FOUR, new float[4], 0, 4, 1, -1, 1, 0.9f, 1e-8f, 1, threads), parts);
            assertIllegal(
                    () -> Updates.adamShare(
                            FOUR,
                            FOUR.clone(),
                            new float[4],
                            new float[4],
                            0,
                            4,
                            1,
                            -1,
                            1,
                            0.9f,
                            0.9f,
                            1e-8f,
                            1,
                            1,
                            1,
                            1,
                            threads),
                    parts);
        }
    }

    @Test
    void matrices() {
        assertIllegal(() -> new Matrix(null, 0, 2, 2, 2, 1), "array is null");
        assertIllegal(() -> Matrix.of(null, 0, 2, 2), "array is null");
        assertIllegal(() -> Matrix.of(FOUR, 0, -1, 2), "rows = -1", "expected at least 0");
        assertIllegal(() -> Matrix.of(FOUR, 0, 2, -1), "columns = -1", "expected at least 0");
        assertIllegal(() -> new Matrix(FOUR, 0, 1, 1, -3, 1), "rowStride = -3", "at least 0");
        assertIllegal(() -> new Matrix(FOUR, 0, 1, 1, 1, -3), "columnStride = -3", "at least 0");
        assertIllegal(
                () -> Matrix.of(FOUR, 0, 65_536, 65_536),
                "rows x columns = 65536 x 65536 = 4294967296",
                "expected at most 2147483647");
        assertOutOfBounds(() -> Matrix.of(FOUR, 1, 2, 2), "2 x 2", "[1, 5)", "within [0, 4)");
        assertOutOfBounds(() -> Matrix.of(FOUR, -1, 2, 2), "[-1, 3)", "within [0, 4)");
        assertOutOfBounds(() -> Matrix.of(FOUR, 5, 0, 2), "array[5, 5)", "within [0, 4)");
        assertOutOfBounds(
                () -> new Matrix(FOUR, 0, 3, 3, Integer.MAX_VALUE, Integer.MAX_VALUE), "3 x 3", "within [0, 4)");
        Matrix x = Matrix.of(FOUR, 0, 2, 2);
        assertOutOfBounds(() -> x.rows(-1, 1), "rows [-1, 0)", "within [0, 2)");
        assertOutOfBounds(() -> x.rows(1, 2), "rows [1, 3)", "within [0, 2)");
        assertOutOfBounds(() -> x.rows(0, -1), "rows [0, -1)", "within [0, 2)");
        assertOutOfBounds(() -> x.rows(1, Integer.MAX_VALUE), "rows [1, 2147483648)", "within [0, 2)");
    }

    @Test
    void productsOfMatricesThatDoNotFit() {
        float[] array = new float[40];
        Matrix a = Matrix.of(new float[6], 0, 2, 3);
        Matrix b = Matrix.of(new float[12], 0, 3, 4);
        Matrix c = Matrix.of(array, 0, 2, 4);
        product(null, b, c, 1, "a is null");
        product(a, null, c, 1, "b is null");
        product(a, b, null, 1, "c is null");
        product(b, b, c, 1, "shapes 3 x 4 times 3 x 4 into 2 x 4", "expected (m x k)");
        product(a, a.transpose(), c, 1, "shapes 2 x 3 times 3 x 2 into 2 x 4");
        product(b.transpose(), b, c, 1, "shapes 4 x 3 times 3 x 4 into 2 x 4");
        product(a, b, c, 0, "threads = 0", "expected at least 1");
        Matrix sparse = new Matrix(array, 0, 2, 4, 8, 2);
        product(a, b, sparse, 1, "strides 8, 2", "expected row-major");
        Matrix dense = new Matrix(array, 0, 2, 4, 3, 1);
        product(a, b, dense, 1, "strides 3, 1", "row stride at least 4");
        product(a, b, Matrix.of(array, 0, 4, 2).transpose(), 1, "strides 1, 2");

        // C at [10, 18) of the array that also holds A or B.
        Matrix inTheMiddle = Matrix.of(array, 10, 2, 4);
        product(Matrix.of(array, 5, 2, 3), b, inTheMiddle, 1, "[5, 11)", "[10, 18)", "disjoint");
        product(Matrix.of(array, 17, 2, 3), b, inTheMiddle, 1, "[17, 23)", "[10, 18)", "disjoint");
        product(a, Matrix.of(array, 0, 3, 4), inTheMiddle, 1, "[0, 12)", "[10, 18)", "disjoint");
        Gemm.multiply(Matrix.of(array, 4, 2, 3), Matrix.of(array, 18, 3, 4), inTheMiddle);

        // Columns 6 to 11 of rows of ten, transposed: the last two are the first two of C.
        float[] shared = new float[64];
        Matrix transposed = new Matrix(shared, 6, 6, 2, 1, 10);
        product(transposed, Matrix.of(new float[8], 0, 2, 4), new Matrix(shared, 0, 6, 4, 10, 1), 1, "disjoint");
    }

    @Test
    void affineLayersThatDoNotFit() {
        float[] array = new float[40];
        Matrix x = Matrix.of(new float[6], 0, 2, 3);
        Matrix w = Matrix.of(new float[12], 0, 3, 4);
        Matrix y = Matrix.of(array, 10, 2, 4);
        float[] bias = new float[4];
        affine(null, w, bias, 0, y, Activation.RELU, 1, "x is null");
        affine(x, null, bias, 0, y, Activation.RELU, 1, "w is null");
        affine(x, w, null, 0, y, Activation.RELU, 1, "bias is null");
        affine(x, w, bias, 0, null, Activation.RELU, 1, "y is null");
        affine(x, w, bias, 0, y, null, 1, "activation is null");
        affine(x, w, bias, 0, y, Activation.RELU, 0, "threads = 0", "expected at least 1");
        affine(w, w, bias, 0, y, Activation.RELU, 1, "shapes 3 x 4 times 3 x 4 into 2 x 4");
        assertOutOfBounds(() -> Gemm.affine(x, w, bias, 1, y, Activation.RELU, 1), "bias[1, 5)", "within [0, 4)");
        assertOutOfBounds(() -> Gemm.affine(x, w, bias, -1, y, Activation.RELU, 1), "bias[-1, 3)", "within [0, 4)");
        assertUntouched(y);
        affine(x, w, array, 7, y, Activation.RELU, 1, "bias [7, 11)", "[10, 18)", "disjoint");
        affine(x, w, array, 17, y, Activation.RELU, 1, "bias [17, 21)", "[10, 18)", "disjoint");
        affine(Matrix.of(array, 5, 2, 3), w, bias, 0, y, Activation.RELU, 1, "[5, 11)", "disjoint");
        Gemm.affine(x, w, array, 6, y, Activation.RELU, 1);
    }

    private static void product(Matrix a, Matrix b, Matrix c, int threads, String... parts) {
        if (c != null) {
            Arrays.fill(c.array(), 3);
        }
        assertIllegal(() -> Gemm.multiply(a, b, c, 2, 0.5f, threads), parts);
        if (threads == 1) {
            assertIllegal(() -> Gemm.multiply(a, b, c), parts);
        }
        assertUntouched(c);
    }

    private static void affine(
            Matrix x,
            Matrix w,
            float[] bias,
            int biasOffset,
            Matrix y,
            Activation activation,
            int threads,
            String... parts) {
        if (y != null) {
            Arrays.fill(y.array(), 3);
        }
        assertIllegal(() -> Gemm.affine(x, w, bias, biasOffset, y, activation, threads), parts);
        assertUntouched(y);
    }

    private static void assertUntouched(Matrix c) {
        for (int i = 0; c != null && i < c.array().length; i++) {
            assertTrue(c.array()[i] == 3, "c[" + i + "] was written");
        }
    }
}
