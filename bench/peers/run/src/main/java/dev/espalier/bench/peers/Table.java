package dev.espalier.bench.peers;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** The comparison as text: one table for each kind of work. */
final class Table {
    private Table() {}

    static void print(Comparison comparison, PrintStream out) {
        for (String family : comparison.families()) {
            print(comparison, comparison.rows(family), out);
        }
        out.println();
        out.println(
                "Medians. (r): Espalier is r times as fast as that peer, or reaches r of the limit, both measured in turn.");
        out.println(
                "x plain: its time as a multiple of that without clip or transposes. B/op: bytes it allocates in a run.");
    }

    private static void print(Comparison comparison, List<Comparison.Row> rows, PrintStream out) {
        Set<String> peers = new LinkedHashSet<>();
        rows.forEach(row -> peers.addAll(row.peers().keySet()));
        List<List<String>> cells = new ArrayList<>();
        List<String> head =
                new ArrayList<>(List.of(rows.getFirst().espalier().unit(), "espalier", "B/op", "x plain", "limit"));
        head.addAll(peers);
        cells.add(head);
        for (Comparison.Row row : rows) {
            Result ours = row.espalier();
            List<String> line = new ArrayList<>();
            line.add(ours.work());
            line.add(number(ours.median()));
            line.add(String.format(Locale.ROOT, "%.0f", ours.bytes()));
            OptionalDouble overhead = comparison.overhead(row);
            line.add(overhead.isPresent() ? String.format(Locale.ROOT, "%.3f", overhead.getAsDouble()) : "");
            line.add(row.limit().isPresent() ? withRatio(row.limit().getAsDouble(), row.ofLimit()) : "");
            for (String peer : peers) {
                line.add(row.peers().containsKey(peer) ? withRatio(row.peers().get(peer), row.ratio(peer)) : "");
            }
            cells.add(line);
        }
        out.println();
        int[] widths = new int[head.size()];
        for (List<String> line : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (List<String> line : cells) {
            StringBuilder text = new StringBuilder(String.format("%-" + widths[0] + "s", line.getFirst()));
            for (int i = 1; i < widths.length; i++) {
                text.append(String.format("  %" + widths[i] + "s", line.get(i)));
            }
            out.println(text.toString().stripTrailing());
        }
    }

    private static String withRatio(double value, double ratio) {
        return String.format(Locale.ROOT, "%s (%.2f)", number(value), ratio);
    }

    /** Three digits, or all before the point. */
    static String number(double x) {
        return String.format(Locale.ROOT, x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x);
    }

    /** A power of ten. */
    static String plain(double x) {
        return BigDecimal.valueOf(x)
                .round(new MathContext(2))
                .stripTrailingZeros()
                .toPlainString();
    }
}
