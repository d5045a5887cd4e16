package dev.espalier.bench.peers;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The little JSON that is written here. */
final class Json {
    private Json() {}

    /** A list of works; {@code limit} is null where none was measured. */
    static String of(Comparison comparison) {
        return comparison.rows().stream().map(Json::row).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String row(Comparison.Row row) {
        Result ours = row.espalier();
        return "  {\"work\": " + text(ours.work())
                + ", \"unit\": " + text(ours.unit())
                + ", \"espalier\": " + number(ours.median())
                + ", \"peers\": " + numbers(row.peers())
                + ", \"limit\": "
                + (row.limit().isPresent() ? number(row.limit().getAsDouble()) : "null")
                + ", \"espalier-best\": " + number(ours.best())
                + ", \"espalier-beside\": " + numbers(row.beside())
                + ", \"espalier-bytes\": " + number(ours.bytes())
                + "}";
    }

    /** One object. */
    static String of(Map<String, String> texts) {
        return texts.entrySet().stream()
                .map(entry -> "  " + text(entry.getKey()) + ": " + text(entry.getValue()))
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
    }

    private static String numbers(Map<String, Double> numbers) {
        return numbers.entrySet().stream()
                .map(entry -> text(entry.getKey()) + ": " + number(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String number(double x) {
        return String.format(Locale.ROOT, "%.5g", x);
    }

    private static String text(String x) {
        return '"' + x.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
