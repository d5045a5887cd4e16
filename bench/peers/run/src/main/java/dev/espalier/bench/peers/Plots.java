package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Draws the comparison, one picture for each kind of work. */
final class Plots {
    /** They serve ratios in the table; in a picture of libraries they would confuse. */
    private static final Set<String> NO_LIBRARIES = Set.of(Memory.NAME, Parts.NAME);

    private static final Map<String, String> TITLES = Map.of(
            "sgemm", "Matrix products (m x k x n), one thread",
            "primitives", "Clipping primitives over n floats, one thread",
            "adam", "Adam over n parameters, with clipping, one thread",
            "step", "Training 784-64-10 with Adam, one thread");

    private Plots() {}

    static void write(Comparison comparison, Map<String, String> machine, Path folder) throws IOException {
        for (String family : comparison.families()) {
            List<Comparison.Row> rows = comparison.rows(family).stream()
                    .filter(row -> !NO_LIBRARIES.containsAll(row.peers().keySet()))
                    .toList();
            if (!rows.isEmpty()) {
                String subtitle = machine.get("cpu") + "; JDK " + Runtime.version() + "; " + machine.get("date");
                Files.writeString(
                        folder.resolve(family + ".svg"),
                        chart(TITLES.get(family), subtitle, rows).svg());
            }
        }
    }

    /** A rate is drawn as it is, against its limit; a time as a multiple, so that small and large works fit on one axis. */
    private static BarChart chart(String title, String subtitle, List<Comparison.Row> rows) {
        if (rows.getFirst().espalier().rate()) {
            return new BarChart(title, subtitle, "GFLOP/s, longer is better", groups(rows, row -> 1));
        }
        boolean limits = rows.stream().allMatch(row -> row.limit().isPresent());
        String axis = "time as a multiple of " + (limits ? "the limit" : "Espalier's") + ", shorter is better";
        return new BarChart(
                title,
                subtitle,
                axis,
                groups(
                        rows,
                        row -> limits
                                ? row.limit().orElseThrow()
                                : row.espalier().median()));
    }

    private static List<BarChart.Group> groups(List<Comparison.Row> rows, ToDoubleFunction<Comparison.Row> unit) {
        return rows.stream().map(row -> group(row, unit.applyAsDouble(row))).toList();
    }

    private static BarChart.Group group(Comparison.Row row, double unit) {
        Result ours = row.espalier();
        List<BarChart.Bar> bars = new ArrayList<>();
        bars.add(new BarChart.Bar(Espalier.NAME, ours.median() / unit, label(ours, ours.median()), true));
        row.peers().forEach((peer, median) -> {
            if (!NO_LIBRARIES.contains(peer)) {
                bars.add(new BarChart.Bar(peer, median / unit, label(ours, median), false));
            }
        });
        return new BarChart.Group(ours.work(), bars, limit(row, unit));
    }

    private static OptionalDouble limit(Comparison.Row row, double unit) {
        return row.limit().isPresent() ? OptionalDouble.of(row.limit().getAsDouble() / unit) : OptionalDouble.empty();
    }

    private static String label(Result ours, double median) {
        if (ours.rate()) {
            return Table.number(median);
        }
        return median >= 10_000 ? Table.number(median / 1000) + " ms" : Table.number(median) + " µs";
    }
}
