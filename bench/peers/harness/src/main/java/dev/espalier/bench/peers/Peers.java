package dev.espalier.bench.peers;

import java.util.List;

/** The peers of one library, found as a service. Making them loads no native code: that happens when one is asked for work. */
public interface Peers {
    List<Peer> peers();
}
