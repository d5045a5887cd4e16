package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Peers;
import dev.espalier.bench.peers.Product;
import java.util.List;

/** Libraries without native code, and none at all. */
public final class PureJava implements Peers {
    /** That of 512³: the speed does not change any more, but at 2 to 3 GFLOP/s larger products take seconds. */
    private static final double MOST_FLOPS = 0x1p28;

    @Override
    public List<Peer> peers() {
        return List.of(new Netlib(), new Ejml(), new JavaLoop());
    }

    /** Whether these libraries finish the product soon enough. */
    static boolean fits(Product product) {
        return product.threads() == 1 && product.flops() <= MOST_FLOPS;
    }
}
