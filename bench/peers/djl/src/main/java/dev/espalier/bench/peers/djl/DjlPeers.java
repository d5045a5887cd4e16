package dev.espalier.bench.peers.djl;

import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Peers;
import java.util.List;

/** DJL on PyTorch. */
public final class DjlPeers implements Peers {
    @Override
    public List<Peer> peers() {
        return List.of(new Djl());
    }
}
