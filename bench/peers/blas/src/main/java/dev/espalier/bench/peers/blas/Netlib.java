package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Sweep;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Work;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.Optional;

/** dev.ludovic.netlib: Fortran's BLAS on the Vector API. */
final class Netlib implements Peer {
    @Override
    public String name() {
        return "netlib";
    }

    @Override
    public String version() {
        return "dev.ludovic.netlib 3.2.0, " + JavaBLAS.getInstance().getClass().getSimpleName();
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product product when PureJava.fits(product) -> Optional.of(product(product, inputs));
            case Sweep sweep when sweep.threads() == 1 -> sweep(sweep, inputs);
            default -> Optional.empty();
        };
    }

    /** Columns come first in Fortran: it computes C' = B'A'. */
    private static Task product(Product product, Inputs inputs) {
        JavaBLAS blas = JavaBLAS.getInstance();
        float[] a = product.a(inputs);
        float[] b = product.b(inputs);
        float[] c = new float[product.m() * product.n()];
        return Task.on(
                c,
                () -> blas.sgemm(
                        product.transposeB() ? "T" : "N",
                        product.transposeA() ? "T" : "N",
                        product.n(),
                        product.m(),
                        product.k(),
                        1,
                        b,
                        product.rowOfB(),
                        a,
                        product.rowOfA(),
                        0,
                        c,
                        product.n()));
    }

    private static Optional<Task> sweep(Sweep sweep, Inputs inputs) {
        JavaBLAS blas = JavaBLAS.getInstance();
        int n = sweep.n();
        float[] x = sweep.x(inputs);
        double tolerance = Task.toleranceInFloat(n);
        return switch (sweep.kind()) {
            case CLAMP -> Optional.empty();
            case SCALE -> Optional.of(Task.on(x, () -> blas.sscal(n, Sweep.FACTOR, x, 1)));
            case SUM_OF_SQUARES -> Optional.of(Task.of(x, tolerance, () -> Math.pow(blas.snrm2(n, x, 1), 2)));
            case NORM_BELOW -> Optional.of(Task.of(x, tolerance, () -> blas.snrm2(n, x, 1)));
            case NORM_ABOVE ->
                Optional.of(Task.of(x, tolerance, () -> {
                    double norm = blas.snrm2(n, x, 1);
                    blas.sscal(n, Sweep.FACTOR, x, 1);
                    return norm;
                }));
        };
    }
}
