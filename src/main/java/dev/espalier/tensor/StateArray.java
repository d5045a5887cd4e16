package dev.espalier.tensor;

import dev.espalier.internal.Arguments;

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

    /** How many numbers there are. */
    int length();

    /**
     * Copies the numbers of {@code from}, whatever it is called: restores what it saved.
     *
     * @throws IllegalArgumentException if from is null or of another type or length; nothing has changed then
     */
    default void set(StateArray from) {
        Arguments.notNull("from", from);
        if (from.getClass() != getClass() || from.length() != length()) {
            throw Arguments.expected("from", from, "as many numbers of the same type as " + this);
        }
        System.arraycopy(from.array(), 0, array(), 0, length());
    }

    /** The array: a {@code float[]}, {@code double[]} or {@code long[]}. */
    Object array();

    /** State in float, such as a moment. */
    record Floats(String name, float[] array) implements StateArray {
        @Override
        public Floats under(String prefix) {
            return new Floats(prefix + name, array);
        }

        @Override
        public int length() {
            return array.length;
        }

        /** For example {@code floats optimizer.m of 100}. */
        @Override
        public String toString() {
            return "floats " + name + " of " + array.length;
        }
    }

    /** State in double, such as a running mean of norms. */
    record Doubles(String name, double[] array) implements StateArray {
        @Override
        public Doubles under(String prefix) {
            return new Doubles(prefix + name, array);
        }

        @Override
        public int length() {
            return array.length;
        }

        /** For example {@code doubles clip.moments of 2}. */
        @Override
        public String toString() {
            return "doubles " + name + " of " + array.length;
        }
    }

    /** State in integers, such as a counter. */
    record Longs(String name, long[] array) implements StateArray {
        @Override
        public Longs under(String prefix) {
            return new Longs(prefix + name, array);
        }

        @Override
        public int length() {
            return array.length;
        }

        /** For example {@code longs clip.skips of 2}. */
        @Override
        public String toString() {
            return "longs " + name + " of " + array.length;
        }
    }
}
