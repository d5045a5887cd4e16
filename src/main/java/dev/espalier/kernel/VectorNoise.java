package dev.espalier.kernel;

import static dev.espalier.kernel.ScalarNoise.*;
import static dev.espalier.kernel.ScalarTranscendental.L1;
import static dev.espalier.kernel.ScalarTranscendental.L11;
import static dev.espalier.kernel.ScalarTranscendental.L3;
import static dev.espalier.kernel.ScalarTranscendental.L5;
import static dev.espalier.kernel.ScalarTranscendental.L7;
import static dev.espalier.kernel.ScalarTranscendental.L9;
import static dev.espalier.kernel.ScalarTranscendental.LN_2;
import static dev.espalier.kernel.ScalarTranscendental.LOG_SHIFT;
import static dev.espalier.kernel.ScalarTranscendental.ROUND;
import static dev.espalier.kernel.ScalarTranscendental.ROUND_BITS_LESS_1024;
import static dev.espalier.kernel.VectorLanes.D;
import static dev.espalier.kernel.VectorLanes.DL;
import static dev.espalier.kernel.VectorLanes.H;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.SQRT;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ScalarNoise} in vectors of double: the same operations, lane by lane, pair by pair. One method, since none here may take
 * or return a vector; see {@link VectorReductions}.
 */
final class VectorNoise {
    private static final VectorSpecies<Long> Q = LongVector.SPECIES_PREFERRED;

    /** What the states of the pairs of a group have beyond that of the first one. */
    private static final long[] AHEAD = new long[PAIRS];

    static {
        for (int j = 0; j < PAIRS; j++) {
            AHEAD[j] = 2L * j * GAMMA;
        }
    }

    private VectorNoise() {}

    static void addGaussian(float[] x, int xo, int n, double deviation, long seed) {
        DoubleVector factor = DoubleVector.broadcast(D, deviation);
        DoubleVector one = DoubleVector.broadcast(D, 1.0);
        int whole = n & -GROUP;
        for (int group = 0; group < whole; group += GROUP) {
            for (int j = 0; j < PAIRS; j += DL) {
                LongVector state = LongVector.fromArray(Q, AHEAD, j).add(seed + (group + 1L) * GAMMA);
                LongVector h = state.lanewise(XOR, state.lanewise(LSHR, 30)).mul(MIX1);
                h = h.lanewise(XOR, h.lanewise(LSHR, 27)).mul(MIX2);
                h = h.lanewise(XOR, h.lanewise(LSHR, 31));
                DoubleVector u = DoubleVector.broadcast(D, 2.0)
                        .sub(h.lanewise(LSHR, 12).or(ONE).reinterpretAsDoubles());

                // The logarithm of VectorTranscendental, for arguments that are normal and positive.
                LongVector uBits = u.reinterpretAsLongs();
                LongVector exponent = uBits.sub(LOG_SHIFT).lanewise(LSHR, 52);
                DoubleVector m =
                        uBits.sub(exponent.sub(1024L).lanewise(LSHL, 52)).reinterpretAsDoubles();
                DoubleVector e = exponent.add(ROUND_BITS_LESS_1024)
                        .reinterpretAsDoubles()
                        .sub(ROUND);
                DoubleVector s = m.sub(1.0).div(m.add(1.0));
                DoubleVector s2 = s.mul(s);
                DoubleVector p = DoubleVector.broadcast(D, L11).fma(s2, DoubleVector.broadcast(D, L9));
                p = p.fma(s2, DoubleVector.broadcast(D, L7));
                p = p.fma(s2, DoubleVector.broadcast(D, L5));
                p = p.fma(s2, DoubleVector.broadcast(D, L3));
                p = p.fma(s2, DoubleVector.broadcast(D, L1));
                DoubleVector log = e.fma(DoubleVector.broadcast(D, LN_2), s.mul(p));
                DoubleVector radius = log.mul(-2.0).lanewise(SQRT);

                state = state.add(GAMMA);
                LongVector bits = state.lanewise(XOR, state.lanewise(LSHR, 30)).mul(MIX1);
                bits = bits.lanewise(XOR, bits.lanewise(LSHR, 27)).mul(MIX2);
                bits = bits.lanewise(XOR, bits.lanewise(LSHR, 31));
                DoubleVector angle = bits.lanewise(LSHR, 12)
                        .or(ONE)
                        .reinterpretAsDoubles()
                        .sub(1.5)
                        .mul(HALF_PI);
                DoubleVector z = angle.mul(angle);
                DoubleVector sine = DoubleVector.broadcast(D, S11).fma(z, DoubleVector.broadcast(D, S9));
                sine = sine.fma(z, DoubleVector.broadcast(D, S7));
                sine = sine.fma(z, DoubleVector.broadcast(D, S5));
                sine = sine.fma(z, DoubleVector.broadcast(D, S3));
                sine = sine.fma(z, one).mul(angle);
                DoubleVector cosine = DoubleVector.broadcast(D, C12).fma(z, DoubleVector.broadcast(D, C10));
                cosine = cosine.fma(z, DoubleVector.broadcast(D, C8));
                cosine = cosine.fma(z, DoubleVector.broadcast(D, C6));
                cosine = cosine.fma(z, DoubleVector.broadcast(D, C4));
                cosine = cosine.fma(z, DoubleVector.broadcast(D, C2));
                cosine = cosine.fma(z, one);

                LongVector a = cosine.reinterpretAsLongs().lanewise(XOR, bits.lanewise(LSHL, 63));
                LongVector b = sine.reinterpretAsLongs();
                LongVector exchanged =
                        a.lanewise(XOR, b).and(bits.lanewise(LSHL, 62).lanewise(ASHR, 63));
                int at = xo + group + j;
                DoubleVector first =
                        (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                first = radius.mul(a.lanewise(XOR, exchanged).reinterpretAsDoubles())
                        .fma(factor, first);
                ((FloatVector) first.convertShape(D2F, H, 0)).intoArray(x, at);
                at += PAIRS;
                DoubleVector second =
                        (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                second = radius.mul(b.lanewise(XOR, exchanged).reinterpretAsDoubles())
                        .fma(factor, second);
                ((FloatVector) second.convertShape(D2F, H, 0)).intoArray(x, at);
            }
        }
        ScalarNoise.addGaussian(x, xo, whole, n, deviation, seed);
    }
}
