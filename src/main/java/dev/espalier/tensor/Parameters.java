package dev.espalier.tensor;

import dev.espalier.internal.Arguments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All weights of a model in one {@code float[]} and all gradients in a second one of the same layout: weight and gradient of
 * an element have the same index. A parameter is a named {@link Slice} of both; slices follow each other in the order of
 * declaration, without gaps, so that clips and optimizers can treat the whole model as one window (llm.c lays its memory out
 * so).
 *
 * <p>The layout is immutable, the contents are not. The arrays are handed out as they are, not copied: they belong to the
 * model, and whoever trains it writes them. One thread trains; any number may read the weights while nobody does.
 */
public final class Parameters {

    private final Slice[] slices;
    private final Map<String, Slice> byName;
    private final float[] weights;
    private final float[] gradients;

    private Parameters(List<Slice> declared, float[] weights, float[] gradients) {
        slices = declared.toArray(Slice[]::new);
        byName = HashMap.newHashMap(slices.length);
        for (Slice slice : slices) {
            byName.put(slice.name, slice);
        }
        this.weights = weights;
        this.gradients = gradients;
    }

    /** An empty layout to declare parameters in. */
    public static Builder builder() {
        return new Builder();
    }

    /** All weights; the same array at every call. */
    public float[] weights() {
        return weights;
    }

    /** All gradients, laid out as {@link #weights()}; the same array at every call. */
    public float[] gradients() {
        return gradients;
    }

    /** How many floats there are: the length of either array. */
    public int size() {
        return weights.length;
    }

    /** How many parameters there are: the number of slices. */
    public int count() {
        return slices.length;
    }

    /**
     * The slice number {@code index} in the order of declaration.
     *
     * @throws IndexOutOfBoundsException if there is no such slice
     */
    public Slice slice(int index) {
        Arguments.index("index", index, slices.length);
        return slices[index];
    }

    /**
     * The slice called {@code name}.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names there are
     */
    public Slice slice(String name) {
        Slice slice = byName.get(Arguments.notNull("name", name));
        if (slice == null) {
            throw Arguments.expected("name", "\"" + name + "\"", "one of " + Arrays.toString(names()));
        }
        return slice;
    }

    /**
     * The weights of parameter number {@code index}, a view.
     *
     * @throws IndexOutOfBoundsException if there is no such parameter
     */
    public Tensor weight(int index) {
        return slice(index).of(weights);
    }

    /**
     * The weights of the parameter called {@code name}, a view.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names there are
     */
    public Tensor weight(String name) {
        return slice(name).of(weights);
    }

    /**
     * The gradient of parameter number {@code index}, a view.
     *
     * @throws IndexOutOfBoundsException if there is no such parameter
     */
    public Tensor gradient(int index) {
        return slice(index).of(gradients);
    }

    /**
     * The gradient of the parameter called {@code name}, a view.
     *
     * @throws IllegalArgumentException if there is none; the message lists the names there are
     */
    public Tensor gradient(String name) {
        return slice(name).of(gradients);
    }

    /** The names and shapes, one parameter per line. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Parameters of " + size() + " floats");
        for (Slice slice : slices) {
            text.append("\n  ").append(slice);
        }
        return text.toString();
    }

    private String[] names() {
        String[] names = new String[slices.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = slices[i].name;
        }
        return names;
    }

    /** One parameter: {@code array[offset .. offset + length)} of both arrays, read as a row-major tensor of a shape. */
    public static final class Slice {
        private final String name;
        private final int index;
        private final int offset;
        private final int length;
        private final int[] shape;

        private Slice(String name, int index, int offset, int length, int[] shape) {
            this.name = name;
            this.index = index;
            this.offset = offset;
            this.length = length;
            this.shape = shape;
        }

        /** The name, unique within its Parameters. */
        public String name() {
            return name;
        }

        /** The position in the order of declaration. */
        public int index() {
            return index;
        }

        /** The index of the first element in either array. */
        public int offset() {
            return offset;
        }

        /** The number of elements: the product of the shape. */
        public int length() {
            return length;
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
            Arguments.index("axis", axis, shape.length);
            return shape[axis];
        }

        /** A copy of the sizes of the axes. */
        public int[] shape() {
            return shape.clone();
        }

        private Tensor of(float[] array) {
            return Tensor.view(array, offset, shape);
        }

        /** For example {@code dense1.weight [784, 64] at 0}. */
        @Override
        public String toString() {
            return name + " " + Arrays.toString(shape) + " at " + offset;
        }
    }

    /** Declares the parameters of a model one after the other. */
    public static final class Builder {
        private final List<Slice> slices = new ArrayList<>();
        private final Map<String, Slice> names = new HashMap<>();
        private int size;

        private Builder() {}

        /**
         * Declares a parameter.
         *
         * @param name any text with a visible character, not yet taken
         * @param shape the sizes of the axes, at least 0 each; no axis at all is a single number
         * @throws IllegalArgumentException if the name is null, blank or taken, a size is negative, or the total would not fit
         *     into one array; nothing is declared then
         */
        public Builder add(String name, int... shape) {
            Arguments.notNull("name", name);
            Arguments.notNull("shape", shape);
            if (name.isBlank()) {
                throw Arguments.expected("name", "\"" + name + "\"", "a visible character");
            }
            if (names.containsKey(name)) {
                throw Arguments.expected("name", "\"" + name + "\"", "a name not yet taken");
            }
            int[] copy = shape.clone();
            int length = length(name, copy);
            if (length > Arguments.LARGEST_ARRAY - size) {
                throw Arguments.expected(
                        "size of all parameters up to " + name,
                        (long) size + length,
                        "at most " + Arguments.LARGEST_ARRAY);
            }
            Slice slice = new Slice(name, slices.size(), size, length, copy);
            slices.add(slice);
            names.put(name, slice);
            size += length;
            return this;
        }

        /** Allocates the arrays, all zero. The builder may go on: what is built does not change. */
        public Parameters build() {
            return new Parameters(slices, new float[size], new float[size]);
        }

        /**
         * Takes arrays there are, with what they hold: those of a model of your own, one for all its weights, one for all its gradients. They
         * are used, not copied.
         *
         * @throws IllegalArgumentException if an array is null or not as long as all parameters together, or both are the same
         */
        public Parameters build(float[] weights, float[] gradients) {
            whole("weights", weights);
            whole("gradients", gradients);
            if (weights == gradients && size > 0) {
                throw new IllegalArgumentException("gradients is the array of the weights: expected another one");
            }
            return new Parameters(slices, weights, gradients);
        }

        private void whole(String name, float[] array) {
            if (Arguments.notNull(name, array).length != size) {
                throw Arguments.expected("length of " + name, array.length, size + ", the size of all parameters");
            }
        }

        private static int length(String name, int[] shape) {
            for (int axis = 0; axis < shape.length; axis++) {
                Arguments.notNegative("shape[" + axis + "] of " + name, shape[axis]);
            }
            int length = 1;
            for (int size : shape) {
                length = Arguments.product("size of " + name, length, size);
            }
            return length;
        }
    }
}
