package dev.espalier.tensor;

/**
 * A named array of numbers that training goes on from, such as a moment, a running mean or a counter: what a checkpoint holds
 * beside the weights. The array is the live one, not a copy: reading it saves the state, writing it restores it. Its length
 * never changes.
 */
public sealed interface StateArray {
    /** Unique among the arrays of one object; parts of objects have a prefix and a dot. */
    String name();

    /** The same array called {@code prefix + name()}. */
    StateArray under(String prefix);

    /** State in float, such as a moment. */
    record Floats(String name, float[] array) implements StateArray {
        @Override
        public Floats under(String prefix) {
            return new Floats(prefix + name, array);
        }
    }

    /** State in double, such as a running mean of norms. */
    record Doubles(String name, double[] array) implements StateArray {
        @Override
        public Doubles under(String prefix) {
            return new Doubles(prefix + name, array);
        }
    }

    /** State in integers, such as a counter. */
    record Longs(String name, long[] array) implements StateArray {
        @Override
        public Longs under(String prefix) {
            return new Longs(prefix + name, array);
        }
    }
}
