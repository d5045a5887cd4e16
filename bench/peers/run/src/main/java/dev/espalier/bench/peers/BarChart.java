package dev.espalier.bench.peers;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Horizontal bars on a logarithmic axis, as SVG text: no fonts and no window system are needed, and a change can be reviewed.
 *
 * @param axis what the bars are as long as
 */
record BarChart(String title, String subtitle, String axis, List<Group> groups) {
    /**
     * Bars that belong together.
     *
     * @param limit a line across them
     */
    record Group(String name, List<Bar> bars, OptionalDouble limit) {}

    /**
     * One bar.
     *
     * @param text written behind it
     */
    record Bar(String name, double value, String text, boolean highlighted) {}

    private static final int WIDTH = 900;
    private static final int LEFT = 330;
    private static final int RIGHT = 90;
    private static final int TOP = 86;
    private static final int BAR = 13;
    private static final int GAP = 12;
    private static final int BOTTOM = 14;

    private static final String OURS = "#12724a";
    private static final String OTHERS = "#a9b6c4";
    private static final String LIMIT = "#c2410c";

    /** So many times the left end of the axis, so that it can be seen. */
    private static final double SHORTEST = 1.3;

    /** A line behind a text does not make it illegible. */
    private static final String HALO = "paint-order=\"stroke\" stroke=\"white\" stroke-width=\"3\"";

    String svg() {
        double low = Math.pow(10, Math.floor(Math.log10(values().min().orElse(1) / SHORTEST)));
        double high = values().max().orElse(1) * 1.05;
        int height = TOP
                + BOTTOM
                + groups.stream()
                        .mapToInt(group -> group.bars.size() * BAR + GAP)
                        .sum();
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
                        + "font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\" fill=\"#1f2933\">%n",
                WIDTH, height, WIDTH, height));
        out.append(String.format("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, height));
        text(out, 16, 26, "font-size=\"17\" font-weight=\"bold\"", title);
        text(out, 16, 44, "fill=\"#52606d\"", subtitle);
        text(out, LEFT, 66, "fill=\"#52606d\"", axis);
        if (groups.stream().anyMatch(group -> group.limit.isPresent())) {
            text(out, WIDTH - 16, 66, "text-anchor=\"end\" fill=\"" + LIMIT + "\"", "dashed line: limit measured in C");
        }
        ticks(out, low, high, height);
        int y = TOP;
        for (Group group : groups) {
            y = draw(out, group, y, low, high);
        }
        return out.append("</svg>\n").toString();
    }

    private DoubleStream values() {
        return groups.stream()
                .flatMapToDouble(group ->
                        DoubleStream.concat(group.bars.stream().mapToDouble(Bar::value), group.limit.stream()));
    }

    private static int draw(StringBuilder out, Group group, int top, double low, double high) {
        int y = top;
        text(out, 16, top + BAR - 3, "font-weight=\"bold\"", group.name);
        for (Bar bar : group.bars) {
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                    LEFT,
                    y + 1,
                    Math.max(1, x(bar.value, low, high) - LEFT),
                    BAR - 2,
                    bar.highlighted ? OURS : OTHERS));
            y += BAR;
        }
        if (group.limit.isPresent()) {
            double x = x(group.limit.getAsDouble(), low, high);
            out.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%.1f %d V%d\" stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"4 3\"/>%n",
                    x,
                    top - 2,
                    top + group.bars.size() * BAR + 2,
                    LIMIT));
        }
        y = top;
        for (Bar bar : group.bars) {
            String weight = bar.highlighted ? " font-weight=\"bold\"" : "";
            text(out, LEFT - 6, y + BAR - 3, "text-anchor=\"end\"" + weight, bar.name);
            text(out, x(bar.value, low, high) + 5, y + BAR - 3, HALO + weight, bar.text);
            y += BAR;
        }
        return y + GAP;
    }

    /** A line at each power of ten. */
    private static void ticks(StringBuilder out, double low, double high, int height) {
        for (double tick = low; tick <= high; tick *= 10) {
            double x = x(tick, low, high);
            out.append(String.format(
                    Locale.ROOT, "<path d=\"M%.1f %d V%d\" stroke=\"#e4e7eb\"/>%n", x, TOP - 4, height - BOTTOM));
            text(out, x, TOP - 7, "text-anchor=\"middle\" fill=\"#7b8794\"", Table.plain(tick));
        }
    }

    private static double x(double value, double low, double high) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.log(value / low) / Math.log(high / low);
    }

    private static void text(StringBuilder out, double x, int y, String attributes, String text) {
        String escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        out.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" %s>%s</text>%n", x, y, attributes, escaped));
    }
}
