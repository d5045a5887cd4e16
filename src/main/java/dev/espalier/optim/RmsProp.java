package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Updates;
import dev.espalier.tensor.Parameters;

/**
 * RMSprop (Tieleman and Hinton 2012; ε outside the root, as PyTorch does): {@code v ← rho·v + (1 − rho)·ĝ²},
 * {@code w ← w − rate·ĝ/(√v + ε)}; with momentum {@code u ← momentum·u + ĝ/(√v + ε)}, {@code w ← w − rate·u}. ĝ is the clipped
 * gradient. Defaults: rho 0.9, ε 1e-8, no momentum.
 */
public final class RmsProp implements Optimizer {
    private final LearningRate rate;
    private final float rho;
    private final float epsilon;
    private final float momentum;

    private RmsProp(LearningRate rate, float rho, float epsilon, float momentum) {
        this.rate = Arguments.notNull("rate", rate);
        this.rho = Arguments.fraction("rho", rho);
        this.epsilon = Adam.epsilonOf(epsilon);
        this.momentum = Arguments.fraction("momentum", momentum);
    }

    /**
     * RMSprop with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is not a finite number above 0
     */
    public static RmsProp withLearningRate(float rate) {
        return withLearningRate(LearningRate.constant(rate));
    }

    /**
     * RMSprop with the default hyperparameters.
     *
     * @throws IllegalArgumentException if rate is null
     */
    public static RmsProp withLearningRate(LearningRate rate) {
        return new RmsProp(rate, 0.9f, 1e-8f, 0);
    }

    /**
     * This optimizer with another decay rate of v than 0.9.
     *
     * @throws IllegalArgumentException if rho is not in [0, 1)
     */
    public RmsProp rho(float rho) {
        return new RmsProp(rate, rho, epsilon, momentum);
    }

    /**
     * This optimizer with another ε than 1e-8. Second moments below FLT_MIN are stored as 0, and so those of gradients below
     * {@code √(FLT_MIN/(1 − ρ))}, 3.4e-18 with 0.999 (3.4e-19 with 0.9): an ε below that makes their steps longer than the rate.
     *
     * @throws IllegalArgumentException if epsilon is not a finite number at least 1e-19
     */
    public RmsProp epsilon(float epsilon) {
        return new RmsProp(rate, rho, epsilon, momentum);
    }

    /**
     * This optimizer with another momentum than 0.
     *
     * @throws IllegalArgumentException if momentum is not in [0, 1)
     */
    public RmsProp momentum(float momentum) {
        return new RmsProp(rate, rho, epsilon, momentum);
    }

    /** The state is {@code v}, and {@code velocity} with momentum. */
    @Override
    public Stepper on(Parameters parameters, Clip clip) {
        return momentum == 0 ? new Plain(parameters, clip) : new Momentum(parameters, clip);
    }

    @Override
    public String toString() {
        return "RmsProp(" + rate + ", rho " + rho + ", epsilon " + epsilon
                + (momentum == 0 ? "" : ", momentum " + momentum) + ")";
    }

    private final class Plain extends Stepper {
        private final float[] v = state("v");

        Plain(Parameters parameters, Clip clip) {
            super(parameters, clip, RmsProp.this.rate, true, "v");
        }

        @Override
        void update(float rate, int offset, int n, float factor, float low, float high) {
            forget(rho, v, offset, n);
            Updates.rmsProp(weights, gradients, v, offset, n, factor, low, high, limit, rate, rho, epsilon);
        }
    }

    private final class Momentum extends Stepper {
        private final float[] v = state("v");
        private final float[] velocity = state("velocity");

        Momentum(Parameters parameters, Clip clip) {
            super(parameters, clip, RmsProp.this.rate, true, "v", "velocity");
        }

        @Override
        void update(float rate, int offset, int n, float factor, float low, float high) {
            forget(rho, v, offset, n);
            Updates.rmsPropMomentum(
                    weights, gradients, v, velocity, offset, n, factor, low, high, limit, rate, rho, epsilon, momentum);
        }
    }
}
