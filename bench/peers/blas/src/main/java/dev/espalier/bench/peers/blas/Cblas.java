package dev.espalier.bench.peers.blas;

import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Work;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;

/**
 * The matrix product of a native BLAS, called through JavaCPP.
 *
 * @param <P> what it is called with: native memory, or arrays that JavaCPP copies
 */
final class Cblas<P> implements Peer {
    /** The numbers of the C interface of BLAS, the same in every library. */
    private static final int ROW_MAJOR = 101;

    private static final int NO_TRANSPOSE = 111;
    private static final int TRANSPOSE = 112;

    /** {@code cblas_sgemm}. */
    interface Sgemm<P> {
        void call(
                int order,
                int transposeA,
                int transposeB,
                int m,
                int n,
                int k,
                float alpha,
                P a,
                int rowOfA,
                P b,
                int rowOfB,
                float beta,
                P c,
                int rowOfC);
    }

    private interface Memory<P> {
        P of(float[] x);

        float at(P x, int i);

        void free(P x);
    }

    private final String name;
    private final String version;
    private final Sgemm<P> sgemm;
    private final Memory<P> memory;

    private Cblas(String name, String version, Sgemm<P> sgemm, Memory<P> memory) {
        this.name = name;
        this.version = version;
        this.sgemm = sgemm;
        this.memory = memory;
    }

    static Cblas<FloatPointer> onNativeMemory(String name, String version, Sgemm<FloatPointer> sgemm) {
        return new Cblas<>(name, version, sgemm, new Memory<>() {
            @Override
            public FloatPointer of(float[] x) {
                return new FloatPointer(x);
            }

            @Override
            public float at(FloatPointer x, int i) {
                return x.get(i);
            }

            @Override
            public void free(FloatPointer x) {
                x.deallocate();
            }
        });
    }

    static Cblas<float[]> onArrays(String name, String version, Sgemm<float[]> sgemm) {
        return new Cblas<>(name, version, sgemm, new Memory<>() {
            @Override
            public float[] of(float[] x) {
                return x;
            }

            @Override
            public float at(float[] x, int i) {
                return x[i];
            }

            @Override
            public void free(float[] x) {}
        });
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return work instanceof Product product && product.threads() == 1
                ? Optional.of(product(product, inputs))
                : Optional.empty();
    }

    private Task product(Product product, Inputs inputs) {
        P a = memory.of(product.a(inputs));
        P b = memory.of(product.b(inputs));
        P c = memory.of(new float[product.m() * product.n()]);
        return new Task() {
            @Override
            public void run() {
                sgemm.call(
                        ROW_MAJOR,
                        product.transposeA() ? TRANSPOSE : NO_TRANSPOSE,
                        product.transposeB() ? TRANSPOSE : NO_TRANSPOSE,
                        product.m(),
                        product.n(),
                        product.k(),
                        1,
                        a,
                        product.rowOfA(),
                        b,
                        product.rowOfB(),
                        0,
                        c,
                        product.n());
            }

            @Override
            public float at(int i) {
                return memory.at(c, i);
            }

            @Override
            public void close() {
                memory.free(a);
                memory.free(b);
                memory.free(c);
            }
        };
    }
}
