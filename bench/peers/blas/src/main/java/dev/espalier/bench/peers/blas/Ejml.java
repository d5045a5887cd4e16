package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Work;
import java.util.Optional;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/** Efficient Java Matrix Library, dense float matrices. */
final class Ejml implements Peer {
    @Override
    public String name() {
        return "ejml";
    }

    @Override
    public String version() {
        return "EJML 0.46.1";
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return work instanceof Product product && PureJava.fits(product)
                ? Optional.of(product(product, inputs))
                : Optional.empty();
    }

    private static Task product(Product product, Inputs inputs) {
        FMatrixRMaj a = matrix(product.a(inputs), product.rowOfA());
        FMatrixRMaj b = matrix(product.b(inputs), product.rowOfB());
        FMatrixRMaj c = new FMatrixRMaj(product.m(), product.n());
        Runnable multiply;
        if (product.transposeA()) {
            multiply = product.transposeB()
                    ? () -> CommonOps_FDRM.multTransAB(a, b, c)
                    : () -> CommonOps_FDRM.multTransA(a, b, c);
        } else {
            multiply = product.transposeB()
                    ? () -> CommonOps_FDRM.multTransB(a, b, c)
                    : () -> CommonOps_FDRM.mult(a, b, c);
        }
        return Task.on(c.data, multiply);
    }

    private static FMatrixRMaj matrix(float[] x, int columns) {
        return FMatrixRMaj.wrap(x.length / columns, columns, x);
    }
}
