package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.List;

/** {@link Clip#zClip(float, float, int)}. */
record ZClip(float alpha, float z, int warmup) implements Rule {
    private static final double EPSILON = 1e-6;

    @Override
    public Rule on(Gradients gradients) {
        return new AtWork();
    }

    @Override
    public String toString() {
        return "zClip(" + alpha + ", " + z + ", " + warmup + ")";
    }

    private final class AtWork implements Rule {
        /** Mean and variance of the norms. */
        private final double[] moments = new double[2];

        /** How many norms they are of. */
        private final long[] count = new long[1];

        @Override
        public void measure(Gradients gradients) {
            gradients.measure(2);
        }

        @Override
        public void plan(Gradients gradients) {
            double norm = gradients.norm(2);
            double threshold = count[0] < warmup ? Double.POSITIVE_INFINITY : threshold(norm);
            for (Gradient gradient : gradients.each) {
                gradient.limit(norm, threshold);
            }
            if (norm > 0 && norm < Double.POSITIVE_INFINITY) {
                remember(Math.min(norm, threshold));
            }
        }

        private double threshold(double norm) {
            double deviation = Math.sqrt(moments[1]);
            double score = (norm - moments[0]) / (deviation + EPSILON);
            // NaN gives NaN.
            return score <= z ? Double.POSITIVE_INFINITY : moments[0] + z * deviation / (score / z);
        }

        /** In the warm-up the plain mean and variance of all norms so far, then moving averages with the new mean in the square. */
        private void remember(double norm) {
            boolean warm = count[0]++ >= warmup;
            double rest = warm ? 1 - (double) alpha : 1.0 / count[0];
            double before = norm - moments[0];
            moments[0] += rest * before;
            double after = norm - moments[0];
            moments[1] += rest * ((warm ? after : before) * after - moments[1]);
        }

        @Override
        public List<StateArray> state() {
            return List.of(new StateArray.Doubles("moments", moments), new StateArray.Longs("count", count));
        }

        @Override
        public String toString() {
            return ZClip.this.toString();
        }
    }
}
