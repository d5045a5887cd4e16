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
 * <p>No method here takes or returns a vector. C2 stops inlining ordinary methods in a large compile unit, and a vector that is
 * passed to a method is an allocation. And what a loop has accumulated is checked against its species, which C2 otherwise
 * guesses from a profile that vectors of half the width have blurred.
 *
 * <p>The fold of fewer lanes is that of eight with zeros: lane i of {@code even} holds the sum of the passes at lanes i and i + 4
 * (256 bits), with {@code odd} of those at i + 2 and i + 6 too (128 bits).
 */
final class VectorReductions {
    /**
     * The sums touch one float of every two lines a page ahead. On arrays far beyond the caches the CPU's own prefetchers stop at
     * page borders, and the touch halves the time; in cache it costs 2 %.
     */
    private static final int AHEAD = 1024;

    /** What is touched must be used, or the compiler drops the loads. Nobody reads it. */
    @SuppressWarnings("unused")
    private static float touched;

    private VectorReductions() {}

    static double sum(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        int last = x.length - 1 - AHEAD;
        float ahead = 0;
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                ahead += x[Math.min(at, last) + AHEAD];
                a = a.add((DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0));
                b = b.add((DoubleVector) FloatVector.fromArray(H, x, at + 8).convertShape(F2D, D, 0));
                c = c.add((DoubleVector) FloatVector.fromArray(H, x, at + 16).convertShape(F2D, D, 0));
                d = d.add((DoubleVector) FloatVector.fromArray(H, x, at + 24).convertShape(F2D, D, 0));
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        if (Float.isNaN(ahead)) {
            touched = ahead;
        }
        DoubleVector r = (DoubleVector) (DL == 2 ? even.add(odd) : even).check(D);
        double sum = ScalarReductions.fold(
                r.lane(0),
                r.lane(1),
                DL > 2 ? r.lane(2) : 0,
                DL > 2 ? r.lane(3) : 0,
                DL > 4 ? r.lane(4) : 0,
                DL > 4 ? r.lane(5) : 0,
                DL > 4 ? r.lane(6) : 0,
                DL > 4 ? r.lane(7) : 0);
        return ScalarReductions.sumTail(x, xo, whole, n, sum);
    }

