package dev.espalier.clip;

import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Reductions;

/**
 * {@link Clip#unitNorm} and {@link Clip#agc(float, float)}: a norm for each output neuron. The units of a parameter with two or
 * more axes are the columns of its last one; anything else is one unit.
 *
 * @param adaptive whether the threshold is a factor of the norm of the unit's weights, which counts as epsilon at least
 */
record Units(boolean adaptive, float threshold, float epsilon) implements Rule {
    @Override
    public Rule on(Gradients gradients) {
        int largest = 0;
        for (Gradient gradient : gradients.each) {
            if (adaptive && gradient.weights == null) {
                throw new IllegalArgumentException(this + " on " + gradient.name
                        + ": expected Parameters, which hold the weights it compares with");
            }
            largest = Math.max(largest, units(gradient));
        }
        return new AtWork(this, new double[largest], new double[largest]);
    }

    @Override
    public void measure(Gradients gradients) {
        for (Gradient gradient : gradients.each) {
            if (units(gradient) == 1) {
                gradient.term(2);
            }
        }
    }

    @Override
    public Watch.Concern concern() {
        return Watch.Concern.IDLE_OR_ALWAYS;
    }

    @Override
    public String toString() {
        return adaptive ? "agc(" + threshold + ", " + epsilon + ")" : "unitNorm(" + threshold + ")";
    }

    /** The number of units; 1 where the norm is that of the whole gradient. */
    private static int units(Gradient gradient) {
        return gradient.slice == null || gradient.slice.rank() < 2 ? 1 : gradient.slice.size(gradient.slice.rank() - 1);
    }

    /**
     * With room for a number per unit.
     *
     * @param factors squared norms of gradients, then what to scale them by
     * @param weights squared norms of weights
     */
    private record AtWork(Units rule, double[] factors, double[] weights) implements Rule {
        @Override
        public void measure(Gradients gradients) {
            rule.measure(gradients);
        }

        @Override
        public void plan(Gradients gradients) {
            for (Gradient gradient : gradients.each) {
                int columns = units(gradient);
                if (gradient.length == 0) {
                    continue;
                }
                if (columns == 1) {
                    whole(gradient);
                } else {
                    columns(gradient, columns);
                }
            }
        }

        /** One unit: a factor for the plan. */
        private void whole(Gradient gradient) {
            double norm = gradient.norm(2);
            float[] w = gradient.weights;
            double scale = rule.adaptive && w != null
                    ? scale(Reductions.sumOfSquares(w, gradient.offset, gradient.length, gradient.threads))
                    : 1;
            gradient.limit(norm / scale, rule.threshold);
        }

        private void columns(Gradient gradient, int columns) {
            gradient.apply();
            int rows = gradient.length / columns;
            Reductions.columnSumsOfSquares(gradient.array, gradient.offset, rows, columns, factors, 0);
            if (rule.adaptive && gradient.weights != null) {
                Reductions.columnSumsOfSquares(gradient.weights, gradient.offset, rows, columns, weights, 0);
            }
            double smallest = 1;
            double largest = 0;
            for (int j = 0; j < columns; j++) {
                double norm = Math.sqrt(factors[j]) / (rule.adaptive ? scale(weights[j]) : 1);
                boolean within = rule.threshold == Float.POSITIVE_INFINITY || norm <= rule.threshold;
                factors[j] = within ? 1 : rule.threshold / norm;
                largest = Math.max(largest, norm);
                smallest = Math.min(smallest, factors[j]);
            }
            // NaN, too.
            if (!(smallest >= 1)) {
                gradient.rewrite();
                Elementwise.scaleColumns(gradient.array, gradient.offset, rows, columns, factors, 0);
            }
            gradient.limited(smallest, largest, rule.threshold);
        }

        /** {@code max(‖w‖, ε)} from ‖w‖². */
        private double scale(double squares) {
            double norm = Math.sqrt(squares);
            // A weight that is NaN counts as none: it must not reach the gradients of others.
            return norm > rule.epsilon ? norm : rule.epsilon;
        }
    }
}
