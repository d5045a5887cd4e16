package dev.espalier.clip;

import dev.espalier.kernel.Elementwise;
import dev.espalier.tensor.StateArray;
import java.util.ArrayList;
import java.util.List;

/** {@link Clip#uClip(Clip)}. */
record UClip(Rule inner) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        return new AtWork(Part.bind(inner, gradients), gradients);
    }

    @Override
    public double p(double earlier) {
        return inner.p(earlier);
    }

    @Override
    public String toString() {
        return "uClip(" + inner + ")";
    }

    private final class AtWork implements Rule {
        private final Rule inner;

        /** What was cut off so far, Δ, one tensor after the other; within a step g + Δ. */
        private final float[] carry;

        AtWork(Rule inner, Gradients gradients) {
            this.inner = inner;
            carry = gradients.memory(UClip.this);
        }

        @Override
        public void begin() {
            inner.begin();
        }

        @Override
        public void plan(Gradients gradients) {
            int at = 0;
            for (Gradient gradient : gradients.each) {
                gradient.rewrite();
                Elementwise.carryIn(gradient.array, gradient.offset, carry, at, gradient.length);
                at += gradient.length;
            }
            inner.plan(gradients);
            at = 0;
            for (Gradient gradient : gradients.each) {
                // What the clip leaves may still be a plan: the kernel applies it in registers.
                Elementwise.carryOut(
                        gradient.array,
                        gradient.offset,
                        carry,
                        at,
                        gradient.length,
                        gradient.factor(),
                        gradient.low(),
                        gradient.high());
                at += gradient.length;
            }
        }

        @Override
        public boolean clamps() {
            return inner.clamps();
        }

        @Override
        public List<StateArray> state() {
            List<StateArray> state = new ArrayList<>();
            state.add(new StateArray.Floats("carry", carry));
            inner.state().forEach(array -> state.add(array.under("inner.")));
            return state;
        }

        @Override
        public String toString() {
            return UClip.this.toString();
        }
    }
}
