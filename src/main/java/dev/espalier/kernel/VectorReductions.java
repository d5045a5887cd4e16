package dev.espalier.kernel;

import static dev.espalier.kernel.Reductions.LANES;
import static dev.espalier.kernel.VectorLanes.D;
import static dev.espalier.kernel.VectorLanes.DL;
import static dev.espalier.kernel.VectorLanes.H;
import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link ScalarReductions} in vectors. A pass holds four accumulators, eight lanes apart: one pass covers all 32 lanes with 512
 * bits, two passes over the block (which is in L1 then) with 256, four with 128. So one loop serves every width, and four
 * independent chains hide the latency of the additions behind the widening of the loads.
 *
 * <p>No method with a loop returns a vector: compiled on its own it can be too large to be inlined again, and then its
 * result is an allocation. And what a loop has accumulated is checked against its species, which C2 otherwise guesses from a
 * profile that vectors of half the width have blurred.
 */
final class VectorReductions {
    private VectorReductions() {}

    static double sum(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                a = a.add(wide(x, at));
                b = b.add(wide(x, at + 8));
                c = c.add(wide(x, at + 16));
                d = d.add(wide(x, at + 24));
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        return ScalarReductions.sumTail(x, xo, whole, n, fold((DoubleVector) even.check(D), (DoubleVector) odd.check(D)));
    }

    static double squares(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                DoubleVector aa = wide(x, at);
                a = aa.fma(aa, a);
                DoubleVector bb = wide(x, at + 8);
                b = bb.fma(bb, b);
                DoubleVector cc = wide(x, at + 16);
                c = cc.fma(cc, c);
                DoubleVector dd = wide(x, at + 24);
                d = dd.fma(dd, d);
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        return ScalarReductions.squaresTail(x, xo, whole, n, fold((DoubleVector) even.check(D), (DoubleVector) odd.check(D)));
    }

    static double abs(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                a = a.add(wide(x, at).abs());
                b = b.add(wide(x, at + 8).abs());
                c = c.add(wide(x, at + 16).abs());
                d = d.add(wide(x, at + 24).abs());
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        return ScalarReductions.absTail(x, xo, whole, n, fold((DoubleVector) even.check(D), (DoubleVector) odd.check(D)));
    }

    static double clippedSquares(float[] x, int xo, int n, float factor, float low, float high) {
        int whole = ScalarReductions.whole(n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                DoubleVector aa = clipped(x, at, factor, low, high);
                a = aa.fma(aa, a);
                DoubleVector bb = clipped(x, at + 8, factor, low, high);
                b = bb.fma(bb, b);
                DoubleVector cc = clipped(x, at + 16, factor, low, high);
                c = cc.fma(cc, c);
                DoubleVector dd = clipped(x, at + 24, factor, low, high);
                d = dd.fma(dd, d);
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        return ScalarReductions.clippedSquaresTail(x, xo, whole, n, fold((DoubleVector) even.check(D), (DoubleVector) odd.check(D)), factor, low, high);
    }

    static double squaredDifferences(float[] x, int xo, float[] y, int yo, int n) {
        int whole = ScalarReductions.whole(n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                int yAt = yo + lane + i;
                DoubleVector aa = wide(x, at).sub(wide(y, yAt));
                a = a.add(aa.mul(aa));
                DoubleVector bb = wide(x, at + 8).sub(wide(y, yAt + 8));
                b = b.add(bb.mul(bb));
                DoubleVector cc = wide(x, at + 16).sub(wide(y, yAt + 16));
                c = c.add(cc.mul(cc));
                DoubleVector dd = wide(x, at + 24).sub(wide(y, yAt + 24));
                d = d.add(dd.mul(dd));
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        return ScalarReductions.squaredDifferencesTail(x, xo, y, yo, whole, n, fold((DoubleVector) even.check(D), (DoubleVector) odd.check(D)));
    }

    private static DoubleVector wide(float[] x, int at) {
        return (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
    }

    private static DoubleVector clipped(float[] x, int at, float factor, float low, float high) {
        FloatVector scaled = FloatVector.fromArray(H, x, at).mul(factor);
        if (DL == 2) {
            // x86 has no masks of two lanes, and the sign of a zero, which min and max may change, does not survive the square.
            return (DoubleVector) scaled.max(low).min(high).convertShape(F2D, D, 0);
        }
        FloatVector raised = scaled.blend(low, scaled.compare(LT, low));
        return (DoubleVector) raised.blend(high, raised.compare(GT, high)).convertShape(F2D, D, 0);
    }

    /** {@link ScalarReductions#fold}: even holds the sums of the passes at lanes 0 and 4 (or 0), odd those at 2 and 6. */
    private static double fold(DoubleVector even, DoubleVector odd) {
        if (DL == 8) {
            return ScalarReductions.fold(
                    even.lane(0),
                    even.lane(1),
                    even.lane(2),
                    even.lane(3),
                    even.lane(4),
                    even.lane(5),
                    even.lane(6),
                    even.lane(7));
        }
        if (DL == 4) {
            return (even.lane(0) + even.lane(2)) + (even.lane(1) + even.lane(3));
        }
        DoubleVector both = even.add(odd);
        return both.lane(0) + both.lane(1);
    }

    static float max(float[] x, int xo, int n) {
        FloatVector max = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i < S.loopBound(n); i += L) {
            max = max.max(FloatVector.fromArray(S, x, xo + i));
        }
        // A maximum has no rounding: the order of the lanes cannot show.
        return Math.max(((FloatVector) max.check(S)).reduceLanes(MAX), ScalarReductions.max(x, xo + i, n - i));
    }

    static int maxAbsBits(float[] x, int xo, int n) {
        IntVector a = IntVector.zero(IntVector.SPECIES_PREFERRED);
        IntVector b = a;
        int i = 0;
        for (; i < n - 2 * L + 1; i += 2 * L) {
            a = a.max(FloatVector.fromArray(S, x, xo + i).reinterpretAsInts().and(Integer.MAX_VALUE));
            b = b.max(FloatVector.fromArray(S, x, xo + i + L).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        return Math.max(((IntVector) a.max(b).check(IntVector.SPECIES_PREFERRED)).reduceLanes(MAX), ScalarReductions.maxAbsBits(x, xo + i, n - i));
    }

    static int countOutside(float[] x, int xo, int n, float factor, float low, float high) {
        int count = 0;
        int i = 0;
        for (; i < S.loopBound(n); i += L) {
            FloatVector scaled = FloatVector.fromArray(S, x, xo + i).mul(factor);
            count += scaled.compare(LT, low).or(scaled.compare(GT, high)).trueCount();
        }
        return count + ScalarReductions.countOutside(x, xo + i, n - i, factor, low, high);
    }

    static void columnSums(float[] x, int xo, int rows, int columns, float[] out, int oo, boolean accumulate) {
        int j = 0;
        for (; j < S.loopBound(columns); j += L) {
            FloatVector sum = accumulate ? FloatVector.fromArray(S, out, oo + j) : FloatVector.zero(S);
            for (int i = 0, at = xo + j; i < rows; i++, at += columns) {
                sum = sum.add(FloatVector.fromArray(S, x, at));
            }
            ((FloatVector) sum.check(S)).intoArray(out, oo + j);
        }
        ScalarReductions.columnSums(x, xo, rows, columns, j, out, oo, accumulate);
    }
}
