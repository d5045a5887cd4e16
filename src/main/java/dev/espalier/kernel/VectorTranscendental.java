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

/**
 * {@link ScalarTranscendental} in vectors of double: the same operations, lane by lane.
 *
 * <p>No method here takes or returns a vector, so the series stands three times; see {@link VectorReductions}.
 */
final class VectorTranscendental {
    /**
     * Masks are quicker than min and max with their rules on NaN and zeros. But of two lanes x86 has none: C2 would call Java
     * for each.
     */
    private static final boolean MASKS = DL > 2;

    private VectorTranscendental() {}

    static void exp(float[] x, int xo, float[] out, int oo, int n) {
        DoubleVector one = DoubleVector.broadcast(D, 1.0);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector log2e = DoubleVector.broadcast(D, LOG2_E);
        DoubleVector ln2 = DoubleVector.broadcast(D, LN_2);
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            DoubleVector raised = MASKS ? y.blend(EXP_LOW, y.compare(LT, EXP_LOW)) : y.max(EXP_LOW);
            DoubleVector clamped = MASKS ? raised.blend(EXP_HIGH, raised.compare(GT, EXP_HIGH)) : raised.min(EXP_HIGH);
            DoubleVector t = clamped.fma(log2e, round);
            DoubleVector r = round.sub(t).fma(ln2, clamped);
            DoubleVector p = DoubleVector.broadcast(D, E8).fma(r, DoubleVector.broadcast(D, E7));
            p = p.fma(r, DoubleVector.broadcast(D, E6));
            p = p.fma(r, DoubleVector.broadcast(D, E5));
            p = p.fma(r, DoubleVector.broadcast(D, E4));
            p = p.fma(r, DoubleVector.broadcast(D, E3));
            p = p.fma(r, DoubleVector.broadcast(D, E2));
            p = p.fma(r, one);
            DoubleVector power =
                    t.reinterpretAsLongs().add(EXPONENT_BIAS).lanewise(LSHL, FRACTION_BITS).reinterpretAsDoubles();
            ((FloatVector) r.fma(p, one).mul(power).convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.exp(x, xo + i, out, oo + i, n - i);
    }

    static void log(float[] x, int xo, float[] out, int oo, int n) {
        DoubleVector ln2 = DoubleVector.broadcast(D, LN_2);
        int i = 0;
        for (; MASKS && i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            LongVector bits = y.reinterpretAsLongs();
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
            DoubleVector result = e.fma(ln2, s.mul(p));
            result = result.blend(y, y.compare(EQ, Double.POSITIVE_INFINITY));
            result = result.blend(Double.NaN, y.compare(GT, 0.0).not());
            result = result.blend(Double.NEGATIVE_INFINITY, y.compare(EQ, 0.0));
            ((FloatVector) result.convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.log(x, xo + i, out, oo + i, n - i);
    }

    static void tanh(float[] x, int xo, float[] out, int oo, int n) {
        DoubleVector one = DoubleVector.broadcast(D, 1.0);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector log2e = DoubleVector.broadcast(D, LOG2_E);
        DoubleVector ln2 = DoubleVector.broadcast(D, LN_2);
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            DoubleVector twice = y.abs().add(y.abs());
            DoubleVector clamped =
                    MASKS ? twice.blend(TANH_HIGH, twice.compare(GT, TANH_HIGH)) : twice.min(TANH_HIGH);
            DoubleVector t = clamped.fma(log2e, round);
            DoubleVector r = round.sub(t).fma(ln2, clamped);
            DoubleVector p = DoubleVector.broadcast(D, E8).fma(r, DoubleVector.broadcast(D, E7));
            p = p.fma(r, DoubleVector.broadcast(D, E6));
            p = p.fma(r, DoubleVector.broadcast(D, E5));
            p = p.fma(r, DoubleVector.broadcast(D, E4));
            p = p.fma(r, DoubleVector.broadcast(D, E3));
            p = p.fma(r, DoubleVector.broadcast(D, E2));
            p = p.fma(r, one);
            DoubleVector power =
                    t.reinterpretAsLongs().add(EXPONENT_BIAS).lanewise(LSHL, FRACTION_BITS).reinterpretAsDoubles();
            DoubleVector expMinusOne = power.fma(r.mul(p), power.sub(1.0));
            DoubleVector magnitude = expMinusOne.div(expMinusOne.add(2.0));
            IntVector sign = narrow.reinterpretAsInts().and(Integer.MIN_VALUE);
            FloatVector rounded = (FloatVector) magnitude.convertShape(D2F, H, 0);
            rounded.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(out, oo + i);
        }
        ScalarTranscendental.tanh(x, xo + i, out, oo + i, n - i);
    }

    static void sigmoid(float[] x, int xo, float[] out, int oo, int n) {
        DoubleVector one = DoubleVector.broadcast(D, 1.0);
        DoubleVector round = DoubleVector.broadcast(D, ROUND);
        DoubleVector log2e = DoubleVector.broadcast(D, LOG2_E);
        DoubleVector ln2 = DoubleVector.broadcast(D, LN_2);
        int i = 0;
        for (; i < H.loopBound(n); i += DL) {
            FloatVector narrow = FloatVector.fromArray(H, x, xo + i);
            DoubleVector y = (DoubleVector) narrow.convertShape(F2D, D, 0);
            DoubleVector minus = y.neg();
            DoubleVector raised = MASKS ? minus.blend(EXP_LOW, minus.compare(LT, EXP_LOW)) : minus.max(EXP_LOW);
            DoubleVector clamped = MASKS ? raised.blend(EXP_HIGH, raised.compare(GT, EXP_HIGH)) : raised.min(EXP_HIGH);
            DoubleVector t = clamped.fma(log2e, round);
            DoubleVector r = round.sub(t).fma(ln2, clamped);
            DoubleVector p = DoubleVector.broadcast(D, E8).fma(r, DoubleVector.broadcast(D, E7));
            p = p.fma(r, DoubleVector.broadcast(D, E6));
            p = p.fma(r, DoubleVector.broadcast(D, E5));
            p = p.fma(r, DoubleVector.broadcast(D, E4));
            p = p.fma(r, DoubleVector.broadcast(D, E3));
            p = p.fma(r, DoubleVector.broadcast(D, E2));
            p = p.fma(r, one);
            DoubleVector power =
                    t.reinterpretAsLongs().add(EXPONENT_BIAS).lanewise(LSHL, FRACTION_BITS).reinterpretAsDoubles();
            DoubleVector result = one.div(r.fma(p, one).mul(power).add(1.0));
            ((FloatVector) result.convertShape(D2F, H, 0)).intoArray(out, oo + i);
        }
        ScalarTranscendental.sigmoid(x, xo + i, out, oo + i, n - i);
    }
}
