package dev.espalier.clip;

import dev.espalier.kernel.Elementwise;
import dev.espalier.tensor.StateArray;
import java.util.List;

/** {@link Clip#spikes(float)}. */
record Spikes(float theta) implements Rule {
    private static final float DECAY = 0.999f;

    @Override
    public Rule on(Gradients gradients) {
        return new AtWork(gradients);
    }

    @Override
    public String toString() {
        return "spikes(" + theta + ")";
    }

    private final class AtWork implements Rule {
        private final float root = (float) Math.sqrt(theta);

        /** One tensor after the other. */
        private final float[] v;

        AtWork(Gradients gradients) {
            v = gradients.memory(Spikes.this);
        }

        @Override
        public void plan(Gradients gradients) {
            int at = 0;
            for (Gradient gradient : gradients.each) {
                gradient.rewrite();
                gradient.clampedHere(
                        Elementwise.spikes(gradient.array, gradient.offset, v, at, gradient.length, root, DECAY));
                at += gradient.length;
            }
        }

        @Override
        public boolean clamps() {
            return true;
        }

        @Override
        public List<StateArray> state() {
            return List.of(new StateArray.Floats("v", v));
        }

        @Override
        public String toString() {
            return Spikes.this.toString();
        }
    }
}
