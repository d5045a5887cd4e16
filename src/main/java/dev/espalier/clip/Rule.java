package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;

/**
 * One strategy of clipping. It adds to the plan of each gradient or rewrites it ({@link Gradient}); the rest (policies, fusion,
 * report) is the same for all.
 *
 * <p>A rule without memory is immutable and serves every clipper. One with memory is a description, too: {@link #on} makes the
 * object that owns the memory. A filter or a group binds another rule to a part of the gradients.
 */
interface Rule {
    /** The rule at work on these gradients: itself, if it has no memory and no filter. */
    default Rule on(Gradients gradients) {
        return this;
    }

    /** Called on what {@link #on} made before each step: what the last one has left to tell can be noted now. */
    default void begin() {}

    /**
     * Reads the terms that {@link #plan} will ask for first, if any, of the unchanged gradients: a finite term spares a gradient
     * the search for NaN and ±∞.
     */
    default void measure(Gradients gradients) {}

    /**
     * Clips. Called once per step that takes place, never for a skipped one: memory may change here. Without
     * {@link NonFinite#PROPAGATE} all elements are finite. What {@link Gradient#limit} is given is what the report tells, unless
     * the rule says something else to {@link Gradients#compared}. What {@link #on} binds is called through what that made alone.
     */
    default void plan(Gradients gradients) {
        throw new IllegalStateException(this + " is not bound to gradients");
    }

    /** The memory of a rule that {@link #on} made: the live arrays. A skipped step leaves them alone. */
    default List<StateArray> state() {
        return List.of();
    }

    /** The parts of a rule that {@link #on} made, in the order in which they clip. */
    default void parts(List<Part> into) {}

    /** Whether it bounds single elements: what is counted beyond bounds is then its own, if no other rule does. */
    default boolean clamps() {
        return false;
    }

    /** When its clipper should warn that the threshold is of no use. */
    default Watch.Concern concern() {
        return Watch.Concern.NONE;
    }

    /** The p of the norm that the report speaks of, given what an earlier rule said. */
    default double p(double earlier) {
        return earlier;
    }
}
