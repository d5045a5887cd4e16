package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.StateArray;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Percentiles in bounded memory against those of the sorted numbers. */
class QuantilesTest {
    /** The stated errors: numbers within a factor 2^octaves, and the bound. */
    private static final double[][] STATED = {{3.9, 8}, {7, 7}, {15, 6}, {31, 5}, {63, 4}, {127, 3}, {255, 2}};

    @Property(tries = 300)
    void errAsStated(
            @ForAll @IntRange(max = 6) int spread,
            @ForAll @IntRange(min = -100, max = 60) int exponent,
            @ForAll @IntRange(min = 1, max = 3000) int n,
            @ForAll @DoubleRange(max = 100) double percentile,
            @ForAll long seed) {
        SplitMix64 random = new SplitMix64(seed);
        double octaves = STATED[spread][0];
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = Math.scalb(Math.pow(2, octaves * random.nextFloat()), exponent - (int) octaves / 2);
        }
        Quantiles quantiles = of(x);
        for (double p : new double[] {percentile, 0, 10, 50, 100}) {
            double exact = exact(x, p);
            assertEquals(
                    exact, quantiles.percentile(p), Math.scalb(exact, -(int) STATED[spread][1]), "percentile " + p);
        }
    }

    @Property(tries = 100)
    void theOrderDoesNotMatter(@ForAll @IntRange(min = 1, max = 500) int n, @ForAll long seed) {
        SplitMix64 random = new SplitMix64(seed);
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = Math.exp(random.nextGaussian() * random.nextInt(40));
        }
        Quantiles one = of(x);
        Arrays.sort(x);
        Quantiles other = of(x);
        for (double p = 0; p <= 100; p += 2.5) {
            assertEquals(one.percentile(p), other.percentile(p));
        }
    }

    @Example
    void extremesAndOneNumberAreExact() {
        double[] x = {3, 1e-40, 7e30, 0.1, 0.1};
        assertEquals(1e-40, of(x).percentile(0));
        assertEquals(7e30, of(x).percentile(100));
        assertEquals(0.1, of(0.1).percentile(10));
        assertEquals(0.1, of(0.1, 0.1, 0.1).percentile(37));
        assertEquals(4, of(3, 5).percentile(50));
    }

    @Example
    void everyNormOfFloatsFits() {
        double smallest = Float.MIN_VALUE;
        double largest = Float.MAX_VALUE * Math.sqrt(1L << 40);
        Quantiles quantiles = of(1, largest, smallest, 2);
        assertEquals(smallest, quantiles.percentile(0));
        assertEquals(largest, quantiles.percentile(100));
        assertEquals(1, quantiles.percentile(100 / 3.0), 0.5);
    }

    @Example
    void millionsTakeNoMoreMemory() {
        SplitMix64 random = new SplitMix64(5);
        Quantiles quantiles = new Quantiles();
        double[] x = new double[2_000_000];
        for (int i = 0; i < x.length; i++) {
            x[i] = 1 + 10 * random.nextFloat() * random.nextFloat();
            quantiles.add(x[i]);
        }
        for (double p : new double[] {1, 10, 50, 90, 99}) {
            double exact = exact(x, p);
            assertEquals(exact, quantiles.percentile(p), exact * 0x1p-8);
        }
        int bytes = 0;
        for (StateArray state : quantiles.state()) {
            bytes += switch (state) {
                case StateArray.Floats floats -> 4 * floats.array().length;
                case StateArray.Doubles doubles -> 8 * doubles.array().length;
                case StateArray.Longs longs -> 8 * longs.array().length;
            };
        }
        assertTrue(bytes <= 8 * 1024 + 64, bytes + " bytes");
    }

    @Example
    void goOnFromTheirState() {
        double[] first = {3, 1e-4, 7};
        Quantiles one = of(first);
        Quantiles other = new Quantiles();
        for (int i = 0; i < one.state().size(); i++) {
            other.state().get(i).set(one.state().get(i));
        }
        for (double x : new double[] {2, 1e6}) {
            one.add(x);
            other.add(x);
        }
        for (double p = 0; p <= 100; p += 12.5) {
            assertEquals(one.percentile(p), other.percentile(p), "percentile " + p);
        }
        assertEquals(5, other.count());
    }

    private static Quantiles of(double... x) {
        Quantiles quantiles = new Quantiles();
        for (double value : x) {
            quantiles.add(value);
        }
        return quantiles;
    }

    private static double exact(double[] x, double percentile) {
        double[] sorted = x.clone();
        Arrays.sort(sorted);
        double rank = percentile / 100 * (sorted.length - 1);
        int below = (int) rank;
        double low = sorted[below];
        return below == sorted.length - 1 ? low : low + (rank - below) * (sorted[below + 1] - low);
    }
}
