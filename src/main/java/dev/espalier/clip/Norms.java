package dev.espalier.clip;

import dev.espalier.kernel.Reductions;

/**
 * p-norms from terms. The term of a window is what combines best: {@code Σx²} for p = 2, {@code Σ|x|} for p = 1, and the norm
 * itself otherwise. It is non-finite exactly when an element is.
 */
final class Norms {
    private Norms() {}

    static double term(float[] x, int xOffset, int n, double p, int threads) {
        if (p == 2) {
            return Reductions.sumOfSquares(x, xOffset, n, threads);
        }
        if (p == 1) {
            return Reductions.sumOfAbs(x, xOffset, n, threads);
        }
        double max = Reductions.maxAbs(x, xOffset, n, threads);
        if (p == Double.POSITIVE_INFINITY || !(max > 0 && max < Double.POSITIVE_INFINITY)) {
            return max;
        }
        return max * power(Reductions.powerSum(x, xOffset, n, p, max), 1 / p);
    }

    /** The norm of one window from its term. */
    static double norm(double term, double p) {
        return p == 2 ? Math.sqrt(term) : term;
    }

    /** {@code xᵖ} for x ≥ 0, p > 0. By exp and log, because StrictMath.pow allocates. */
    static double power(double x, double p) {
        return x == 0 ? 0 : StrictMath.exp(p * StrictMath.log(x));
    }
}
