package dev.espalier.kernel;

import static dev.espalier.kernel.VectorLanes.L;
import static dev.espalier.kernel.VectorLanes.S;

import java.lang.invoke.VarHandle;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;

/**
 * The register tiles of {@link VectorGemm} and {@link VectorPackedGemm}, from the first to the last row of a panel: four rows by two to four vectors of C,
 * six by two, or eight by one. A tile starts at {@code from} (C itself, a bias row or zeros: one load, so no branch on beta), runs one fma
 * chain per element over k, and stores to C.
 *
 * <p>Sixteen accumulators, four vectors of B and a broadcast of A fit the 32 registers of AVX-512 and cover
 * latency × ports; 256 and 128 bits use at most three vectors, whose 12 + 3 + 1 fit 16 registers. Twelve multiply-adds take six
 * cycles, in which the front end brings in 36 instructions at most, so every bounds check counts. Rows of a packed panel are a
 * constant apart: C2 checks them once, before the loop. Rows of A are not, on purpose: without the checks between them C2
 * gathers all loads at the start of the loop, runs out of registers and spills accumulators (40 instead of 95 GFLOP/s). The tiles of
 * six rows, whose A is packed too or whose rows lie side by side, have fences in their place.
 *
 * <p>A tile with fewer rows than it has accumulators for repeats its last row: it computes and stores the same bits twice, which
 * costs less than another kernel. All vectors are whole: masks would push a tile beyond what C1 can hold and C2 inlines in one
 * method, and a vector that is not inlined is an allocation. The caller copies what fills no vector. The accumulators are checked
 * against their species before they are stored: C2 otherwise guesses it from a profile of the call, which vectors of half the
 * width have blurred, and makes objects of them.
 *
 * <p>In tiles of four and eight rows element {@code (i, p)} of A is {@code a[aAt + i / 4 * aTile + i % 4 * aRow + p * aStep]}.
 */
final class VectorTiles {
    private VectorTiles() {}

