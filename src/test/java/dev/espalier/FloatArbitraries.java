package dev.espalier;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/** Floats and gradients for properties. */
public final class FloatArbitraries {
    private FloatArbitraries() {}

    /** Every finite float, all exponents alike: as many subnormals as numbers in [1, 2). */
    public static Arbitrary<Float> anyFinite() {
        return Arbitraries.frequencyOf(Tuple.of(15, bits()), Tuple.of(1, special()))
                .withoutEdgeCases();
    }

    /** Every float there is, NaN and ±∞ among them often. */
    public static Arbitrary<Float> any() {
        return Arbitraries.frequencyOf(
                        Tuple.of(20, anyFinite()),
                        Tuple.of(1, Arbitraries.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)))
                .withoutEdgeCases();
    }

    /** Gradients whose elements share a magnitude, which may be any. */
    public static Arbitrary<float[]> gradient() {
        Arbitrary<Float> mantissa = between(-2, 2);
        return Arbitraries.integers()
                .between(-149, 126)
                .flatMap(exponent -> mantissa.map(x -> Math.scalb(x, exponent))
                        .array(float[].class)
                        .ofMaxSize(70))
                .withoutEdgeCases();
    }

    /** One to five gradients, each of its own magnitude or of all of them. */
    public static Arbitrary<float[][]> gradients() {
        Arbitrary<float[]> wild = anyFinite().array(float[].class).ofMaxSize(40);
        return Arbitraries.oneOf(gradient(), gradient(), wild)
                .array(float[][].class)
                .ofMaxSize(5)
                .withoutEdgeCases();
    }

    /** Thresholds of any magnitude, 0 and +∞. */
    public static Arbitrary<Float> threshold() {
        return Arbitraries.frequencyOf(
                        Tuple.of(15, anyFinite().map(Math::abs)),
                        Tuple.of(1, Arbitraries.of(0f, Float.POSITIVE_INFINITY)))
                .withoutEdgeCases();
    }

    /** Multiples of 2⁻²⁰ between integers: full mantissas, unlike jqwik's own floats, which have two decimals. */
    public static Arbitrary<Float> between(int low, int high) {
        return Arbitraries.integers()
                .between(low << 20, high << 20)
                .withDistribution(RandomDistribution.uniform())
                .withoutEdgeCases()
                .map(i -> i * 0x1p-20f);
    }

    private static Arbitrary<Float> bits() {
        return Arbitraries.integers()
                .withDistribution(RandomDistribution.uniform())
                .withoutEdgeCases()
                .map(Float::intBitsToFloat)
                .filter(Float::isFinite);
    }

    private static Arbitrary<Float> special() {
        return Arbitraries.of(
                0f,
                -0f,
                1f,
                -1f,
                Float.MIN_VALUE,
                -Float.MIN_VALUE,
                Float.MIN_NORMAL,
                -Float.MIN_NORMAL,
                Float.MAX_VALUE,
                -Float.MAX_VALUE);
    }
}
