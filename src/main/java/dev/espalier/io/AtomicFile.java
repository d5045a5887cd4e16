package dev.espalier.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes a whole file or nothing: to a temporary file beside it, forced to disk, then moved into place atomically. Whatever happens
 * to the process, the file is the old or the new one.
 */
final class AtomicFile {
    /** Code points of a name that the temporary one begins with. */
    private static final int LONGEST_NAME = 50;

    private AtomicFile() {}

    /** Writes the content of a file; the same each time it is asked. */
    @FunctionalInterface
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Writes it, also on a thread that is interrupted: streams, unlike channels, do not mind. */
    static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        Path name = target.getFileName();
        if (folder == null || name == null || Files.isDirectory(target)) {
            throw new IOException(file + ": expected the name of a file");
        }
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(file.toString(), null, "no such folder: " + folder);
        }
        boolean old = Files.isRegularFile(target, LinkOption.NOFOLLOW_LINKS);
        if (!old && !Files.isSymbolicLink(target) && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            // A device or a pipe, which a file would replace.
            throw new IOException(file + ": expected a regular file");
        }
        // A name of its own, so that two writers never share a temporary file; the last to move wins.
        String random = Long.toHexString(ThreadLocalRandom.current().nextLong());
        Path temporary = folder.resolve("." + shortened(name.toString()) + "." + random + ".tmp");
        try {
            // Unlike a channel of one's own, the stream of a file does not close under a thread that is interrupted.
            try (OutputStream out =
                    Files.newOutputStream(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                if (old) {
                    keepPermissions(target, temporary);
                }
                content.writeTo(out);
            }
            force(temporary, StandardOpenOption.WRITE);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try {
                force(folder, StandardOpenOption.READ);
            } catch (IOException e) {
                // Not every system lets a folder be opened; the file is whole either way.
            }
        } catch (IOException e) {
            remove(temporary, e);
            // What the system says names the temporary file, or none.
            throw new IOException(file + ": not written: " + e.getMessage(), e);
        } catch (Throwable e) {
            remove(temporary, e);
            throw e;
        }
    }

    /** Names have an end, and the temporary one is longer. */
    private static String shortened(String name) {
        return name.substring(
                0, name.offsetByCodePoints(0, Math.min(LONGEST_NAME, name.codePointCount(0, name.length()))));
    }

    /** What only its owner may read stays so. */
    private static void keepPermissions(Path from, Path to) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(from, PosixFileAttributeView.class);
        if (view != null) {
            try {
                Files.setPosixFilePermissions(to, view.readAttributes().permissions());
            } catch (NoSuchFileException e) {
                // Moved away meanwhile: there is nothing to keep.
            }
        }
    }

    private static void remove(Path temporary, Throwable cause) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /** Forces to disk what was written, also on a thread that is interrupted; it stays so. */
    private static void force(Path path, StandardOpenOption how) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try (FileChannel channel = FileChannel.open(path, how)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    // Again: what is on disk by now need not be written once more.
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