    static double squares(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        int last = x.length - 1 - AHEAD;
        float ahead = 0;
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                ahead += x[Math.min(at, last) + AHEAD];
                DoubleVector aa = (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                a = aa.fma(aa, a);
                DoubleVector bb = (DoubleVector) FloatVector.fromArray(H, x, at + 8).convertShape(F2D, D, 0);
                b = bb.fma(bb, b);
                DoubleVector cc = (DoubleVector) FloatVector.fromArray(H, x, at + 16).convertShape(F2D, D, 0);
                c = cc.fma(cc, c);
                DoubleVector dd = (DoubleVector) FloatVector.fromArray(H, x, at + 24).convertShape(F2D, D, 0);
                d = dd.fma(dd, d);
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        if (Float.isNaN(ahead)) {
            touched = ahead;
        }
        DoubleVector r = (DoubleVector) (DL == 2 ? even.add(odd) : even).check(D);
        double sum = ScalarReductions.fold(
                r.lane(0),
                r.lane(1),
                DL > 2 ? r.lane(2) : 0,
                DL > 2 ? r.lane(3) : 0,
                DL > 4 ? r.lane(4) : 0,
                DL > 4 ? r.lane(5) : 0,
                DL > 4 ? r.lane(6) : 0,
                DL > 4 ? r.lane(7) : 0);
        return ScalarReductions.squaresTail(x, xo, whole, n, sum);
    }

    static double abs(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        int last = x.length - 1 - AHEAD;
        float ahead = 0;
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                ahead += x[Math.min(at, last) + AHEAD];
                a = a.add((DoubleVector) FloatVector.fromArray(H, x, at).abs().convertShape(F2D, D, 0));
                b = b.add((DoubleVector) FloatVector.fromArray(H, x, at + 8).abs().convertShape(F2D, D, 0));
                c = c.add((DoubleVector) FloatVector.fromArray(H, x, at + 16).abs().convertShape(F2D, D, 0));
                d = d.add((DoubleVector) FloatVector.fromArray(H, x, at + 24).abs().convertShape(F2D, D, 0));
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        if (Float.isNaN(ahead)) {
            touched = ahead;
        }
        DoubleVector r = (DoubleVector) (DL == 2 ? even.add(odd) : even).check(D);
        double sum = ScalarReductions.fold(
                r.lane(0),
                r.lane(1),
                DL > 2 ? r.lane(2) : 0,
                DL > 2 ? r.lane(3) : 0,
                DL > 4 ? r.lane(4) : 0,
                DL > 4 ? r.lane(5) : 0,
                DL > 4 ? r.lane(6) : 0,
                DL > 4 ? r.lane(7) : 0);
        return ScalarReductions.absTail(x, xo, whole, n, sum);
    }

    static double clippedSquares(float[] x, int xo, int n, float factor, float low, float high) {
        int whole = ScalarReductions.whole(n);
        int last = x.length - 1 - AHEAD;
        float ahead = 0;
        FloatVector lows = FloatVector.broadcast(H, low);
        FloatVector highs = FloatVector.broadcast(H, high);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                ahead += x[Math.min(at, last) + AHEAD];
                FloatVector a0 = FloatVector.fromArray(H, x, at).mul(factor);
                FloatVector a1 = a0.blend(lows, a0.compare(LT, lows));
                DoubleVector aa = (DoubleVector) a1.blend(highs, a1.compare(GT, highs)).convertShape(F2D, D, 0);
                a = aa.fma(aa, a);
                FloatVector b0 = FloatVector.fromArray(H, x, at + 8).mul(factor);
                FloatVector b1 = b0.blend(lows, b0.compare(LT, lows));
                DoubleVector bb = (DoubleVector) b1.blend(highs, b1.compare(GT, highs)).convertShape(F2D, D, 0);
                b = bb.fma(bb, b);
                FloatVector c0 = FloatVector.fromArray(H, x, at + 16).mul(factor);
                FloatVector c1 = c0.blend(lows, c0.compare(LT, lows));
                DoubleVector cc = (DoubleVector) c1.blend(highs, c1.compare(GT, highs)).convertShape(F2D, D, 0);
                c = cc.fma(cc, c);
                FloatVector d0 = FloatVector.fromArray(H, x, at + 24).mul(factor);
                FloatVector d1 = d0.blend(lows, d0.compare(LT, lows));
                DoubleVector dd = (DoubleVector) d1.blend(highs, d1.compare(GT, highs)).convertShape(F2D, D, 0);
                d = dd.fma(dd, d);
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        if (Float.isNaN(ahead)) {
            touched = ahead;
        }
        DoubleVector r = (DoubleVector) (DL == 2 ? even.add(odd) : even).check(D);
        double sum = ScalarReductions.fold(
                r.lane(0),
                r.lane(1),
                DL > 2 ? r.lane(2) : 0,
                DL > 2 ? r.lane(3) : 0,
                DL > 4 ? r.lane(4) : 0,
                DL > 4 ? r.lane(5) : 0,
                DL > 4 ? r.lane(6) : 0,
                DL > 4 ? r.lane(7) : 0);
        return ScalarReductions.clippedSquaresTail(x, xo, whole, n, sum, factor, low, high);
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
                DoubleVector aa = ((DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0))
                        .sub((DoubleVector) FloatVector.fromArray(H, y, yAt).convertShape(F2D, D, 0));
                a = a.add(aa.mul(aa));
                DoubleVector bb = ((DoubleVector) FloatVector.fromArray(H, x, at + 8).convertShape(F2D, D, 0))
                        .sub((DoubleVector) FloatVector.fromArray(H, y, yAt + 8).convertShape(F2D, D, 0));
                b = b.add(bb.mul(bb));
                DoubleVector cc = ((DoubleVector) FloatVector.fromArray(H, x, at + 16).convertShape(F2D, D, 0))
                        .sub((DoubleVector) FloatVector.fromArray(H, y, yAt + 16).convertShape(F2D, D, 0));
                c = c.add(cc.mul(cc));
                DoubleVector dd = ((DoubleVector) FloatVector.fromArray(H, x, at + 24).convertShape(F2D, D, 0))
                        .sub((DoubleVector) FloatVector.fromArray(H, y, yAt + 24).convertShape(F2D, D, 0));
                d = d.add(dd.mul(dd));
            }
            DoubleVector pass = a.add(c).add(b.add(d));
            if ((lane & 2) == 0) {
                even = even.add(pass);
            } else {
                odd = odd.add(pass);
            }
        }
        DoubleVector r = (DoubleVector) (DL == 2 ? even.add(odd) : even).check(D);
        double sum = ScalarReductions.fold(
                r.lane(0),
                r.lane(1),
                DL > 2 ? r.lane(2) : 0,
                DL > 2 ? r.lane(3) : 0,
                DL > 4 ? r.lane(4) : 0,
                DL > 4 ? r.lane(5) : 0,
                DL > 4 ? r.lane(6) : 0,
                DL > 4 ? r.lane(7) : 0);
        return ScalarReductions.squaredDifferencesTail(x, xo, y, yo, whole, n, sum);
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
