package dev.espalier.optim;

import dev.espalier.internal.Arguments;

/** The schedules of {@link LearningRate}. In double, with nothing that differs between platforms. */
final class Schedules {
    private Schedules() {}

    record Constant(float rate) implements LearningRate {
        Constant {
            Arguments.positiveFinite("learning rate", rate);
        }

        @Override
        public float at(long step) {
            return rate;
        }

        @Override
        public String toString() {
            return Float.toString(rate);
        }
    }

    record StepDecay(float initial, long every, float factor) implements LearningRate {
        StepDecay {
            Arguments.positiveFinite("initial", initial);
            atLeast1("every", every);
            if (!(factor > 0 && factor <= 1)) {
                throw Arguments.expected("factor", factor, "in (0, 1]");
            }
        }

        @Override
        public float at(long step) {
            return (float) (initial * Powers.power(factor, step / every));
        }

        @Override
        public String toString() {
            return initial + "*" + factor + "^(step/" + every + ")";
        }
    }

    record Cosine(float initial, long totalSteps, long warmupSteps) implements LearningRate {
        Cosine {
            Arguments.positiveFinite("initial", initial);
            atLeast1("totalSteps", totalSteps);
            if (warmupSteps < 0 || warmupSteps >= totalSteps) {
                throw Arguments.expected("warmupSteps", warmupSteps, "in [0, " + totalSteps + "), below totalSteps");
            }
        }

        @Override
        public float at(long step) {
            if (step < warmupSteps) {
                return (float) (initial * ((step + 1.0) / warmupSteps));
            }
            if (step >= totalSteps) {
                return 0;
            }
            return (float) (initial * half(step - warmupSteps, totalSteps - step));
        }

        /** {@code (1 + cos(π·x))/2} with {@code x = passed/(passed + left)}; beyond π/4 the cosine of StrictMath allocates. */
        private static double half(long passed, long left) {
            double quarter = Math.PI / 2 / (passed + left);
            double root = passed <= left ? StrictMath.cos(quarter * passed) : StrictMath.sin(quarter * left);
            return root * root;
        }

        @Override
        public String toString() {
            return "cosine from " + initial + " over " + totalSteps + " steps"
                    + (warmupSteps > 0 ? ", warm-up " + warmupSteps : "");
        }
    }

    private static void atLeast1(String name, long value) {
        if (value < 1) {
            throw Arguments.expected(name, value, "at least 1");
        }
    }
}
