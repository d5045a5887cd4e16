package dev.espalier.bench.peers;

import java.util.Optional;

/** A library that does some of the works, in one of the ways to call it. */
public interface Peer {
    /** Its column in the table, and its key in the JSON. */
    String name();

    /** Library and version, as its maker writes them. */
    String version();

    /** The work made ready, or nothing if this peer does not do it, or so slowly that nobody would wait. */
    Optional<Task> on(Work work, Inputs inputs);
}
