package dev.espalier.examples.digits;

/** Something the user got wrong or the machine lacks. Its message is one plain sentence; no stack trace is shown. */
final class Mistake extends Exception {
    private static final long serialVersionUID = 1;

    Mistake(String message) {
        super(message);
    }
}
