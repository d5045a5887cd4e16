package dev.espalier.bench.peers;

/** A task did not compute what it claims: its time is worthless. */
final class WrongResultException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongResultException(String message) {
        super(message);
    }
}
