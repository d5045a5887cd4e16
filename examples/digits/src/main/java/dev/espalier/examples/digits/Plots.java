package dev.espalier.examples.digits;

import dev.espalier.train.History;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** PNG pictures of a run. The only class that touches AWT, so a run without plots never loads it. */
final class Plots {
    private static final Color TRAINING = new Color(0x1F77B4);
    private static final Color TEST = new Color(0xD95F02);
    private static final Color THRESHOLD = new Color(0xB2182B);
    private static final Color FAINT = new Color(0xA6C8E4);

    private final Path folder;

    private Plots(Path folder) {
        this.folder = folder;
    }

    /** Finds out before a long run whether there will be a place and fonts for its plots. */
    static Plots into(Path folder) throws Mistake {
        System.setProperty("java.awt.headless", "true");
        try {
            Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
            graphics.getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 12)).stringWidth("0");
            graphics.dispose();
        } catch (RuntimeException | LinkageError | InternalError e) {
            // What the JDK throws on a machine without fontconfig, freetype or any font differs by what is missing.
            throw new Mistake("--plots needs fonts, and this machine has none that Java can use (" + e.getMessage()
                    + "); install fontconfig and a font, or leave --plots out.");
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new Mistake("--plots " + folder + ": no such folder can be made here.");
        }
        if (!Files.isWritable(folder)) {
            throw new Mistake("--plots " + folder + ": the folder cannot be written to.");
        }
        return new Plots(folder);
    }

    /** Writes {@code loss.png}, {@code accuracy.png} and {@code gradient-norm.png} of a run with validation. */
    void write(History history, ClipOption clip) throws Mistake {
        loss(history);
        accuracy(history);
        gradientNorm(history, clip);
    }

    private void loss(History history) throws Mistake {
        XYChart chart = chart("Loss", "cross-entropy", history);
        double[] batches = history.losses();
        double[] epochs = epochs(history, epoch -> epoch.epoch() + 1);
        double[] training = epochs(history, History.Epoch::loss);
        double[] test = epochs(history, History.Epoch::validationLoss);
        add(chart, "one batch", steps(history), batches, FAINT, points(batches.length), 1);
        add(chart, "training, mean of the epoch", epochs, training, TRAINING, SeriesMarkers.CIRCLE, 2);
        add(chart, "test", epochs, test, TEST, SeriesMarkers.DIAMOND, 2);
        save(chart, "loss.png");
    }

    private void accuracy(History history) throws Mistake {
        XYChart chart = chart("Accuracy", "share of digits recognized", history);
        double[] epochs = epochs(history, epoch -> epoch.epoch() + 1);
        double[] training = epochs(history, History.Epoch::accuracy);
        double[] test = epochs(history, History.Epoch::validationAccuracy);
        add(chart, "training, while it learns", epochs, training, TRAINING, SeriesMarkers.CIRCLE, 2);
        add(chart, "test", epochs, test, TEST, SeriesMarkers.DIAMOND, 2);
        chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
        save(chart, "accuracy.png");
    }

    /** The global norm of each step before and after clipping, and the thresholds that norms are kept below. */
    private void gradientNorm(History history, ClipOption clip) throws Mistake {
        XYChart chart = chart("Gradient norm, clip " + clip.clip(), "global norm", history);
        double[] x = steps(history);
        add(chart, "before clipping", x, history.normsBefore(), FAINT, points(x.length), 1);
        add(chart, "after clipping", x, history.normsAfter(), TRAINING, points(x.length), 1);
        for (ClipOption.Norm norm : new LinkedHashSet<>(clip.norms())) {
            if (norm.threshold() > 0 && norm.threshold() < Float.POSITIVE_INFINITY) {
                double[] threshold = {norm.threshold(), norm.threshold()};
                String name = norm.name() + " " + norm.threshold();
                add(
                        chart,
                        name,
                        new double[] {first(history), last(history)},
                        threshold,
                        THRESHOLD,
                        SeriesMarkers.NONE,
                        2);
            }
        }
        save(chart, "gradient-norm.png");
    }

    private static XYChart chart(String title, String y, History history) {
        double first = first(history);
        double last = last(history);
        XYChart chart = new XYChartBuilder()
                .width(900)
                .height(560)
                .theme(ChartTheme.Matlab)
                .title(title)
                .xAxisTitle("epoch")
                .yAxisTitle(y)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        chart.getStyler().setXAxisMin(first).setXAxisMax(last);
        chart.getStyler().setYAxisDecimalPattern("0.######");
        // The ticks follow points that are equally spaced, wherever those lie; this invisible one keeps them on round
        // numbers.
        chart.addSeries(" ", new double[] {first, first + 0.01 * (last - first)}, new double[] {Double.NaN, Double.NaN})
                .setShowInLegend(false);
        chart.getStyler().setPlotGridLinesColor(new Color(0xDDDDDD));
        return chart;
    }

    private static void add(
            XYChart chart, String name, double[] x, double[] y, Color color, Marker marker, float width) {
        if (x.length == 0) {
            return;
        }
        XYSeries series = chart.addSeries(name, x, finite(y));
        series.setMarker(marker);
        series.setMarkerColor(color);
        series.setLineColor(color);
        series.setLineStyle(new BasicStroke(width));
    }

    /** So few steps that a line alone may be too short to see. */
    private static Marker points(int count) {
        return count < 40 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE;
    }

    /** A step that overflowed leaves a gap in the line instead of an axis to infinity. */
    private static double[] finite(double[] y) {
        double[] finite = y.clone();
        for (int i = 0; i < finite.length; i++) {
            if (!Double.isFinite(finite[i])) {
                finite[i] = Double.NaN;
            }
        }
        return finite;
    }

    /** A figure of each epoch. */
    private static double[] epochs(History history, ToDoubleFunction<History.Epoch> figure) {
        return history.epochs().stream().mapToDouble(figure).toArray();
    }

    /** Steps on the axis of epochs, which counts those before a run was resumed. */
    private static double[] steps(History history) {
        double[] x = new double[history.steps()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (history.firstStep() + i + 0.5) / history.stepsPerEpoch();
        }
        return x;
    }

    /** Where the first epoch of the run begins. */
    private static double first(History history) {
        return history.epochOf(0);
    }

    /** Where the last one ends. */
    private static double last(History history) {
        return history.epochOf(history.steps() - 1) + 1;
    }

    private void save(XYChart chart, String name) throws Mistake {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            ChartEncoder.saveChart(chart, out, "png");
        } catch (IOException e) {
            throw new Mistake("--plots: " + file + " cannot be written (" + e.getMessage() + ").");
        }
    }
}
