package dev.espalier.tensor;

import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Gemm;
import dev.espalier.kernel.Matrix;
import dev.espalier.kernel.Reductions;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A shaped view of a {@code float[]}: element {@code (i, j, …)} is {@code array[offset + ((i·size(1)) + j)·… + …]},
 * row-major and without gaps. The shape is immutable, the elements are not. {@link #reshape}, {@link #rows},
 * {@link #row} and {@link #view} are views of the same array: what one writes, all show. Equality is identity, because
 * elements change.
 *
 * <p>A tensor without an axis is a single number. An axis of size 0 makes an empty tensor. Nothing is synchronized.
 *
 * <p>Operations check shapes first and write nothing if they disagree. NaN and ±∞ follow IEEE arithmetic. They run on
 * the calling thread; {@link Gemm} takes the views of {@link #matrix()} and a number of threads.
 */
public final class Tensor {
    private final float[] array;
    private final int offset;
    private final int[] shape;
    private final int size;

    private Tensor(float[] array, int offset, int[] shape, int size) {
        this.array = array;
        this.offset = offset;
        this.shape = shape;
        this.size = size;
    }

    /**
     * A new tensor of zeros.
     *
     * @throws IllegalArgumentException if a size is negative or a product of the first of them exceeds an int
     */
    public static Tensor zeros(int... shape) {
        int size = sizeOf(shape);
        return new Tensor(new float[size], 0, shape.clone(), size);
    }

    /**
     * A view of a whole array.
     *
     * @throws IllegalArgumentException if the product of the shape is not the length of the array
     */
    public static Tensor of(float[] array, int... shape) {
        Arguments.notNull("array", array);
        int size = sizeOf(shape);
        if (size != array.length) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " of " + size
                    + " elements over an array of " + array.length + ": expected as many elements as the array has");
        }
        return new Tensor(array, 0, shape.clone(), size);
    }

    /**
     * A view of the part of an array that starts at {@code offset}.
     *
     * @throws IllegalArgumentException if a size is negative or a product of the first of them exceeds an int
     * @throws IndexOutOfBoundsException if the view does not lie within the array
     */
    public static Tensor view(float[] array, int offset, int... shape) {
        int size = sizeOf(shape);
        Arguments.window("array", array, offset, size);
        return new Tensor(array, offset, shape.clone(), size);
    }

    /** The number of axes. */
    public int rank() {
        return shape.length;
    }

    /**
     * The size of one axis.
     *
     * @throws IndexOutOfBoundsException if there is no such axis
     */
    public int size(int axis) {
        return shape[Arguments.index("axis", axis, shape.length)];
    }

    /** The number of elements: the product of the shape, 1 for a tensor without axes. */
    public int size() {
        return size;
    }

    /** A copy of the sizes of the axes. */
    public int[] shape() {
        return shape.clone();
    }

    /** The array under this view, not a copy. The elements start at {@link #offset()}. */
    public float[] array() {
        return array;
    }

    /** The index of the first element in {@link #array()}. */
    public int offset() {
        return offset;
    }

    /**
     * The element at one index per axis.
     *
     * @throws IllegalArgumentException if there are more or fewer indices than axes
     * @throws IndexOutOfBoundsException if an index is outside its axis
     */
    public float get(int... index) {
        return array[at(index)];
    }

    /**
     * Sets the element at one index per axis.
     *
     * @throws IllegalArgumentException if there are more or fewer indices than axes
     * @throws IndexOutOfBoundsException if an index is outside its axis
     */
    public void set(float value, int... index) {
        array[at(index)] = value;
    }

    /**
     * The same elements in another shape, as a view.
     *
     * @throws IllegalArgumentException if the number of elements differs
     */
    public Tensor reshape(int... shape) {
        int newSize = sizeOf(shape);
        if (newSize != size) {
            throw new IllegalArgumentException("shape " + Arrays.toString(shape) + " of " + newSize
                    + " elements: expected " + size + ", as " + describe());
        }
        return new Tensor(array, offset, shape.clone(), size);
    }

    /**
     * The view of the entries {@code [from, to)} along axis 0.
     *
     * @throws IllegalArgumentException if there is no axis
     * @throws IndexOutOfBoundsException if the range does not lie within axis 0
     */
    public Tensor rows(int from, int to) {
        int rows = rowCount();
        if (from < 0 || to < from || to > rows) {
            throw new IndexOutOfBoundsException("rows [" + from + ", " + to + "): expected within [0, " + rows + ")");
        }
        int[] part = shape.clone();
        part[0] = to - from;
        int width = rows == 0 ? 0 : size / rows;
        return new Tensor(array, offset + from * width, part, (to - from) * width);
    }

    /**
     * The view of entry {@code i} along axis 0, without that axis.
     *
     * @throws IllegalArgumentException if there is no axis
     * @throws IndexOutOfBoundsException if i is outside axis 0
     */
    public Tensor row(int i) {
        int rows = rowCount();
        Arguments.index("i", i, rows);
        int width = size / rows;
        return new Tensor(array, offset + i * width, Arrays.copyOfRange(shape, 1, shape.length), width);
    }

    /** The same elements in an array of their own. */
    public Tensor copy() {
        return new Tensor(Arrays.copyOfRange(array, offset, offset + size), 0, shape, size);
    }

    /**
     * This tensor as the kernels take it.
     *
     * @throws IllegalArgumentException if the rank is not 2
     */
    public Matrix matrix() {
        return matrix("this");
    }

    /** {@code A·B}, a new tensor. A is m × k, B is k × n. See {@link Gemm}. */
    public Tensor matmul(Tensor b) {
        return product(matrix(), matrixOf("b", b), null);
    }

    /** {@code out ← A·B}; out is m × n and must not overlap A or B. Returns out. */
    public Tensor matmul(Tensor b, Tensor out) {
        return product(matrix(), matrixOf("b", b), Arguments.notNull("out", out));
    }

    /** {@code Aᵀ·B}, a new tensor. A is k × m, B is k × n. */
    public Tensor transposedMatmul(Tensor b) {
        return product(matrix().transpose(), matrixOf("b", b), null);
    }

    /** {@code out ← Aᵀ·B}; out is m × n and must not overlap A or B. Returns out. */
    public Tensor transposedMatmul(Tensor b, Tensor out) {
        return product(matrix().transpose(), matrixOf("b", b), Arguments.notNull("out", out));
    }

    /** {@code A·Bᵀ}, a new tensor. A is m × k, B is n × k. */
    public Tensor matmulTransposed(Tensor b) {
        return product(matrix(), matrixOf("b", b).transpose(), null);
    }

    /** {@code out ← A·Bᵀ}; out is m × n and must not overlap A or B. Returns out. */
    public Tensor matmulTransposed(Tensor b, Tensor out) {
        return product(matrix(), matrixOf("b", b).transpose(), Arguments.notNull("out", out));
    }

    /** {@code x + y}, a new tensor of the same shape. */
    public Tensor add(Tensor y) {
        return addInto(y, like(y));
    }

    /** {@code x − y}, a new tensor of the same shape. */
    public Tensor subtract(Tensor y) {
        return subtractInto(y, like(y));
    }

    /** {@code x · y} element by element, a new tensor of the same shape. */
    public Tensor multiply(Tensor y) {
        return multiplyInto(y, like(y));
    }

    /** {@code x ← x + y}. y has the same shape; it may be this tensor, but not overlap it in part. Returns this. */
    public Tensor addInPlace(Tensor y) {
        sameShape(y);
        return addInto(y, this);
    }

    /** {@code x ← x − y}. y has the same shape; it may be this tensor, but not overlap it in part. Returns this. */
    public Tensor subtractInPlace(Tensor y) {
        sameShape(y);
        return subtractInto(y, this);
    }

    /** {@code x ← x · y} element by element, with y as in {@link #addInPlace}. Returns this. */
    public Tensor multiplyInPlace(Tensor y) {
        sameShape(y);
        return multiplyInto(y, this);
    }

    /** {@code x ← x·factor}. Returns this. */
    public Tensor scale(float factor) {
        Elementwise.scale(array, offset, size, factor);
        return this;
    }

    /** {@code x ← value}. Returns this. */
    public Tensor fill(float value) {
        Arrays.fill(array, offset, offset + size, value);
        return this;
    }

    /** {@code √Σx²}, accumulated in double: finite for every finite tensor. See {@link Reductions#sumOfSquares}. */
    public double norm() {
        return Math.sqrt(Reductions.sumOfSquares(array, offset, size));
    }

    /**
     * The shape and the elements, one line per row. An axis of more than six entries shows three at either end. For
     * example {@code Tensor[2, 2]}, then {@code [[1.0, -2.5],} and {@code [0.0, 10.0]]} with the columns aligned.
     */
    @Override
    public String toString() {
        return TensorText.of(this);
    }

    private Tensor product(Matrix a, Matrix b, @Nullable Tensor out) {
        if (a.columns() != b.rows()) {
            throw new IllegalArgumentException("b: product of " + a.rows() + " x " + a.columns() + " and " + b.rows()
                    + " x " + b.columns() + ": expected equal inner sizes");
        }
        Tensor c = out == null ? zeros(a.rows(), b.columns()) : out;
        if (c.rank() != 2 || c.size(0) != a.rows() || c.size(1) != b.columns()) {
            throw new IllegalArgumentException(
                    "out is " + c.describe() + ": expected [" + a.rows() + ", " + b.columns() + "]");
        }
        if (out != null && (overlaps(a, out) || overlaps(b, out))) {
            throw new IllegalArgumentException("out shares elements with a factor: expected a tensor of its own");
        }
        Gemm.multiply(a, b, c.matrix());
        return c;
    }

    private static boolean overlaps(Matrix x, Tensor out) {
        int length = x.rows() * x.columns();
        return x.array() == out.array
                && length > 0
                && x.offset() < out.offset + out.size
                && out.offset < x.offset() + length;
    }

    private Tensor addInto(Tensor y, Tensor out) {
        Elementwise.add(array, offset, y.array, y.offset, out.array, out.offset, size);
        return out;
    }

    private Tensor subtractInto(Tensor y, Tensor out) {
        Elementwise.subtract(array, offset, y.array, y.offset, out.array, out.offset, size);
        return out;
    }

    private Tensor multiplyInto(Tensor y, Tensor out) {
        Elementwise.multiply(array, offset, y.array, y.offset, out.array, out.offset, size);
        return out;
    }

    /** A new tensor of the shape of this one, which must be that of y. */
    private Tensor like(Tensor y) {
        sameShape(y);
        return new Tensor(new float[size], 0, shape, size);
    }

    private void sameShape(Tensor y) {
        if (!Arrays.equals(shape, Arguments.notNull("y", y).shape)) {
            throw new IllegalArgumentException("y is " + y.describe() + ": expected " + Arrays.toString(shape));
        }
    }

    private static Matrix matrixOf(String name, Tensor x) {
        return Arguments.notNull(name, x).matrix(name);
    }

    private Matrix matrix(String name) {
        if (shape.length != 2) {
            throw new IllegalArgumentException(name + " is " + describe() + ": expected a matrix, two axes");
        }
        return Matrix.of(array, offset, shape[0], shape[1]);
    }

    private int rowCount() {
        if (shape.length == 0) {
            throw new IllegalArgumentException("a tensor without axes has no rows: expected rank at least 1");
        }
        return shape[0];
    }

    private int at(int... index) {
        if (Arguments.notNull("index", index).length != shape.length) {
            throw new IllegalArgumentException("index " + Arrays.toString(index) + " into " + describe() + ": expected "
                    + shape.length + " indices");
        }
        int at = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            if (index[axis] < 0 || index[axis] >= shape[axis]) {
                throw new IndexOutOfBoundsException("index[" + axis + "] = " + index[axis] + " into " + describe()
                        + ": expected within [0, " + shape[axis] + ")");
            }
            at = at * shape[axis] + index[axis];
        }
        return offset + at;
    }

    private String describe() {
        return Arrays.toString(shape);
    }

    private static int sizeOf(int[] shape) {
        Arguments.notNull("shape", shape);
        int size = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            Arguments.notNegative("shape[" + axis + "]", shape[axis]);
        }
        for (int length : shape) {
            size = Arguments.product("size of a tensor", size, length);
        }
        return size;
    }
}
