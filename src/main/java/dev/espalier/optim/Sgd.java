package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.internal.Arguments;
import dev.espalier.kernel.Updates;
import dev.espalier.tensor.Parameters;

/**
 * Stochastic gradient descent: {@code w ← w − rate·ĝ}; with momentum {@code u ← momentum·u + ĝ}, {@code w ← w − rate·u} (Polyak
 * 1964); with Nesterov's form {@code w ← w − rate·(ĝ + momentum·u)} (Sutskever et al. 2013, as PyTorch writes it). ĝ is the clipped
 * gradient.
 */
public final class Sgd implements Optimizer {
    private final LearningRate rate;
    private final float momentum;
    private final boolean nesterov;

    private Sgd(LearningRate rate, float momentum, boolean nesterov) {
        this.rate = Arguments.notNull("rate", rate);
        this.momentum = Arguments.fraction("momentum", momentum);
        this.nesterov = nesterov;
        if (nesterov && momentum == 0) {
            throw Arguments.expected("momentum", momentum, "above 0 with nesterov (set momentum first)");
        }
    }

    /**
     * Plain gradient descent.
     *
     * @throws IllegalArgumentException if rate is not a finite number above 0
     */
    public static Sgd withLearningRate(float rate) {
        return withLearningRate(LearningRate.constant(rate));
    }

    /**
     * Plain gradient descent.
     *
     * @throws IllegalArgumentException if rate is null
     */
    public static Sgd withLearningRate(LearningRate rate) {
        return new Sgd(rate, 0, false);
    }

    /**
     * This optimizer with another momentum than 0.
     *
     * @throws IllegalArgumentException if momentum is not in [0, 1), or is 0 with nesterov
     */
    public Sgd momentum(float momentum) {
        return new Sgd(rate, momentum, nesterov);
    }

    /**
     * This optimizer with Nesterov's momentum.
     *
     * @throws IllegalArgumentException if the momentum is 0
     */
    public Sgd nesterov() {
        return new Sgd(rate, momentum, true);
    }

    /** The state is {@code velocity} with momentum, none without. */
    @Override
    public Stepper on(Parameters parameters, Clip clip) {
        return momentum == 0 ? new Plain(parameters, clip) : new Momentum(parameters, clip);
    }

    @Override
    public String toString() {
        return "Sgd(" + rate + (momentum == 0 ? "" : ", momentum " + momentum) + (nesterov ? ", nesterov" : "") + ")";
    }

    private final class Plain extends Stepper {
        Plain(Parameters parameters, Clip clip) {
            super(parameters, clip, Sgd.this.rate, false);
        }

        @Override
        void update(float rate, int offset, int n, float factor, float low, float high) {
            Updates.sgd(weights, gradients, offset, n, factor, low, high, limit, rate);
        }
    }

    private final class Momentum extends Stepper {
        private final float[] velocity = state("velocity");

        Momentum(Parameters parameters, Clip clip) {
            super(parameters, clip, Sgd.this.rate, false, "velocity");
        }

        @Override
        void update(float rate, int offset, int n, float factor, float low, float high) {
            Updates.momentum(
                    weights, gradients, velocity, offset, n, factor, low, high, limit, rate, momentum, nesterov);
        }
    }
}
