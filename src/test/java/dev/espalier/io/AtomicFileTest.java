package dev.espalier.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    Path folder;

    private void write(Path file) throws IOException {
        AtomicFile.write(file, out -> out.write(CONTENT));
    }

    private void assertOnly(Path file) throws IOException {
        assertArrayEquals(CONTENT, Files.readAllBytes(file));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void namesMayBeAsLongAsTheSystemAllows() throws IOException {
        Path file = folder.resolve("x".repeat(251) + ".npy");
        write(file);
        assertOnly(file);
    }

    /** 𝄞 is one code point of two chars, which must not be cut apart. */
    @Test
    void longNamesAreShortenedBetweenCodePoints() throws IOException {
        Path file = folder.resolve("x" + "𝄞".repeat(60));
        write(file);
        assertOnly(file);
    }

    /** What the system says of a full disk names no file. */
    @Test
    void aFileThatCannotBeWrittenIsNamedAndLeftAsItWas() throws IOException {
        Path file = folder.resolve("file");
        write(file);
        IOException e = assertThrows(
                IOException.class,
                () -> AtomicFile.write(file, out -> {
                    out.write(new byte[7]);
                    throw new IOException("No space left on device");
                }));
        assertEquals(file + ": not written: No space left on device", e.getMessage());
        assertOnly(file);
    }

    @Test
    void aFileThatIsReplacedKeepsItsPermissions() throws IOException {
        assumeTrue(
                Files.getFileAttributeView(folder, PosixFileAttributeView.class) != null,
                "this file system has no POSIX permissions");
        Path file = folder.resolve("file");
        write(file);
        for (String permissions : List.of("rw-------", "rw-rw-rw-")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
            write(file);
            assertEquals(permissions, PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        }
        assertOnly(file);
    }

    @Test
    void whatIsNoRegularFileStays() throws IOException {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(socket));
            Exception e = assertThrows(IOException.class, () -> write(socket));
            assertEquals(socket + ": expected a regular file", e.getMessage());
            assertTrue(Files.exists(socket, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(socket));
        }
    }

    @Test
    void aLinkIsReplacedAndNotFollowed() throws IOException {
        Path target = Files.write(folder.resolve("target"), new byte[] {9});
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        write(link);
        assertArrayEquals(CONTENT, Files.readAllBytes(link));
        assertTrue(Files.isRegularFile(link, LinkOption.NOFOLLOW_LINKS));
        assertArrayEquals(new byte[] {9}, Files.readAllBytes(target));
    }
}
