package dev.espalier.kernel;

import static dev.espalier.internal.Arguments.window;

import dev.espalier.internal.Arguments;
import dev.espalier.internal.Scratch;

/**
 * Fused updates: one pass reads weights, gradients and state, and writes weights and state. The clipped gradient
 * {@code ĝ = min(max(g·factor, low), high)} lives in registers only; the pass gives the bits of {@link Elementwise#clip} followed
 * by the same update with the neutral {@code factor = 1, low = −∞, high = +∞}.
 *
 * <p>All arrays share one layout: {@code w[offset + i]} belongs to {@code g[offset + i]} and so on. They must be different arrays.
 *
 * <p>{@code sat(x) = min(max(x, −limit), limit)}: with {@code limit = Float.MAX_VALUE} no finite gradient makes a weight or a
 * velocity infinite; {@code +∞} is the raw arithmetic. {@code keep(x)} is x, or the old weight where {@code |x| > limit}. {@code flush(x)} replaces a subnormal x by 0 in stored averages: a decaying
 * average would otherwise come to rest among the subnormals, where arithmetic is slow on many CPUs. The second moments square ĝ in
 * float: callers keep {@code |ĝ| ≤ 2⁶²} through the bounds so that they stay finite. NaN in g gives NaN in w.
 */
public final class Updates {
    private Updates() {}

    /**
     * Gradient descent: {@code w ← keep(fma(−learningRate, ĝ, w))}.
     */
    public static void sgd(
            float[] w,
            float[] g,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate) {
        check(w, g, offset, n, low, high);
        if (Simd.ON) {
            VectorUpdates.sgd(w, g, offset, n, factor, low, high, limit, learningRate);
        } else {
            ScalarUpdates.sgd(w, g, offset, n, factor, low, high, limit, learningRate);
        }
    }

    /**
     * Gradient descent with momentum (Polyak 1964; Nesterov's form after Sutskever et al. 2013, as PyTorch writes it):
     * {@code u ← flush(sat(fma(momentum, u, ĝ)))}, then {@code w ← keep(fma(−learningRate, d, w))} with {@code d = u}, or
     * {@code d = sat(fma(momentum, u, ĝ))} if nesterov.
     */
    public static void momentum(
            float[] w,
            float[] g,
            float[] velocity,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float momentum,
            boolean nesterov) {
        check(w, g, offset, n, low, high);
        state("velocity", velocity, offset, n, w, g);
        if (Simd.ON) {
            VectorUpdates.momentum(
                    w, g, velocity, offset, n, factor, low, high, limit, learningRate, momentum, nesterov);
        } else {
            ScalarUpdates.momentum(
                    w, g, velocity, offset, n, factor, low, high, limit, learningRate, momentum, nesterov);
        }
    }

    /**
     * RMSprop (Tieleman and Hinton 2012, ε outside the root as in PyTorch): {@code v ← flush(fma(1−rho, fma(ĝ, ĝ, −v), v))},
     * {@code w ← keep(fma(−learningRate, ĝ/(√v + ε), w))}.
     */
    public static void rmsProp(
            float[] w,
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float rho,
            float epsilon) {
        check(w, g, offset, n, low, high);
        state("v", v, offset, n, w, g);
        if (Simd.ON) {
            VectorUpdates.rmsProp(w, g, v, offset, n, factor, low, high, limit, learningRate, rho, epsilon);
        } else {
            ScalarUpdates.rmsProp(w, g, v, offset, n, factor, low, high, limit, learningRate, rho, epsilon);
        }
    }

    /**
     * RMSprop with momentum: v as in {@link #rmsProp}, {@code u ← flush(sat(fma(momentum, u, ĝ/(√v + ε))))},
     * {@code w ← keep(fma(−learningRate, u, w))}.
     */
    public static void rmsPropMomentum(
            float[] w,
            float[] g,
            float[] v,
            float[] velocity,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float learningRate,
            float rho,
            float epsilon,
            float momentum) {
        check(w, g, offset, n, low, high);
        state("v", v, offset, n, w, g);
        state("velocity", velocity, offset, n, w, g);
        different("v", v, "velocity", velocity);
        if (Simd.ON) {
            VectorUpdates.rmsPropMomentum(
                    w, g, v, velocity, offset, n, factor, low, high, limit, learningRate, rho, epsilon, momentum);
        } else {
            ScalarUpdates.rmsPropMomentum(
                    w, g, v, velocity, offset, n, factor, low, high, limit, learningRate, rho, epsilon, momentum);
        }
    }

    /**
     * Adam (Kingma and Ba 2015, Algorithm 1), and with weight decay AdamW (Loshchilov and Hutter 2019):
     * {@code m ← flush(fma(1−β₁, ĝ − m, m))}, {@code v ← flush(fma(1−β₂, fma(ĝ, ĝ, −v), v))},
     * {@code w ← keep(fma(−stepSize, fma(weightDecay, w, m/fma(√v, rootCorrection, ε)), w))}. The decay goes into the direction, since a
     * factor {@code 1 − learningRate·λ} of the weight is 1 in float where {@code learningRate·λ ≤ 2⁻²⁵}. An infinite weight becomes NaN.
     *
     * @param stepSize {@code learningRate/(1 − β₁ᵗ)}
     * @param rootCorrection {@code 1/√(1 − β₂ᵗ)}
     * @param weightDecay {@code λ·(1 − β₁ᵗ)}, what a weight counts beside its direction; 0 for Adam
     */
    public static void adam(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float limit,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float weightDecay) {
        check(w, g, offset, n, low, high);
        state("m", m, offset, n, w, g);
        state("v", v, offset, n, w, g);
        different("m", m, "v", v);
        if (Simd.ON) {
            VectorUpdates.adam(
                    w,
                    g,
                    m,
                    v,
                    offset,
                    n,
                    factor,
                    low,
                    high,
                    limit,
                    beta1,
                    beta2,
                    epsilon,
                    stepSize,
                    rootCorrection,
                    weightDecay);
        } else {
            ScalarUpdates.adam(
                    w,
                    g,
                    m,
                    v,
                    offset,
                    n,
                    factor,
                    low,
                    high,
                    limit,
                    beta1,
                    beta2,
                    epsilon,
                    stepSize,
                    rootCorrection,
                    weightDecay);
        }
    }

