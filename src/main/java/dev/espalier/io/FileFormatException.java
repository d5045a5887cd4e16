package dev.espalier.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file that is cut short, corrupt, foreign, or not what the reader was asked for. The message is {@code file: where: what},
 * where being a byte, a line and column, or a name within the file. Whoever threw it has changed nothing but the position in the
 * file.
 */
public final class FileFormatException extends IOException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST = 500;

    /** A path cannot be serialized. */
    private final transient @Nullable Path file;

    private final String where;

    /** An exception that says {@code file: where: what}. */
    public FileFormatException(Path file, String where, String what) {
        super(file + ": " + shown(where) + ": " + shown(what));
        this.file = file;
        this.where = shown(where);
    }

    FileFormatException(Path file, long offset, String what) {
        this(file, "byte " + offset, what);
    }

    /** Names from a foreign file stand in messages: neither their length nor their line breaks belong into a log. */
    private static String shown(String what) {
        String start = what.length() <= LONGEST ? what : what.substring(0, LONGEST) + "…";
        return start.replaceAll("[\\p{Cc}\\p{Zl}\\p{Zp}]", "?");
    }

    /** The file; null in an exception that was serialized. */
    public @Nullable Path file() {
        return file;
    }

    /** Where in it, for example {@code byte 8} or {@code line 3, column 7}. */
    public String where() {
        return where;
    }
}
