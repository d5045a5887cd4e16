package dev.espalier.internal;

import java.util.ServiceConfigurationError;

/** What users should know and no result can tell them. */
public final class Log {
    private Log() {}

    /** Tells the {@link System.Logger} called {@code name}. One that is broken must end no training, and take no kernel with it. */
    public static void warn(String name, String text) {
        try {
            System.getLogger(name).log(System.Logger.Level.WARNING, text);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            // There is nobody to tell.
        }
    }
}
