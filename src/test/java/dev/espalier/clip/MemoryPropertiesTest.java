package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.StateArray;
import java.util.EnumMap;
import java.util.Map;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;

/** What holds for clips with memory, over several steps with gradients of every magnitude. */
@Tag("kernel")
class MemoryPropertiesTest {
    private static final int[] SIZES = {5, 0, 37, 1};

    enum Subject {
        AUTO_CLIP(Clip.autoClip(30), "7a70cd22"),
        Z_CLIP(Clip.zClip(0.5f, 0.5f, 2), "33d7198d"),
        ADA_GC(Clip.adaGc(1.05f, 0.5f, 2, 3), "4717d4da"),
        SPIKES(Clip.spikes(1100), "791fe6a3"),
        U_CLIP(Clip.uClip(0.5f), "64bb6ef1"),
        U_CLIP_BY_NORM(Clip.uClip(Clip.globalNorm(3)), "05dc3d00");

        private final Clip clip;
        private final String hash;

        Subject(Clip clip, String hash) {
            this.clip = clip;
            this.hash = hash;
        }

        /** Whether every element of the result is the gradient's own, shortened. */
        boolean shortens() {
            return this != U_CLIP && this != U_CLIP_BY_NORM;
        }

        /** Whether all elements of a tensor get one factor. */
        boolean scales() {
            return this == AUTO_CLIP || this == Z_CLIP || this == ADA_GC;
        }
    }

    @Property(tries = 150)
    void noElementGrowsOrChangesItsSign(@ForAll Subject subject, @ForAll("steps") float[][][] steps) {
        if (!subject.shortens()) {
            return;
        }
        float[][] gradients = arrays();
        Clipper clipper = subject.clip.on(gradients);
        for (float[][] step : steps) {
            put(step, gradients);
            ClipReport report = clipper.apply();
            assertTrue(report.normAfter() <= report.normBefore());
            for (int i = 0; i < step.length; i++) {
                for (int j = 0; j < step[i].length; j++) {
                    float before = step[i][j];
                    float after = gradients[i][j];
                    assertTrue(Math.abs(after) <= Math.abs(before), subject + ": " + before + " to " + after);
                    assertTrue(Math.copySign(1, before) == Math.copySign(1, after));
                    if (subject.scales()) {
                        Bits.assertWithin(1, (float) (before * report.tensorFactor(i)), after);
                    }
                }
            }
        }
    }

    @Property(tries = 150)
    void whereNothingIsClippedNotABitChanges(@ForAll Subject subject, @ForAll("steps") float[][][] steps) {
        float[][] gradients = arrays();
        Clipper clipper = subject.clip.on(gradients);
        boolean carried = false;
        for (float[][] step : steps) {
            put(step, gradients);
            ClipReport report = clipper.apply();
            carried |= !subject.shortens() && report.clipped();
            if (!report.clipped() && !carried) {
                Bits.assertSame(step, gradients);
                assertEquals(report.normBefore(), report.normAfter());
            }
        }
    }

    @Property(tries = 150)
    void everythingStaysFinite(@ForAll Subject subject, @ForAll("steps") float[][][] steps) {
        float[][] gradients = arrays();
        Clipper clipper = subject.clip.on(gradients);
        for (float[][] step : steps) {
            put(step, gradients);
            assertFalse(clipper.apply().skipped());
            for (float[] gradient : gradients) {
                for (float x : gradient) {
                    assertTrue(Float.isFinite(x));
                }
            }
            for (StateArray state : clipper.state()) {
                if (state instanceof StateArray.Doubles doubles) {
                    for (double x : doubles.array()) {
                        assertTrue(Double.isFinite(x), subject + " " + doubles.name());
                    }
                } else if (state instanceof StateArray.Floats floats) {
                    for (float x : floats.array()) {
                        assertTrue(Float.isFinite(x), subject + " " + floats.name());
                    }
                }
            }
        }
    }

    @Property(tries = 150)
    void policiesComeFirst(@ForAll Subject subject, @ForAll("steps") float[][][] steps) {
        float[][] skipping = arrays();
        float[][] zeroing = arrays();
        float[][] clean = arrays();
        Clipper skips = subject.clip.on(skipping);
        Clipper zeroes = subject.clip.nonFinite(NonFinite.ZERO_ELEMENTS).on(zeroing);
        Clipper expected = subject.clip.on(clean);
        for (float[][] step : steps) {
            put(step, zeroing);
            zeroing[2][7] = Float.NaN;
            put(step, clean);
            clean[2][7] = 0;
            zeroes.apply();
            expected.apply();
            Bits.assertSame(clean, zeroing);

            put(step, skipping);
            skipping[2][7] = Float.POSITIVE_INFINITY;
            float[][] before = Bits.copy(skipping);
            assertTrue(skips.apply().skipped());
            Bits.assertSame(before, skipping);
        }
        // Nothing is remembered of the skipped steps.
        Clipper fresh = subject.clip.on(clean);
        for (float[][] step : steps) {
            put(step, skipping);
            put(step, clean);
            skips.apply();
            fresh.apply();
            Bits.assertSame(clean, skipping);
        }
    }