    static void packed4x4(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int a1 = a0 + r1 * aRow;
            int a2 = a0 + r2 * aRow;
            int a3 = a0 + r3 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c02 = FloatVector.fromArray(S, from, f0 + 2 * L);
            FloatVector c03 = FloatVector.fromArray(S, from, f0 + 3 * L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c12 = FloatVector.fromArray(S, from, f1 + 2 * L);
            FloatVector c13 = FloatVector.fromArray(S, from, f1 + 3 * L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c22 = FloatVector.fromArray(S, from, f2 + 2 * L);
            FloatVector c23 = FloatVector.fromArray(S, from, f2 + 3 * L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c32 = FloatVector.fromArray(S, from, f3 + 2 * L);
            FloatVector c33 = FloatVector.fromArray(S, from, f3 + 3 * L);
            for (int bp = bAt, ap = 0; bp < bAt + k * 4 * L; bp += 4 * L, ap += aStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector b2 = FloatVector.fromArray(S, b, bp + 2 * L);
                FloatVector b3 = FloatVector.fromArray(S, b, bp + 3 * L);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                c01 = s0.fma(b1, c01);
                c02 = s0.fma(b2, c02);
                c03 = s0.fma(b3, c03);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                c11 = s1.fma(b1, c11);
                c12 = s1.fma(b2, c12);
                c13 = s1.fma(b3, c13);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                c21 = s2.fma(b1, c21);
                c22 = s2.fma(b2, c22);
                c23 = s2.fma(b3, c23);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                c31 = s3.fma(b1, c31);
                c32 = s3.fma(b2, c32);
                c33 = s3.fma(b3, c33);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c02.check(S)).intoArray(c, c0 + 2 * L);
            ((FloatVector) c03.check(S)).intoArray(c, c0 + 3 * L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c12.check(S)).intoArray(c, c1 + 2 * L);
            ((FloatVector) c13.check(S)).intoArray(c, c1 + 3 * L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c22.check(S)).intoArray(c, c2 + 2 * L);
            ((FloatVector) c23.check(S)).intoArray(c, c2 + 3 * L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c32.check(S)).intoArray(c, c3 + 2 * L);
            ((FloatVector) c33.check(S)).intoArray(c, c3 + 3 * L);
        }
    }

    static void packed4x3(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int a1 = a0 + r1 * aRow;
            int a2 = a0 + r2 * aRow;
            int a3 = a0 + r3 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c02 = FloatVector.fromArray(S, from, f0 + 2 * L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c12 = FloatVector.fromArray(S, from, f1 + 2 * L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c22 = FloatVector.fromArray(S, from, f2 + 2 * L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c32 = FloatVector.fromArray(S, from, f3 + 2 * L);
            for (int bp = bAt, ap = 0; bp < bAt + k * 3 * L; bp += 3 * L, ap += aStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector b2 = FloatVector.fromArray(S, b, bp + 2 * L);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                c01 = s0.fma(b1, c01);
                c02 = s0.fma(b2, c02);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                c11 = s1.fma(b1, c11);
                c12 = s1.fma(b2, c12);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                c21 = s2.fma(b1, c21);
                c22 = s2.fma(b2, c22);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                c31 = s3.fma(b1, c31);
                c32 = s3.fma(b2, c32);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c02.check(S)).intoArray(c, c0 + 2 * L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c12.check(S)).intoArray(c, c1 + 2 * L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c22.check(S)).intoArray(c, c2 + 2 * L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c32.check(S)).intoArray(c, c3 + 2 * L);
        }
    }

    static void packed4x2(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int a1 = a0 + r1 * aRow;
            int a2 = a0 + r2 * aRow;
            int a3 = a0 + r3 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            for (int bp = bAt, ap = 0; bp < bAt + k * 2 * L; bp += 2 * L, ap += aStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                c01 = s0.fma(b1, c01);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                c11 = s1.fma(b1, c11);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                c21 = s2.fma(b1, c21);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                c31 = s3.fma(b1, c31);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
        }
    }

    static void packed8x1(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 8) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int r4 = Math.min(4, m - 1 - i);
            int r5 = Math.min(5, m - 1 - i);
            int r6 = Math.min(6, m - 1 - i);
            int r7 = Math.min(7, m - 1 - i);
            int a1 = a0 + r1 / 4 * aTile + r1 % 4 * aRow;
            int a2 = a0 + r2 / 4 * aTile + r2 % 4 * aRow;
            int a3 = a0 + r3 / 4 * aTile + r3 % 4 * aRow;
            int a4 = a0 + r4 / 4 * aTile + r4 % 4 * aRow;
            int a5 = a0 + r5 / 4 * aTile + r5 % 4 * aRow;
            int a6 = a0 + r6 / 4 * aTile + r6 % 4 * aRow;
            int a7 = a0 + r7 / 4 * aTile + r7 % 4 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int f4 = f0 + r4 * fRow;
            int f5 = f0 + r5 * fRow;
            int f6 = f0 + r6 * fRow;
            int f7 = f0 + r7 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            int c4 = c0 + r4 * cRow;
            int c5 = c0 + r5 * cRow;
            int c6 = c0 + r6 * cRow;
            int c7 = c0 + r7 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c40 = FloatVector.fromArray(S, from, f4);
            FloatVector c50 = FloatVector.fromArray(S, from, f5);
            FloatVector c60 = FloatVector.fromArray(S, from, f6);
            FloatVector c70 = FloatVector.fromArray(S, from, f7);
            for (int bp = bAt, ap = 0; bp < bAt + k * L; bp += L, ap += aStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                FloatVector s4 = FloatVector.broadcast(S, a[a4 + ap]);
                c40 = s4.fma(b0, c40);
                FloatVector s5 = FloatVector.broadcast(S, a[a5 + ap]);
                c50 = s5.fma(b0, c50);
                FloatVector s6 = FloatVector.broadcast(S, a[a6 + ap]);
                c60 = s6.fma(b0, c60);
                FloatVector s7 = FloatVector.broadcast(S, a[a7 + ap]);
                c70 = s7.fma(b0, c70);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c40.check(S)).intoArray(c, c4);
            ((FloatVector) c50.check(S)).intoArray(c, c5);
            ((FloatVector) c60.check(S)).intoArray(c, c6);
            ((FloatVector) c70.check(S)).intoArray(c, c7);
        }
    }

    /**
     * For whole tiles only. A comes in blocks of four columns, which one turn of the loop takes: element {@code (i, p)} is
     * {@code x[aAt + i / 6 * aTile + p / 4 * aStep + i % 6 * 4 + p % 4]}. The fences are no instruction on
     * x86; they keep C2 from moving the loads of a row before those of the row above, and those of B into the rows of the step before.
     *
     * <p>A and B lie in one array, since C2 keeps one pointer in a register here and would fetch two from the stack by turns. And aStep is always
     * 24, but C2 must not know it: it would check the first and the last of each of the 24 loads of A before the loop, 190 instructions a
     * tile, which are two checks a turn so.
     */
    static void blocked6x2(
            int m,
            int k,
            float[] x,
            int aAt,
            int aTile,
            int aStep,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 6) {
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int f1 = f0 + fRow;
            int f2 = f0 + 2 * fRow;
            int f3 = f0 + 3 * fRow;
            int f4 = f0 + 4 * fRow;
            int f5 = f0 + 5 * fRow;
            int c1 = c0 + cRow;
            int c2 = c0 + 2 * cRow;
            int c3 = c0 + 3 * cRow;
            int c4 = c0 + 4 * cRow;
            int c5 = c0 + 5 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c40 = FloatVector.fromArray(S, from, f4);
            FloatVector c41 = FloatVector.fromArray(S, from, f4 + L);
            FloatVector c50 = FloatVector.fromArray(S, from, f5);
            FloatVector c51 = FloatVector.fromArray(S, from, f5 + L);
            int ap = aAt + i / 6 * aTile;
            int bp = bAt;
            for (; bp < bAt + (k - 3) * 2 * L; bp += 8 * L, ap += aStep) {
                Objects.checkIndex(ap + 23, x.length);
                VarHandle.acquireFence();
                FloatVector b0 = FloatVector.fromArray(S, x, bp);
                FloatVector b1 = FloatVector.fromArray(S, x, bp + L);
                FloatVector s = FloatVector.broadcast(S, x[ap]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 4]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 8]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 12]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 16]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 20]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 2 * L);
                b1 = FloatVector.fromArray(S, x, bp + 3 * L);
                s = FloatVector.broadcast(S, x[ap + 1]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 5]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 9]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 13]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 17]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 21]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 4 * L);
                b1 = FloatVector.fromArray(S, x, bp + 5 * L);
                s = FloatVector.broadcast(S, x[ap + 2]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 6]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 10]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 14]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 18]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 22]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 6 * L);
                b1 = FloatVector.fromArray(S, x, bp + 7 * L);
                s = FloatVector.broadcast(S, x[ap + 3]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 7]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 11]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 15]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 19]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 23]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
            }
            for (; bp < bAt + k * 2 * L; bp += 2 * L, ap++) {
                VarHandle.acquireFence();
                FloatVector b0 = FloatVector.fromArray(S, x, bp);
                FloatVector b1 = FloatVector.fromArray(S, x, bp + L);
                FloatVector s = FloatVector.broadcast(S, x[ap]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 4]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 8]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 12]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 16]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 20]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c40.check(S)).intoArray(c, c4);
            ((FloatVector) c41.check(S)).intoArray(c, c4 + L);
            ((FloatVector) c50.check(S)).intoArray(c, c5);
            ((FloatVector) c51.check(S)).intoArray(c, c5 + L);
        }
    }

    /**
     * The same for rows that fill no tile of six: element {@code (i, p)} is {@code x[aAt + i / 4 * aTile + p / 4 * aStep + i % 4 * 4 + p % 4]}.
     * The copy of A has whole tiles, C only m rows; aStep is 16.
     */
    static void blocked4x2(
            int m,
            int k,
            float[] x,
            int aAt,
            int aTile,
            int aStep,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            int ap = aAt + i / 4 * aTile;
            int bp = bAt;
            for (; bp < bAt + (k - 3) * 2 * L; bp += 8 * L, ap += aStep) {
                Objects.checkIndex(ap + 15, x.length);
                VarHandle.acquireFence();
                FloatVector b0 = FloatVector.fromArray(S, x, bp);
                FloatVector b1 = FloatVector.fromArray(S, x, bp + L);
                FloatVector s = FloatVector.broadcast(S, x[ap]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 4]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 8]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 12]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 2 * L);
                b1 = FloatVector.fromArray(S, x, bp + 3 * L);
                s = FloatVector.broadcast(S, x[ap + 1]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 5]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 9]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 13]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 4 * L);
                b1 = FloatVector.fromArray(S, x, bp + 5 * L);
                s = FloatVector.broadcast(S, x[ap + 2]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 6]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 10]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 14]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                b0 = FloatVector.fromArray(S, x, bp + 6 * L);
                b1 = FloatVector.fromArray(S, x, bp + 7 * L);
                s = FloatVector.broadcast(S, x[ap + 3]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 7]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 11]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 15]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
            }
            for (; bp < bAt + k * 2 * L; bp += 2 * L, ap++) {
                VarHandle.acquireFence();
                FloatVector b0 = FloatVector.fromArray(S, x, bp);
                FloatVector b1 = FloatVector.fromArray(S, x, bp + L);
                FloatVector s = FloatVector.broadcast(S, x[ap]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 4]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 8]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, x[ap + 12]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
        }
    }

    /** For whole tiles only: six rows of a transposed A, which lie side by side. */
    static void transposed6x2(
            int m,
            int k,
            float[] a,
            int aAt,
            int aStep,
            float[] b,
            int bAt,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 6) {
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int f1 = f0 + fRow;
            int c1 = c0 + cRow;
            int f2 = f0 + 2 * fRow;
            int c2 = c0 + 2 * cRow;
            int f3 = f0 + 3 * fRow;
            int c3 = c0 + 3 * cRow;
            int f4 = f0 + 4 * fRow;
            int c4 = c0 + 4 * cRow;
            int f5 = f0 + 5 * fRow;
            int c5 = c0 + 5 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c40 = FloatVector.fromArray(S, from, f4);
            FloatVector c41 = FloatVector.fromArray(S, from, f4 + L);
            FloatVector c50 = FloatVector.fromArray(S, from, f5);
            FloatVector c51 = FloatVector.fromArray(S, from, f5 + L);
            int ap = aAt + i;
            for (int bp = bAt; bp < bAt + k * 2 * L; bp += 2 * L, ap += aStep) {
                // Before the loads: among them it moves one too far ahead, and an accumulator goes through the stack.
                Objects.checkIndex(ap + 5, a.length);
                VarHandle.acquireFence();
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector s = FloatVector.broadcast(S, a[ap]);
                c00 = s.fma(b0, c00);
                c01 = s.fma(b1, c01);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, a[ap + 1]);
                c10 = s.fma(b0, c10);
                c11 = s.fma(b1, c11);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, a[ap + 2]);
                c20 = s.fma(b0, c20);
                c21 = s.fma(b1, c21);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, a[ap + 3]);
                c30 = s.fma(b0, c30);
                c31 = s.fma(b1, c31);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, a[ap + 4]);
                c40 = s.fma(b0, c40);
                c41 = s.fma(b1, c41);
                VarHandle.acquireFence();
                s = FloatVector.broadcast(S, a[ap + 5]);
                c50 = s.fma(b0, c50);
                c51 = s.fma(b1, c51);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c40.check(S)).intoArray(c, c4);
            ((FloatVector) c41.check(S)).intoArray(c, c4 + L);
            ((FloatVector) c50.check(S)).intoArray(c, c5);
            ((FloatVector) c51.check(S)).intoArray(c, c5 + L);
        }
    }

    static void inPlace4x4(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            int bStep,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int a1 = a0 + r1 * aRow;
            int a2 = a0 + r2 * aRow;
            int a3 = a0 + r3 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c02 = FloatVector.fromArray(S, from, f0 + 2 * L);
            FloatVector c03 = FloatVector.fromArray(S, from, f0 + 3 * L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c12 = FloatVector.fromArray(S, from, f1 + 2 * L);
            FloatVector c13 = FloatVector.fromArray(S, from, f1 + 3 * L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c22 = FloatVector.fromArray(S, from, f2 + 2 * L);
            FloatVector c23 = FloatVector.fromArray(S, from, f2 + 3 * L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c32 = FloatVector.fromArray(S, from, f3 + 2 * L);
            FloatVector c33 = FloatVector.fromArray(S, from, f3 + 3 * L);
            for (int p = 0, ap = 0, bp = bAt; p < k; p++, ap += aStep, bp += bStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector b2 = FloatVector.fromArray(S, b, bp + 2 * L);
                FloatVector b3 = FloatVector.fromArray(S, b, bp + 3 * L);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                c01 = s0.fma(b1, c01);
                c02 = s0.fma(b2, c02);
                c03 = s0.fma(b3, c03);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                c11 = s1.fma(b1, c11);
                c12 = s1.fma(b2, c12);
                c13 = s1.fma(b3, c13);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                c21 = s2.fma(b1, c21);
                c22 = s2.fma(b2, c22);
                c23 = s2.fma(b3, c23);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                c31 = s3.fma(b1, c31);
                c32 = s3.fma(b2, c32);
                c33 = s3.fma(b3, c33);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c02.check(S)).intoArray(c, c0 + 2 * L);
            ((FloatVector) c03.check(S)).intoArray(c, c0 + 3 * L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c12.check(S)).intoArray(c, c1 + 2 * L);
            ((FloatVector) c13.check(S)).intoArray(c, c1 + 3 * L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c22.check(S)).intoArray(c, c2 + 2 * L);
            ((FloatVector) c23.check(S)).intoArray(c, c2 + 3 * L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c32.check(S)).intoArray(c, c3 + 2 * L);
            ((FloatVector) c33.check(S)).intoArray(c, c3 + 3 * L);
        }
    }

    static void inPlace4x3(
            int m,
            int k,
            float[] a,
            int aAt,
            int aRow,
            int aStep,
            int aTile,
            float[] b,
            int bAt,
            int bStep,
            float[] from,
            int fAt,
            int fRow,
            float[] c,
            int cAt,
            int cRow) {
        for (int i = 0; i < m; i += 4) {
            int a0 = aAt + i / 4 * aTile;
            int f0 = fAt + i * fRow;
            int c0 = cAt + i * cRow;
            int r1 = Math.min(1, m - 1 - i);
            int r2 = Math.min(2, m - 1 - i);
            int r3 = Math.min(3, m - 1 - i);
            int a1 = a0 + r1 * aRow;
            int a2 = a0 + r2 * aRow;
            int a3 = a0 + r3 * aRow;
            int f1 = f0 + r1 * fRow;
            int f2 = f0 + r2 * fRow;
            int f3 = f0 + r3 * fRow;
            int c1 = c0 + r1 * cRow;
            int c2 = c0 + r2 * cRow;
            int c3 = c0 + r3 * cRow;
            FloatVector c00 = FloatVector.fromArray(S, from, f0);
            FloatVector c01 = FloatVector.fromArray(S, from, f0 + L);
            FloatVector c02 = FloatVector.fromArray(S, from, f0 + 2 * L);
            FloatVector c10 = FloatVector.fromArray(S, from, f1);
            FloatVector c11 = FloatVector.fromArray(S, from, f1 + L);
            FloatVector c12 = FloatVector.fromArray(S, from, f1 + 2 * L);
            FloatVector c20 = FloatVector.fromArray(S, from, f2);
            FloatVector c21 = FloatVector.fromArray(S, from, f2 + L);
            FloatVector c22 = FloatVector.fromArray(S, from, f2 + 2 * L);
            FloatVector c30 = FloatVector.fromArray(S, from, f3);
            FloatVector c31 = FloatVector.fromArray(S, from, f3 + L);
            FloatVector c32 = FloatVector.fromArray(S, from, f3 + 2 * L);
            for (int p = 0, ap = 0, bp = bAt; p < k; p++, ap += aStep, bp += bStep) {
                FloatVector b0 = FloatVector.fromArray(S, b, bp);
                FloatVector b1 = FloatVector.fromArray(S, b, bp + L);
                FloatVector b2 = FloatVector.fromArray(S, b, bp + 2 * L);
                FloatVector s0 = FloatVector.broadcast(S, a[a0 + ap]);
                c00 = s0.fma(b0, c00);
                c01 = s0.fma(b1, c01);
                c02 = s0.fma(b2, c02);
                FloatVector s1 = FloatVector.broadcast(S, a[a1 + ap]);
                c10 = s1.fma(b0, c10);
                c11 = s1.fma(b1, c11);
                c12 = s1.fma(b2, c12);
                FloatVector s2 = FloatVector.broadcast(S, a[a2 + ap]);
                c20 = s2.fma(b0, c20);
                c21 = s2.fma(b1, c21);
                c22 = s2.fma(b2, c22);
                FloatVector s3 = FloatVector.broadcast(S, a[a3 + ap]);
                c30 = s3.fma(b0, c30);
                c31 = s3.fma(b1, c31);
                c32 = s3.fma(b2, c32);
            }
            ((FloatVector) c00.check(S)).intoArray(c, c0);
            ((FloatVector) c01.check(S)).intoArray(c, c0 + L);
            ((FloatVector) c02.check(S)).intoArray(c, c0 + 2 * L);
            ((FloatVector) c10.check(S)).intoArray(c, c1);
            ((FloatVector) c11.check(S)).intoArray(c, c1 + L);
            ((FloatVector) c12.check(S)).intoArray(c, c1 + 2 * L);
            ((FloatVector) c20.check(S)).intoArray(c, c2);
            ((FloatVector) c21.check(S)).intoArray(c, c2 + L);
            ((FloatVector) c22.check(S)).intoArray(c, c2 + 2 * L);
            ((FloatVector) c30.check(S)).intoArray(c, c3);
            ((FloatVector) c31.check(S)).intoArray(c, c3 + L);
            ((FloatVector) c32.check(S)).intoArray(c, c3 + 2 * L);
        }
    }
}
