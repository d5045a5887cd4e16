package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Peers;
import java.util.List;
import org.bytedeco.mkl.global.mkl_rt;

/** Intel's library. One thread through MKL_NUM_THREADS=1. */
public final class Mkl implements Peers {
    private static final String VERSION = "MKL 2025.3 by bytedeco 1.5.13";

    @Override
    public List<Peer> peers() {
        return List.of(
                Cblas.onNativeMemory("mkl-native", VERSION, mkl_rt::cblas_sgemm),
                Cblas.onArrays("mkl-array", VERSION, mkl_rt::cblas_sgemm));
    }
}
