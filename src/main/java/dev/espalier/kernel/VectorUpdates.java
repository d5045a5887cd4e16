package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/** {@link ScalarUpdates} in vectors: whole vectors here, tails there. */
final class VectorUpdates {
    private VectorUpdates() {}

    static void sgd(
            float[] w, float[] g, int offset, int n, float factor, float low, float high, float limit, float learningRate, float decay) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector clipped = clamp(FloatVector.fromArray(S, g, i).mul(factor), lows, highs);
            FloatVector old = FloatVector.fromArray(S, w, i);
            keep(clipped.fma(rate, old.mul(decay)), old, limits).intoArray(w, i);
        }
        ScalarUpdates.sgd(
                w, g, i, offset + n - i, factor, low, high, limit, learningRate, decay);
    }

    static void momentum(
            float[] w, float[] g, float[] velocity, int offset, int n, float factor, float low, float high, float limit, float learningRate, float decay, float momentum, boolean nesterov) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        FloatVector rho = FloatVector.broadcast(S, momentum);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector clipped = clamp(FloatVector.fromArray(S, g, i).mul(factor), lows, highs);
            FloatVector u = flush(saturate(FloatVector.fromArray(S, velocity, i).fma(rho, clipped), limits));
            u.intoArray(velocity, i);
            FloatVector d = nesterov ? saturate(u.fma(rho, clipped), limits) : u;
            FloatVector old = FloatVector.fromArray(S, w, i);
            keep(d.fma(rate, old.mul(decay)), old, limits).intoArray(w, i);
        }
        ScalarUpdates.momentum(
                w, g, velocity, i, offset + n - i, factor, low, high, limit, learningRate, decay, momentum, nesterov);
    }

    static void rmsProp(
            float[] w, float[] g, float[] v, int offset, int n, float factor, float low, float high, float limit, float learningRate, float rho, float epsilon) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rest = FloatVector.broadcast(S, 1 - rho);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector clipped = clamp(FloatVector.fromArray(S, g, i).mul(factor), lows, highs);
            FloatVector s = FloatVector.fromArray(S, v, i);
            s = flush(clipped.fma(clipped, s.neg()).fma(rest, s));
            s.intoArray(v, i);
            FloatVector d = clipped.div(s.sqrt().add(epsilon));
            FloatVector old = FloatVector.fromArray(S, w, i);
            keep(d.fma(rate, old), old, limits).intoArray(w, i);
        }
        ScalarUpdates.rmsProp(
                w, g, v, i, offset + n - i, factor, low, high, limit, learningRate, rho, epsilon);
    }

    static void rmsPropMomentum(
            float[] w, float[] g, float[] v, float[] velocity, int offset, int n, float factor, float low, float high, float limit, float learningRate, float rho, float epsilon, float momentum) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rest = FloatVector.broadcast(S, 1 - rho);
        FloatVector mu = FloatVector.broadcast(S, momentum);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector clipped = clamp(FloatVector.fromArray(S, g, i).mul(factor), lows, highs);
            FloatVector s = FloatVector.fromArray(S, v, i);
            s = flush(clipped.fma(clipped, s.neg()).fma(rest, s));
            s.intoArray(v, i);
            FloatVector d = clipped.div(s.sqrt().add(epsilon));
            FloatVector u = flush(saturate(FloatVector.fromArray(S, velocity, i).fma(mu, d), limits));
            u.intoArray(velocity, i);
            FloatVector old = FloatVector.fromArray(S, w, i);
            keep(u.fma(rate, old), old, limits).intoArray(w, i);
        }
        ScalarUpdates.rmsPropMomentum(
                w, g, v, velocity, i, offset + n - i, factor, low, high, limit, learningRate, rho, epsilon, momentum);
    }

    static void adam(
            float[] w, float[] g, float[] m, float[] v, int offset, int n, float factor, float low, float high, float limit, float beta1, float beta2, float epsilon, float stepSize, float rootCorrection, float decay) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rest1 = FloatVector.broadcast(S, 1 - beta1);
        FloatVector rest2 = FloatVector.broadcast(S, 1 - beta2);
        FloatVector correction = FloatVector.broadcast(S, rootCorrection);
        FloatVector epsilons = FloatVector.broadcast(S, epsilon);
        FloatVector rate = FloatVector.broadcast(S, -stepSize);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector clipped = clamp(FloatVector.fromArray(S, g, i).mul(factor), lows, highs);
            FloatVector mean = FloatVector.fromArray(S, m, i);
            mean = flush(clipped.sub(mean).fma(rest1, mean));
            mean.intoArray(m, i);
            FloatVector square = FloatVector.fromArray(S, v, i);
            square = flush(clipped.fma(clipped, square.neg()).fma(rest2, square));
            square.intoArray(v, i);
            FloatVector d = mean.div(square.sqrt().fma(correction, epsilons));
            FloatVector old = FloatVector.fromArray(S, w, i);
            keep(d.fma(rate, old.mul(decay)), old, limits).intoArray(w, i);
        }
        ScalarUpdates.adam(
                w, g, m, v, i, offset + n - i, factor, low, high, limit, beta1, beta2, epsilon, stepSize, rootCorrection, decay);
    }

    private static FloatVector clamp(FloatVector x, FloatVector lows, FloatVector highs) {
        FloatVector raised = x.blend(lows, x.compare(LT, lows));
        return raised.blend(highs, raised.compare(GT, highs));
    }

    private static FloatVector saturate(FloatVector x, FloatVector limits) {
        return clamp(x, limits.neg(), limits);
    }

    private static FloatVector keep(FloatVector x, FloatVector old, FloatVector limits) {
        return x.blend(old, x.abs().compare(GT, limits));
    }

    private static FloatVector flush(FloatVector x) {
        return x.blend(0f, x.abs().compare(LT, Float.MIN_NORMAL));
    }
}