    @Property(tries = 150)
    void theOrderOfTheTensorsChangesNothing(@ForAll Subject subject, @ForAll("steps") float[][][] steps) {
        float[][] gradients = arrays();
        float[][] other = arrays();
        float[][] reversed = {other[3], other[2], other[1], other[0]};
        Clipper clipper = subject.clip.on(gradients);
        Clipper backwards = subject.clip.on(reversed);
        for (float[][] step : steps) {
            put(step, gradients);
            put(step, other);
            clipper.apply();
            backwards.apply();
            Bits.assertSame(gradients, other);
        }
    }

    @Example
    void zerosStayZerosAndEmptyIsLegal() {
        for (Subject subject : Subject.values()) {
            float[][] gradients = {{0, -0f, 0}, {}, {0}};
            Clipper clipper = subject.clip.on(gradients);
            for (int step = 0; step < 5; step++) {
                ClipReport report = clipper.apply();
                assertFalse(report.clipped(), subject.toString());
                for (float[] gradient : gradients) {
                    assertArrayEquals(new float[gradient.length], gradient, 0f, subject.toString());
                }
            }
            Clipper none = subject.clip.on(new float[0][]);
            for (int step = 0; step < 5; step++) {
                assertEquals(0, none.apply().normBefore());
            }
        }
    }

    @Example
    void manyStepsGiveTheCommittedBits() {
        Map<Subject, String> expected = new EnumMap<>(Subject.class);
        Map<Subject, String> actual = new EnumMap<>(Subject.class);
        for (Subject subject : Subject.values()) {
            float[][] gradients = {new float[301], new float[7], new float[4500]};
            Clipper clipper = subject.clip.on(gradients);
            SplitMix64 random = new SplitMix64(1);
            CRC32 crc = new CRC32();
            for (int step = 0; step < 12; step++) {
                float scale = 1 + 30 * random.nextFloat() * random.nextFloat();
                for (float[] gradient : gradients) {
                    for (int i = 0; i < gradient.length; i++) {
                        float x = scale * (2 * random.nextFloat() - 1);
                        gradient[i] = random.nextInt(50) == 0 ? 100 * x : 0.03f * x;
                    }
                }
                clipper.apply();
                for (float[] gradient : gradients) {
                    for (float x : gradient) {
                        int bits = Float.floatToIntBits(x);
                        for (int shift = 0; shift < 32; shift += 8) {
                            crc.update(bits >>> shift);
                        }
                    }
                }
            }
            expected.put(subject, subject.hash);
            actual.put(subject, String.format("%08x", crc.getValue()));
        }
        assertEquals(expected, actual);
    }

    private static float[][] arrays() {
        float[][] arrays = new float[SIZES.length][];
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = new float[SIZES[i]];
        }
        return arrays;
    }

    private static void put(float[][] from, float[][] to) {
        for (int i = 0; i < to.length; i++) {
            System.arraycopy(from[i], 0, to[i], 0, to[i].length);
        }
    }

    /** Six steps: ordinary ones with outliers, or magnitudes of every kind, subnormal ones among them. */
    @Provide
    Arbitrary<float[][][]> steps() {
        Arbitrary<Float> near = FloatArbitraries.between(-2, 2);
        Arbitrary<Float> spiky = Arbitraries.frequencyOf(Tuple.of(20, near), Tuple.of(1, near.map(x -> 1000 * x)));
        Arbitrary<float[]> all = Arbitraries.oneOf(
                spiky.array(float[].class).ofSize(43),
                near.map(x -> x * 0x1p-140f).array(float[].class).ofSize(43),
                FloatArbitraries.anyFinite().array(float[].class).ofSize(43));
        return all.map(MemoryPropertiesTest::split)
                .array(float[][][].class)
                .ofSize(6)
                .withoutEdgeCases();
    }

    private static float[][] split(float[] all) {
        float[][] arrays = arrays();
        int at = 0;
        for (float[] array : arrays) {
            System.arraycopy(all, at, array, 0, array.length);
            at += array.length;
        }
        return arrays;
    }
}
