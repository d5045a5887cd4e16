package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Peers;
import java.util.List;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS. One thread through OPENBLAS_NUM_THREADS=1. */
public final class OpenBlas implements Peers {
    private static final String VERSION = "OpenBLAS 0.3.31 by bytedeco 1.5.13";

    @Override
    public List<Peer> peers() {
        return List.of(
                Cblas.onNativeMemory("openblas-native", VERSION, openblas_nolapack::cblas_sgemm),
                Cblas.onArrays("openblas-array", VERSION, openblas_nolapack::cblas_sgemm));
    }
}
