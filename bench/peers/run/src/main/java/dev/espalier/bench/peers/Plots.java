package dev.espalier.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

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
            List<BarChart.Group> groups = comparison.rows(family).stream()
                    .filter(row -> !NO_LIBRARIES.containsAll(row.peers().keySet()))
                    .map(Plots::group)
                    .toList();
            if (groups.isEmpty()) {
                continue;
            }
            boolean rate = comparison.rows(family).getFirst().espalier().rate();
            String axis = rate ? "GFLOP/s, longer is better" : "time as a multiple of the limit, shorter is better";
            String subtitle = machine.get("cpu") + "; JDK " + Runtime.version() + "; " + machine.get("date");
            BarChart chart = new BarChart(TITLES.get(family), subtitle, axis, groups);
            Files.writeString(folder.resolve(family + ".svg"), chart.svg());
        }
    }

    /** A rate is drawn as it is, against its limit; a time as a multiple, so that small and large works fit on one axis. */
    private static BarChart.Group group(Comparison.Row row) {
        Result ours = row.espalier();
        double unit = ours.rate() ? 1 : row.limit().orElse(ours.median());
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
