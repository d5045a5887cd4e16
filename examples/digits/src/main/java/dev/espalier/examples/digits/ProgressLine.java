package dev.espalier.examples.digits;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Lines of output, and below them a progress bar if there is a terminal to draw it on. Without one this prints the
 * lines and nothing else.
 */
final class ProgressLine implements AutoCloseable {
    private final PrintStream out;
    private final Terminal terminal;
    private ProgressBar bar;

    ProgressLine(PrintStream out) {
        this(out, hasTerminal() ? new Terminal(System.err) : null);
    }

    ProgressLine(PrintStream out, Terminal terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    private static boolean hasTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    }

    /** Shows a bar of so many steps, in place of any bar before. */
    void start(long steps) {
        close();
        if (terminal != null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("training")
                    .setInitialMax(steps)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(100)
                    .setConsumer(terminal)
                    .build();
        }
    }

    void step() {
        if (bar != null) {
            bar.step();
        }
    }

    /** Prints a line of output; a bar moves below it. */
    void line(String format, Object... arguments) {
        String line = String.format(Locale.ROOT, format, arguments);
        if (terminal == null) {
            out.println(line);
            return;
        }
        synchronized (terminal) {
            terminal.clear();
            out.println(line);
            out.flush();
        }
    }

    /** Removes the bar. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
            synchronized (terminal) {
                terminal.clear();
            }
        }
    }

    /**
     * Where the bar is drawn. The consumer that comes with the bar would start a terminal library to ask for the width;
     * eighty columns are there on any terminal, and start-up stays short.
     */
    static final class Terminal implements ProgressBarConsumer {
        private static final int WIDTH = 79;

        private final PrintStream stream;

        Terminal(PrintStream stream) {
            this.stream = stream;
        }

        @Override
        public int getMaxRenderedLength() {
            return WIDTH;
        }

        @Override
        public synchronized void accept(String rendered) {
            stream.print("\r" + rendered);
            stream.flush();
        }

        @Override
        public synchronized void clear() {
            stream.print("\r" + " ".repeat(WIDTH) + "\r");
            stream.flush();
        }

        @Override
        public void close() {}
    }
}
