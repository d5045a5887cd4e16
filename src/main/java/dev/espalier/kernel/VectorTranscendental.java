package dev.espalier.kernel;

import static dev.espalier.kernel.ScalarTranscendental.*;
import static dev.espalier.kernel.VectorLanes.D;
import static dev.espalier.kernel.VectorLanes.DL;
import static dev.espalier.kernel.VectorLanes.H;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;

/** {@link ScalarTranscendental} in vectors of double: the same operations, lane by lane. */
final class VectorTranscendental {
    /**
     * Masks are quicker than min and max with their rules on NaN and zeros. But of two lanes x86 has none: C2 would call Java
     * for each.
     */
    private static final boolean MASKS = DL > 2;

    private VectorTranscendental() {}

    static void exp(float[] x, int xo, float[] out, int oo, int n) {
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            ((FloatVector) exp(y).convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.exp(x, xo + i, out, oo + i, n - i);
    }

    static void log(float[] x, int xo, float[] out, int oo, int n) {
        int i = 0;
        for (; MASKS && i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            ((FloatVector) log(y).convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.log(x, xo + i, out, oo + i, n - i);
    }

    static void tanh(float[] x, int xo, float[] out, int oo, int n) {
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            DoubleVector magnitude = tanh(y.abs().add(y.abs()));
            IntVector sign = narrow.reinterpretAsInts().and(Integer.MIN_VALUE);
            FloatVector rounded = (FloatVector) magnitude.convertShape(D2F, H, 0);
            rounded.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(out, oo + i);
        }
        ScalarTranscendental.tanh(x, xo + i, out, oo + i, n - i);
    }

    static void sigmoid(float[] x, int xo, float[] out, int oo, int n) {
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            DoubleVector result = one().div(exp(y.neg()).add(1.0));
            ((FloatVector) result.convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.sigmoid(x, xo + i, out, oo + i, n - i);
    }

    private static DoubleVector one() {
        return DoubleVector.broadcast(D, 1.0);
    }

    /** The larger of x and a bound that is not 0; NaN stays NaN. */
    private static DoubleVector atLeast(DoubleVector x, double low) {
        return MASKS ? x.blend(low, x.compare(LT, low)) : x.max(low);
    }

    /** The smaller of x and a bound that is not 0; NaN stays NaN. */
    private static DoubleVector atMost(DoubleVector x, double high) {
        return MASKS ? x.blend(high, x.compare(GT, high)) : x.min(high);
    }

    private static DoubleVector exp(DoubleVector x) {
        DoubleVector clamped = atMost(atLeast(x, EXP_LOW), EXP_HIGH);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector t = clamped.fma(DoubleVector.broadcast(D, LOG2_E), round);
        DoubleVector r = round.sub(t).fma(DoubleVector.broadcast(D, LN_2), clamped);
        return r.fma(series(r), one()).mul(powerOfTwo(t));
    }

    private static DoubleVector series(DoubleVector r) {
        DoubleVector p = DoubleVector.broadcast(D, E8).fma(r, DoubleVector.broadcast(D, E7));
        p = p.fma(r, DoubleVector.broadcast(D, E6));
        p = p.fma(r, DoubleVector.broadcast(D, E5));
        p = p.fma(r, DoubleVector.broadcast(D, E4));
        p = p.fma(r, DoubleVector.broadcast(D, E3));
        p = p.fma(r, DoubleVector.broadcast(D, E2));
        return p.fma(r, one());
    }

    private static DoubleVector powerOfTwo(DoubleVector t) {
        return t.reinterpretAsLongs()
                .add(EXPONENT_BIAS)
                .lanewise(LSHL, FRACTION_BITS)
                .reinterpretAsDoubles();
    }

    /** tanh of |x| from {@code y = 2|x|}. */
    private static DoubleVector tanh(DoubleVector y) {
        DoubleVector clamped = atMost(y, TANH_HIGH);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector t = clamped.fma(DoubleVector.broadcast(D, LOG2_E), round);
        DoubleVector r = round.sub(t).fma(DoubleVector.broadcast(D, LN_2), clamped);
        DoubleVector power = powerOfTwo(t);
        DoubleVector expMinusOne = power.fma(r.mul(series(r)), power.sub(1.0));
        return expMinusOne.div(expMinusOne.add(2.0));
    }

    private static DoubleVector log(DoubleVector x) {
        LongVector bits = x.reinterpretAsLongs();
        LongVector exponent = bits.sub(LOG_SHIFT).lanewise(LSHR, FRACTION_BITS);
        DoubleVector m =
                bits.sub(exponent.sub(1024L).lanewise(LSHL, FRACTION_BITS)).reinterpretAsDoubles();
        DoubleVector e = exponent.add(ROUND_BITS_LESS_1024).reinterpretAsDoubles().sub(ROUND);
        DoubleVector s = m.sub(1.0).div(m.add(1.0));
        DoubleVector z = s.mul(s);
        DoubleVector p = DoubleVector.broadcast(D, L11).fma(z, DoubleVector.broadcast(D, L9));
        p = p.fma(z, DoubleVector.broadcast(D, L7));
        p = p.fma(z, DoubleVector.broadcast(D, L5));
        p = p.fma(z, DoubleVector.broadcast(D, L3));
        p = p.fma(z, DoubleVector.broadcast(D, L1));
        DoubleVector result = e.fma(DoubleVector.broadcast(D, LN_2), s.mul(p));
        result = result.blend(x, x.compare(EQ, Double.POSITIVE_INFINITY));
        result = result.blend(Double.NaN, x.compare(GT, 0.0).not());
        return result.blend(Double.NEGATIVE_INFINITY, x.compare(EQ, 0.0));
    }
}