    /**
     * {@code Σ r²} in the fixed shape of {@link Reductions}, with {@code r = ĝ/max(√v·rootCorrection, ε)} in float and v the second
     * moment that {@link #adam} would store. Writes nothing.
     */
    public static double adamSquares(
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection) {
        window("g", g, offset, n);
        window("v", v, offset, n);
        Arguments.bounds(low, high);
        float[] ratios = Scratch.acquire(Reductions.BLOCK);
        double sum = ratiosTree(g, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, ratios);
        Scratch.release(ratios);
        return sum;
    }

    /** {@link #adamSquares} on at most {@code threads} threads, to the same bits. */
    public static double adamSquares(
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection,
            int threads) {
        window("g", g, offset, n);
        window("v", v, offset, n);
        Arguments.bounds(low, high);
        Arguments.positive("threads", threads);
        return ParallelMeasure.pays(n, threads)
                ? ParallelMeasure.squares(g, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, threads)
                : adamSquares(g, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection);
    }

    /**
     * {@code max |u|/fma(relative, |w|, absolute)} with {@code u = stepSize·m/fma(√v, rootCorrection, ε)}, m and v those that
     * {@link #adam} would store: how far an update goes in the share of a weight that it may change. Quotients that are NaN do
     * not count; 0 for an empty window. Writes nothing.
     */
    public static float adamShare(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float relative,
            float absolute) {
        window("w", w, offset, n);
        window("g", g, offset, n);
        window("m", m, offset, n);
        window("v", v, offset, n);
        Arguments.bounds(low, high);
        return Simd.ON
                ? VectorUpdates.adamShare(
                        w,
                        g,
                        m,
                        v,
                        offset,
                        n,
                        factor,
                        low,
                        high,
                        beta1,
                        beta2,
                        epsilon,
                        stepSize,
                        rootCorrection,
                        relative,
                        absolute)
                : ScalarUpdates.adamShare(
                        w,
                        g,
                        m,
                        v,
                        offset,
                        n,
                        factor,
                        low,
                        high,
                        beta1,
                        beta2,
                        epsilon,
                        stepSize,
                        rootCorrection,
                        relative,
                        absolute);
    }

    /** {@link #adamShare} on at most {@code threads} threads. */
    public static float adamShare(
            float[] w,
            float[] g,
            float[] m,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta1,
            float beta2,
            float epsilon,
            float stepSize,
            float rootCorrection,
            float relative,
            float absolute,
            int threads) {
        window("w", w, offset, n);
        window("g", g, offset, n);
        window("m", m, offset, n);
        window("v", v, offset, n);
        Arguments.bounds(low, high);
        Arguments.positive("threads", threads);
        return ParallelMeasure.pays(n, threads)
                ? ParallelMeasure.share(
                        w,
                        g,
                        m,
                        v,
                        offset,
                        n,
                        factor,
                        low,
                        high,
                        beta1,
                        beta2,
                        epsilon,
                        stepSize,
                        rootCorrection,
                        relative,
                        absolute,
                        threads)
                : adamShare(
                        w,
                        g,
                        m,
                        v,
                        offset,
                        n,
                        factor,
                        low,
                        high,
                        beta1,
                        beta2,
                        epsilon,
                        stepSize,
                        rootCorrection,
                        relative,
                        absolute);
    }

    /** A block of ratios stays in L1 between the two loops over it. */
    private static double ratiosTree(
            float[] g,
            float[] v,
            int offset,
            int n,
            float factor,
            float low,
            float high,
            float beta2,
            float epsilon,
            float rootCorrection,
            float[] ratios) {
        if (n <= Reductions.BLOCK) {
            if (Simd.ON) {
                VectorUpdates.adamRatios(g, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, ratios, 0);
            } else {
                ScalarUpdates.adamRatios(g, v, offset, n, factor, low, high, beta2, epsilon, rootCorrection, ratios, 0);
            }
            return Reductions.squaresTree(ratios, 0, n);
        }
        int left = Reductions.leftOf(n);
        return ratiosTree(g, v, offset, left, factor, low, high, beta2, epsilon, rootCorrection, ratios)
                + ratiosTree(g, v, offset + left, n - left, factor, low, high, beta2, epsilon, rootCorrection, ratios);
    }

    private static void check(float[] w, float[] g, int offset, int n, float low, float high) {
        window("w", w, offset, n);
        window("g", g, offset, n);
        different("w", w, "g", g);
        Arguments.bounds(low, high);
    }

    private static void state(String name, float[] state, int offset, int n, float[] w, float[] g) {
        window(name, state, offset, n);
        different("w", w, name, state);
        different("g", g, name, state);
    }

    private static void different(String aName, float[] a, String bName, float[] b) {
        if (a == b) {
            throw new IllegalArgumentException(
                    aName + " and " + bName + " are the same array: expected different arrays");
        }
    }
}
