package dev.espalier.kernel;

import static dev.espalier.kernel.Reductions.LANES;
import static dev.espalier.kernel.Reductions.ROWS;
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
 * bits, two passes over the block (which is in L1 then) with 256, four with 128; squares takes two passes in one. So one loop serves
 * every width, and four independent chains hide the latency of the additions behind the widening of the loads.
 *
 * <p>No method here takes or returns a vector. C2 stops inlining ordinary methods in a large compile unit, and a vector that is
 * passed to a method is an allocation. And what a loop has accumulated is checked against its species, which C2 otherwise
 * guesses from a profile that vectors of half the width have blurred.
 *
 * <p>The fold of fewer lanes is that of eight with zeros: lane i of {@code even} holds the sum of the passes at lanes i and i + 4
 * (256 bits), with {@code odd} of those at i + 2 and i + 6 too (128 bits).
 */
final class VectorReductions {
    /** Floats from which an array lies beyond the caches. */
    private static final int FAR = 1 << 22;

    /** Floats in a cache line. */
    private static final int LINE = 16;

    /** What is touched must be used, or the compiler drops the loads. Nobody reads it. */
    @SuppressWarnings("unused")
    private static int touched;

    private VectorReductions() {}

    /**
     * Brings in the n floats that follow, if the array lies beyond the caches. The CPU's own prefetchers stop at page borders, and the
     * sums fill the reorder buffer with work that loads little; this loop does nothing but load, so that as many lines are on their
     * way as the CPU can wait for.
     */
    private static void touch(float[] x, int from, int n) {
        if (x.length >= FAR) {
            int bits = 0;
            int count = Math.min(n, x.length - from);
            for (int i = 0; i < count; i += LINE) {
                bits |= Float.floatToRawIntBits(x[from + i]);
            }
            if (bits == 1) {
                touched = bits;
            }
        }
    }

    static double sum(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        touch(x, xo + n, n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
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
        touch(x, xo + n, n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        // Two passes in one where vectors are narrower: on an array far beyond the caches the second would wait for nothing.
        for (int lane = 0; lane < 8; lane += DL < 8 ? 2 * DL : DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            DoubleVector e = a;
            DoubleVector f = a;
            DoubleVector g = a;
            DoubleVector h = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
                DoubleVector aa = (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                a = aa.fma(aa, a);
                DoubleVector bb = (DoubleVector) FloatVector.fromArray(H, x, at + 8).convertShape(F2D, D, 0);
                b = bb.fma(bb, b);
                DoubleVector cc = (DoubleVector) FloatVector.fromArray(H, x, at + 16).convertShape(F2D, D, 0);
                c = cc.fma(cc, c);
                DoubleVector dd = (DoubleVector) FloatVector.fromArray(H, x, at + 24).convertShape(F2D, D, 0);
                d = dd.fma(dd, d);
                if (DL < 8) {
                    DoubleVector ee = (DoubleVector) FloatVector.fromArray(H, x, at + DL).convertShape(F2D, D, 0);
                    e = ee.fma(ee, e);
                    DoubleVector ff = (DoubleVector) FloatVector.fromArray(H, x, at + DL + 8).convertShape(F2D, D, 0);
                    f = ff.fma(ff, f);
                    DoubleVector gg = (DoubleVector) FloatVector.fromArray(H, x, at + DL + 16).convertShape(F2D, D, 0);
                    g = gg.fma(gg, g);
                    DoubleVector hh = (DoubleVector) FloatVector.fromArray(H, x, at + DL + 24).convertShape(F2D, D, 0);
                    h = hh.fma(hh, h);
                }
            }
            even = even.add(a.add(c).add(b.add(d)));
            if (DL == 4) {
                even = even.add(e.add(g).add(f.add(h)));
            } else if (DL == 2) {
                odd = odd.add(e.add(g).add(f.add(h)));
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
        return ScalarReductions.squaresTail(x, xo, whole, n, sum);
    }

    static double abs(float[] x, int xo, int n) {
        int whole = ScalarReductions.whole(n);
        touch(x, xo + n, n);
        DoubleVector even = DoubleVector.zero(D);
        DoubleVector odd = even;
        for (int lane = 0; lane < 8; lane += DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int i = 0; i < whole; i += LANES) {
                int at = xo + lane + i;
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
        touch(x, xo + n, n);
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

    static void columnSumsOfSquares(float[] x, int xo, int rows, int columns, double[] out, int oo) {
        int j = 0;
        // Four chains side by side hide the latency of the additions, and read whole lines of a row.
        for (; j < columns - 4 * DL + 1; j += 4 * DL) {
            DoubleVector a = DoubleVector.zero(D);
            DoubleVector b = a;
            DoubleVector c = a;
            DoubleVector d = a;
            for (int from = 0; rows - from > 0; from += ROWS) {
                DoubleVector ca = DoubleVector.zero(D);
                DoubleVector cb = ca;
                DoubleVector cc = ca;
                DoubleVector cd = ca;
                int at = xo + from * columns + j;
                for (int i = Math.min(ROWS, rows - from); i > 0; i--, at += columns) {
                    DoubleVector va = (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                    ca = va.fma(va, ca);
                    DoubleVector vb = (DoubleVector) FloatVector.fromArray(H, x, at + DL).convertShape(F2D, D, 0);
                    cb = vb.fma(vb, cb);
                    DoubleVector vc = (DoubleVector) FloatVector.fromArray(H, x, at + 2 * DL).convertShape(F2D, D, 0);
                    cc = vc.fma(vc, cc);
                    DoubleVector vd = (DoubleVector) FloatVector.fromArray(H, x, at + 3 * DL).convertShape(F2D, D, 0);
                    cd = vd.fma(vd, cd);
                }
                a = a.add((DoubleVector) ca.check(D));
                b = b.add((DoubleVector) cb.check(D));
                c = c.add((DoubleVector) cc.check(D));
                d = d.add((DoubleVector) cd.check(D));
            }
            ((DoubleVector) a.check(D)).intoArray(out, oo + j);
            ((DoubleVector) b.check(D)).intoArray(out, oo + j + DL);
            ((DoubleVector) c.check(D)).intoArray(out, oo + j + 2 * DL);
            ((DoubleVector) d.check(D)).intoArray(out, oo + j + 3 * DL);
        }
        for (; j < columns - DL + 1; j += DL) {
            DoubleVector sum = DoubleVector.zero(D);
            for (int from = 0; rows - from > 0; from += ROWS) {
                DoubleVector chain = DoubleVector.zero(D);
                int at = xo + from * columns + j;
                for (int i = Math.min(ROWS, rows - from); i > 0; i--, at += columns) {
                    DoubleVector v = (DoubleVector) FloatVector.fromArray(H, x, at).convertShape(F2D, D, 0);
                    chain = v.fma(v, chain);
                }
                sum = sum.add((DoubleVector) chain.check(D));
            }
            ((DoubleVector) sum.check(D)).intoArray(out, oo + j);
        }
        ScalarReductions.columnSumsOfSquares(x, xo, rows, columns, j, out, oo);
    }
}
