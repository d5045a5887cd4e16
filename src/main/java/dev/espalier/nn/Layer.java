package dev.espalier.nn;

/**
 * What a layer is: immutable, shareable, without weights or buffers. It declares its parameters, and for each pass
 * makes a {@link Node} that computes. It knows neither optimizer nor clip.
 *
 * <p>An example is one row of features. A layer over time or space gives the row a meaning of its own, time-major for
 * sequences: time step t of f features is columns {@code [t·f, (t+1)·f)}, which {@link Batch#columns(int, int)} views
 * without a copy.
 */
public interface Layer {
    /**
     * What parameters of this layer are called: {@code "dense"} makes {@code dense1.weight}, {@code dense2.weight}, …
     */
    String kind();

    /**
     * How many outputs there are for so many inputs.
     *
     * @throws IllegalArgumentException if the layer cannot take so many inputs
     */
    int outputs(int inputs);

    /** Declares every parameter, always in the same order. {@link Binding#weight(int)} counts in this order. */
    void declare(int inputs, Declaration to);

    /** Makes the node of one pass. All buffers the node needs are allocated here. */
    Node bind(Binding binding);

    /** Takes the parameters of a layer. */
    @FunctionalInterface
    interface Declaration {
        /**
         * Declares one parameter.
         *
         * @param name unique within the layer, such as {@code "weight"}
         * @param fanIn how many inputs feed one output through this parameter, for the initializer; at least 1
         * @param fanOut how many outputs one input feeds through it; at least 1
         * @param shape the sizes of the axes
         */
        void parameter(String name, Initializer initializer, int fanIn, int fanOut, int... shape);
    }

    /**
     * A layer at work in one pass, on the buffers of its {@link Binding}. Called in the order forward, propagate,
     * gradients, with the same number of rows. Allocates nothing for the last two numbers of rows.
     */
    interface Node {
        /** Reads the first {@code rows} rows of the input, writes those of the output. */
        void forward(int rows);

        /**
         * Reads the gradient of the output, which it may overwrite, and writes the gradient of the input where
         * {@link Binding#propagates()}. Writes no gradient of a parameter.
         */
        void propagate(int rows);

        /**
         * Writes the gradients of all parameters, or adds to them if {@code accumulate}. Apart from {@link #propagate},
         * so that what lies between input and parameters can be rescaled per example first. Added to in chains over the
         * rows in ascending order, so that micro-batches give the bits of one large batch.
         */
        void gradients(int rows, boolean accumulate);
    }

    /**
     * A node that can tell the gradients of the examples apart without making them. Called in the order forward,
     * propagate, {@link #addSquares}, {@link #scaleExamples}, gradients. Other nodes work in every pass but
     * {@link Pass#backward(int, boolean, ExampleFactors)}.
     */
    interface ExampleNode extends Node {
        /**
         * Adds to {@code squares[i]} the square of the 2-norm of the gradient of example i over the parameters of this
         * layer, taken in double with a relative error below 2⁻⁴⁴; not finite exactly when something that it is made of
         * is not. Adds to {@code units[i]} what it would add to squares if all elements that {@link #scaleExamples}
         * rounds were 1.
         */
        void addSquares(int rows, double[] squares, double[] units);

        /**
         * Multiplies what lies between input and parameters, each element as {@code (float)((double)x·factor)}, so that
         * {@link #gradients} takes example i times {@code factors[i]}. Factor 1 writes nothing; factor 0 removes the
         * example, whatever it holds, and may overwrite its inputs.
         */
        void scaleExamples(int rows, double[] factors);
    }
}
