package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import org.junit.jupiter.api.Test;

class ExactSumTest {
    @Property
    void roundsTheExactSumOnce(@ForAll("terms") List<Double> terms) {
        BigDecimal exact = terms.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
        assertEquals(exact.doubleValue(), sum(terms));
        Collections.reverse(terms);
        assertEquals(exact.doubleValue(), sum(terms));
    }

    @Test
    void tiesGoToEvenAndTheLastBitCounts() {
        double half = 0x1p-53;
        assertEquals(1, sum(List.of(1.0, half)));
        assertEquals(1 + 0x1p-52, sum(List.of(1.0, half, 0x1p-300)));
        assertEquals(1 + 0x1p-52, sum(List.of(0x1p-300, half, 1.0)));
        assertEquals(1 + 0x1p-51, sum(List.of(1 + 0x1p-52, half)));
        assertEquals(2, sum(List.of(Math.nextDown(2.0), half, half)));
    }

    @Test
    void carriesRunThroughManyLimbs() {
        ExactSum sum = new ExactSum();
        for (int i = 0; i < 100_000; i++) {
            sum.add(Math.nextDown(0x1p100));
        }
        assertEquals(
                new BigDecimal(Math.nextDown(0x1p100))
                        .multiply(BigDecimal.valueOf(100_000))
                        .doubleValue(),
                sum.value());
        assertEquals(sum.value(), sum.value());
    }

    @Test
    void extremes() {
        assertEquals(0, sum(List.of()));
        assertEquals(0, sum(List.of(0.0, 0.0)));
        assertEquals(Double.MIN_VALUE * 3, sum(List.of(Double.MIN_VALUE, Double.MIN_VALUE, Double.MIN_VALUE)));
        assertEquals(Double.MIN_NORMAL, sum(List.of(Double.MIN_NORMAL - Double.MIN_VALUE, Double.MIN_VALUE)));
        assertEquals(Double.MAX_VALUE, sum(List.of(Double.MAX_VALUE)));
        assertEquals(Double.POSITIVE_INFINITY, sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE)));
        assertEquals(Double.POSITIVE_INFINITY, sum(List.of(1.0, Double.POSITIVE_INFINITY)));
        assertEquals(Double.NaN, sum(List.of(Double.NaN, Double.POSITIVE_INFINITY, 1.0)));
    }

    @Test
    void clearForgetsEverything() {
        ExactSum sum = new ExactSum();
        sum.add(Double.NaN);
        sum.add(1e300);
        sum.clear();
        sum.add(2);
        assertEquals(2, sum.value());
    }

    private static double sum(List<Double> terms) {
        ExactSum sum = new ExactSum();
        terms.forEach(sum::add);
        return sum.value();
    }

    @Provide
    Arbitrary<List<Double>> terms() {
        Arbitrary<Double> wide = Arbitraries.longs()
                .withDistribution(RandomDistribution.uniform())
                .map(bits -> Math.abs(Double.longBitsToDouble(bits)))
                .filter(x -> x >= Double.MIN_NORMAL && x < 1e300);
        Arbitrary<Double> near = Arbitraries.integers().between(-60, 60).map(e -> Math.scalb(1.0, e));
        return Arbitraries.oneOf(wide.list().ofMaxSize(30), near.list().ofMaxSize(30));
    }
}
