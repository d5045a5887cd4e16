package dev.espalier.bench.peers.nd4j;

import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Peers;
import java.util.List;

/** ND4J for arrays, DL4J for training. One thread through OMP_NUM_THREADS=1. */
public final class Nd4jPeers implements Peers {
    static final String VERSION = "1.0.0-M2.1";

    @Override
    public List<Peer> peers() {
        return List.of(new Nd4jPeer(), new Dl4jPeer());
    }
}
