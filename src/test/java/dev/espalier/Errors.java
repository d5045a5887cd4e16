package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Assertions on exceptions and what they say. */
public final class Errors {
    private Errors() {}

    /** An IllegalArgumentException whose message holds all the parts. */
    public static void assertIllegal(Executable call, String... parts) {
        assertError(IllegalArgumentException.class, call, parts);
    }

    /** An IndexOutOfBoundsException whose message holds all the parts. */
    public static void assertOutOfBounds(Executable call, String... parts) {
        assertError(IndexOutOfBoundsException.class, call, parts);
    }

    private static void assertError(Class<? extends Exception> type, Executable call, String... parts) {
        String message = assertThrows(type, call).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "expected \"" + part + "\" in \"" + message + "\"");
        }
    }
}
