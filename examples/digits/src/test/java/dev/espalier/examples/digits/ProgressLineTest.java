package dev.espalier.examples.digits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

    @Test
    void withoutATerminalThereAreLinesAndNoBar() {
        try (ProgressLine progress = new ProgressLine(new PrintStream(out, true), null)) {
            progress.start(2);
            progress.step();
            progress.line("half %.1f", 0.5);
            progress.step();
        }
        assertEquals("half 0.5" + System.lineSeparator(), out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void onATerminalTheBarIsDrawnAndRemoved() {
        ProgressLine.Terminal terminal = new ProgressLine.Terminal(new PrintStream(screen, true));
        try (ProgressLine progress = new ProgressLine(new PrintStream(out, true), terminal)) {
            progress.start(4);
            progress.step();
            progress.line("one");
            progress.step();
        }
        assertEquals("one" + System.lineSeparator(), out.toString(StandardCharsets.UTF_8));
        String drawn = screen.toString(StandardCharsets.UTF_8);
        assertTrue(drawn.contains("training"), drawn);
        assertTrue(drawn.endsWith("\r" + " ".repeat(79) + "\r"), drawn);
        for (String line : drawn.split("\r")) {
            assertTrue(line.length() <= 79, line);
        }
    }
}
