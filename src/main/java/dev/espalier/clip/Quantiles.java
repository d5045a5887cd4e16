package dev.espalier.clip;

import dev.espalier.tensor.StateArray;
import java.util.Arrays;
import java.util.List;

/**
 * Percentiles of positive numbers, in 8 KB whatever their count: a histogram of 1024 bins that share the leading bits
 * of a double, so each power of two is cut into bins of equal width. There are 256 bins to a power of two while all numbers lie
 * within a factor 15 of each other; where they do not, neighbouring bins are joined in pairs until all numbers fit.
 *
 * <p>A percentile interpolates between the two numbers around its rank, as {@code numpy.percentile} does. It errs by at most the
 * width of a bin, relative to the exact one: 2⁻⁸ (0.4 %) within a factor 15, 2⁻⁷ within 2⁷, 2⁻⁶ within 2¹⁵, 2⁻⁵ within 2³¹, 2⁻⁴ within
 * 2⁶³. The smallest and the largest number are exact. The order in which numbers came does not matter.
 */
final class Quantiles {
    static final int BINS = 1024;

    /** Of the 52 bits of a mantissa 8 choose the bin. */
    private static final int FINEST = 44;

    private static final int COUNT = 0;
    private static final int BASE = 1;
    private static final int JOINED = 2;

    private final long[] counts = new long[BINS];

    /** How many numbers there are, the number of the first bin, and how often bins were joined. */
    private final long[] window = new long[3];

    /** The smallest and the largest number. */
    private final double[] range = new double[2];

    /** @param x finite, above 0 */
    void add(double x) {
        boolean first = window[COUNT]++ == 0;
        range[0] = first ? x : Math.min(x, range[0]);
        range[1] = first ? x : Math.max(x, range[1]);
        if (first) {
            window[BASE] = bin(x) - BINS / 2;
        }
        while (bin(range[1]) - bin(range[0]) >= BINS) {
            join();
        }
        slide();
        counts[(int) (bin(x) - window[BASE])]++;
    }

    long count() {
        return window[COUNT];
    }

    /** @param percentile in [0, 100]; there must be a number */
    double percentile(double percentile) {
        double rank = percentile / 100 * (count() - 1);
        long below = (long) rank;
        double low = at(below);
        double fraction = rank - below;
        return fraction == 0 ? low : low + fraction * (at(below + 1) - low);
    }

    /** All there is to save. */
    List<StateArray> state() {
        return List.of(
                new StateArray.Longs("counts", counts),
                new StateArray.Longs("window", window),
                new StateArray.Doubles("range", range));
    }

    /** The number of this rank, counted from 0: its bin is known, and the numbers in a bin are taken to be evenly spread. */
    private double at(long rank) {
        long before = 0;
        int i = 0;
        while (before + counts[i] <= rank) {
            before += counts[i++];
        }
        double low = edge(window[BASE] + i);
        double high = edge(window[BASE] + i + 1);
        double x = low + (high - low) * ((rank - before + 0.5) / counts[i]);
        return rank == 0 ? range[0] : rank == count() - 1 ? range[1] : Math.clamp(x, range[0], range[1]);
    }

    private long bin(double x) {
        return Double.doubleToRawLongBits(x) >>> (FINEST + window[JOINED]);
    }

    private double edge(long bin) {
        return Double.longBitsToDouble(bin << (FINEST + window[JOINED]));
    }

    /** Halves the number of bins to a power of two. */
    private void join() {
        long base = window[BASE] >> 1;
        for (int i = 0; i < BINS; i++) {
            long count = counts[i];
            counts[i] = 0;
            counts[(int) (((window[BASE] + i) >> 1) - base)] += count;
        }
        window[BASE] = base;
        window[JOINED]++;
    }

    /** Moves the bins so that the smallest and the largest number have one, if they have none. */
    private void slide() {
        long first = bin(range[0]);
        long last = bin(range[1]);
        if (first >= window[BASE] && last < window[BASE] + BINS) {
            return;
        }
        long base = first - (BINS - 1 - (last - first)) / 2;
        int shift = Math.clamp(base - window[BASE], -BINS, BINS);
        if (shift > 0) {
            System.arraycopy(counts, shift, counts, 0, BINS - shift);
            Arrays.fill(counts, BINS - shift, BINS, 0);
        } else {
            System.arraycopy(counts, 0, counts, -shift, BINS + shift);
            Arrays.fill(counts, 0, -shift, 0);
        }
        window[BASE] = base;
    }
}
