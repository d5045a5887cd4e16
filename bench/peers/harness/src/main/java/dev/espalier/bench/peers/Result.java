package dev.espalier.bench.peers;

import java.util.List;
import java.util.Locale;

/**
 * What one peer needs for one work, and how it travels from a child to the program that started it.
 *
 * @param family the kind of work: {@code sgemm}, {@code primitives}, {@code adam}, {@code step}
 * @param unit GFLOP/s or us
 * @param median of all rounds
 * @param best of all rounds
 * @param bytes allocated on the heap per run
 */
public record Result(String family, String work, String unit, String peer, double median, double best, double bytes) {
    private static final String MARK = "result";
    private static final String RATE = "GFLOP/s";

    static Result of(Work work, String suffix, String peer, List<Double> seconds, double bytes) {
        double least = seconds.stream().min(Double::compare).orElseThrow();
        return new Result(
                work.family(),
                work.name() + suffix,
                work.flops() > 0 ? RATE : "us",
                peer,
                inUnit(work, median(seconds)),
                inUnit(work, least),
                bytes);
    }

    private static double inUnit(Work work, double seconds) {
        return work.flops() > 0 ? work.flops() / seconds * 1e-9 : seconds * 1e6;
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Whether a larger number is better. */
    public boolean rate() {
        return unit.equals(RATE);
    }

    /** The result as one line. */
    public String line() {
        return String.format(
                Locale.ROOT,
                "%s\t%s\t%s\t%s\t%s\t%.6g\t%.6g\t%.3f",
                MARK,
                family,
                work,
                unit,
                peer,
                median,
                best,
                bytes);
    }

    /** Whether a line is one. */
    public static boolean isLine(String line) {
        return line.startsWith(MARK + "\t");
    }

    /** The result of a {@link #line}. */
    public static Result parse(String line) {
        String[] field = line.split("\t");
        return new Result(
                field[1],
                field[2],
                field[3],
                field[4],
                Double.parseDouble(field[5]),
                Double.parseDouble(field[6]),
                Double.parseDouble(field[7]));
    }
}
