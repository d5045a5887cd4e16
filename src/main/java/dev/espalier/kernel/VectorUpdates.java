package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link ScalarUpdates} in vectors: whole vectors here, tails there. Clamp, flush and keep are written out: C2 stops inlining
 * ordinary methods in a large compile unit, and a vector that is passed to a method is an allocation.
 */
final class VectorUpdates {
    private static final int SMALLEST_NORMAL = Float.floatToRawIntBits(Float.MIN_NORMAL);

    private VectorUpdates() {}

    static void sgd(
            float[] w, float[] g, int offset, int n, float factor, float low, float high, float limit, float learningRate) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector old = FloatVector.fromArray(S, w, i);
            FloatVector next = clipped.fma(rate, old);
            next.blend(old, next.abs().compare(GT, limits)).intoArray(w, i);
        }
        ScalarUpdates.sgd(
                w, g, i, offset + n - i, factor, low, high, limit, learningRate);
    }

    static void momentum(
            float[] w, float[] g, float[] velocity, int offset, int n, float factor, float low, float high, float limit, float learningRate, float momentum, boolean nesterov) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector floors = limits.neg();
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        FloatVector rho = FloatVector.broadcast(S, momentum);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector u0 = FloatVector.fromArray(S, velocity, i).fma(rho, clipped);
            FloatVector u1 = u0.blend(floors, u0.compare(LT, floors));
            FloatVector u2 = u1.blend(limits, u1.compare(GT, limits));
            FloatVector u = u2.blend(0f, u2.abs().compare(LT, Float.MIN_NORMAL));
            u.intoArray(velocity, i);
            FloatVector ahead0 = u.fma(rho, clipped);
            FloatVector ahead1 = ahead0.blend(floors, ahead0.compare(LT, floors));
            FloatVector ahead = ahead1.blend(limits, ahead1.compare(GT, limits));
            FloatVector d = nesterov ? ahead : u;
            FloatVector old = FloatVector.fromArray(S, w, i);
            FloatVector next = d.fma(rate, old);
            next.blend(old, next.abs().compare(GT, limits)).intoArray(w, i);
        }
        ScalarUpdates.momentum(
                w, g, velocity, i, offset + n - i, factor, low, high, limit, learningRate, momentum, nesterov);
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
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector s = FloatVector.fromArray(S, v, i);
            s = clipped.fma(clipped, s.neg()).fma(rest, s);
            s = s.blend(0f, s.abs().compare(LT, Float.MIN_NORMAL));
            s.intoArray(v, i);
            FloatVector d = clipped.div(s.sqrt().add(epsilon));
            FloatVector old = FloatVector.fromArray(S, w, i);
            FloatVector next = d.fma(rate, old);
            next.blend(old, next.abs().compare(GT, limits)).intoArray(w, i);
        }
        ScalarUpdates.rmsProp(
                w, g, v, i, offset + n - i, factor, low, high, limit, learningRate, rho, epsilon);
    }

    static void rmsPropMomentum(
            float[] w, float[] g, float[] v, float[] velocity, int offset, int n, float factor, float low, float high, float limit, float learningRate, float rho, float epsilon, float momentum) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector floors = limits.neg();
        FloatVector rest = FloatVector.broadcast(S, 1 - rho);
        FloatVector mu = FloatVector.broadcast(S, momentum);
        FloatVector rate = FloatVector.broadcast(S, -learningRate);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector s = FloatVector.fromArray(S, v, i);
            s = clipped.fma(clipped, s.neg()).fma(rest, s);
            s = s.blend(0f, s.abs().compare(LT, Float.MIN_NORMAL));
            s.intoArray(v, i);
            FloatVector d = clipped.div(s.sqrt().add(epsilon));
            FloatVector u0 = FloatVector.fromArray(S, velocity, i).fma(mu, d);
            FloatVector u1 = u0.blend(floors, u0.compare(LT, floors));
            FloatVector u2 = u1.blend(limits, u1.compare(GT, limits));
            FloatVector u = u2.blend(0f, u2.abs().compare(LT, Float.MIN_NORMAL));
            u.intoArray(velocity, i);
            FloatVector old = FloatVector.fromArray(S, w, i);
            FloatVector next = u.fma(rate, old);
            next.blend(old, next.abs().compare(GT, limits)).intoArray(w, i);
        }
        ScalarUpdates.rmsPropMomentum(
                w, g, v, velocity, i, offset + n - i, factor, low, high, limit, learningRate, rho, epsilon, momentum);
    }

    static void adam(
            float[] w, float[] g, float[] m, float[] v, int offset, int n, float factor, float low, float high, float limit, float beta1, float beta2, float epsilon, float stepSize, float rootCorrection, float weightDecay) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector limits = FloatVector.broadcast(S, limit);
        FloatVector rest1 = FloatVector.broadcast(S, 1 - beta1);
        FloatVector rest2 = FloatVector.broadcast(S, 1 - beta2);
        FloatVector correction = FloatVector.broadcast(S, rootCorrection);
        FloatVector epsilons = FloatVector.broadcast(S, epsilon);
        FloatVector rate = FloatVector.broadcast(S, -stepSize);
        FloatVector decays = FloatVector.broadcast(S, weightDecay);
        // Nothing exceeds infinity.
        boolean keeps = limit < Float.POSITIVE_INFINITY;
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector mean = FloatVector.fromArray(S, m, i);
            mean = clipped.sub(mean).fma(rest1, mean);
            FloatVector square = FloatVector.fromArray(S, v, i);
            square = clipped.fma(clipped, square.neg()).fma(rest2, square);
            // Bits of |x| order as |x| does. Both flushes at once, and seldom: compare and blend share ports with the division.
            IntVector smallest = mean.abs().reinterpretAsInts().min(square.reinterpretAsInts());
            if (smallest.compare(LT, SMALLEST_NORMAL).anyTrue()) {
                mean = mean.blend(0f, mean.abs().compare(LT, Float.MIN_NORMAL));
                square = square.blend(0f, square.abs().compare(LT, Float.MIN_NORMAL));
            }
            mean.intoArray(m, i);
            square.intoArray(v, i);
            FloatVector d = mean.div(square.sqrt().fma(correction, epsilons));
            FloatVector old = FloatVector.fromArray(S, w, i);
            FloatVector next = old.fma(decays, d).fma(rate, old);
            if (keeps) {
                next.blend(old, next.abs().compare(GT, limits)).intoArray(w, i);
            } else {
                next.intoArray(w, i);
            }
        }
        ScalarUpdates.adam(
                w, g, m, v, i, offset + n - i, factor, low, high, limit, beta1, beta2, epsilon, stepSize, rootCorrection, weightDecay);
    }

    static void adamRatios(
            float[] g, float[] v, int offset, int n, float factor, float low, float high, float beta2, float epsilon, float rootCorrection, float[] out, int outOffset) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector rest2 = FloatVector.broadcast(S, 1 - beta2);
        FloatVector epsilons = FloatVector.broadcast(S, epsilon);
        int end = S.loopBound(n);
        int i = 0;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, offset + i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector square = FloatVector.fromArray(S, v, offset + i);
            square = clipped.fma(clipped, square.neg()).fma(rest2, square);
            square = square.blend(0f, square.abs().compare(LT, Float.MIN_NORMAL));
            FloatVector root = square.sqrt().mul(rootCorrection);
            clipped.div(root.blend(epsilons, root.compare(LT, epsilons))).intoArray(out, outOffset + i);
        }
        ScalarUpdates.adamRatios(
                g, v, offset + i, n - i, factor, low, high, beta2, epsilon, rootCorrection, out, outOffset + i);
    }

    static float adamShare(
            float[] w, float[] g, float[] m, float[] v, int offset, int n, float factor, float low, float high, float beta1, float beta2, float epsilon, float stepSize, float rootCorrection, float relative, float absolute) {
        FloatVector lows = FloatVector.broadcast(S, low);
        FloatVector highs = FloatVector.broadcast(S, high);
        FloatVector rest1 = FloatVector.broadcast(S, 1 - beta1);
        FloatVector rest2 = FloatVector.broadcast(S, 1 - beta2);
        FloatVector correction = FloatVector.broadcast(S, rootCorrection);
        FloatVector epsilons = FloatVector.broadcast(S, epsilon);
        FloatVector relatives = FloatVector.broadcast(S, relative);
        FloatVector absolutes = FloatVector.broadcast(S, absolute);
        FloatVector most = FloatVector.zero(S);
        int end = offset + S.loopBound(n);
        int i = offset;
        for (; i < end; i += L) {
            FloatVector scaled = FloatVector.fromArray(S, g, i).mul(factor);
            FloatVector raised = scaled.blend(lows, scaled.compare(LT, lows));
            FloatVector clipped = raised.blend(highs, raised.compare(GT, highs));
            FloatVector mean = FloatVector.fromArray(S, m, i);
            mean = clipped.sub(mean).fma(rest1, mean);
            mean = mean.blend(0f, mean.abs().compare(LT, Float.MIN_NORMAL));
            FloatVector square = FloatVector.fromArray(S, v, i);
            square = clipped.fma(clipped, square.neg()).fma(rest2, square);
            square = square.blend(0f, square.abs().compare(LT, Float.MIN_NORMAL));
            FloatVector d = mean.div(square.sqrt().fma(correction, epsilons));
            FloatVector may = FloatVector.fromArray(S, w, i).abs().fma(relatives, absolutes);
            FloatVector share = d.mul(stepSize).abs().div(may);
            most = most.blend(share, share.compare(GT, most));
        }
        // A maximum has no rounding, and no lane is NaN: their order cannot show.
        return Math.max(((FloatVector) most.check(S)).reduceLanes(MAX), ScalarUpdates.adamShare(
                w, g, m, v, i, offset + n - i, factor, low, high, beta1, beta2, epsilon, stepSize, rootCorrection, relative, absolute));
    }
}
