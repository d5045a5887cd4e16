package dev.espalier.bench.peers;

import dev.espalier.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What the hardware, or a C loop, needs for the same work: the column {@code limit}. */
final class Limit implements Peer {
    static final String NAME = "limit";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "C, gcc -O3 -march=native -fno-math-errno -fno-trapping-math, FMA peak at " + bits() + " bits";
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product product -> Optional.of(peak(product));
            case Sweep sweep -> Optional.of(sweep(sweep, inputs));
            case AdamUpdate update -> Optional.of(adam(update, inputs));
            case Training training -> Optional.of(training(training, inputs));
        };
    }

    /** The width the kernels use; where they are scalar, the compiler may use any. */
    private static int bits() {
        return Kernels.backend().vector() ? Kernels.backend().bits() : 256;
    }

    private static Task peak(Product product) {
        Runnable share = () -> CLoops.peak(bits(), product.flops() / product.threads());
        return Task.unverified(product.threads() == 1 ? share : both(share, share));
    }

    private static Task sweep(Sweep sweep, Inputs inputs) {
        float[] x = sweep.x(inputs);
        MemorySegment all = MemorySegment.ofArray(x);
        return switch (sweep.kind()) {
            case CLAMP -> Task.on(x, () -> CLoops.clamp(all, -Sweep.BOUND, Sweep.BOUND));
            case SCALE -> Task.on(x, () -> CLoops.scale(all, Sweep.FACTOR));
            case SUM_OF_SQUARES -> {
                MemorySegment left = half(all, 0);
                MemorySegment right = half(all, 1);
                yield sweep.threads() == 1
                        ? Task.of(() -> CLoops.sumOfSquares(all))
                        : Task.unverified(both(() -> CLoops.sumOfSquares(left), () -> CLoops.sumOfSquares(right)));
            }
            case NORM_BELOW -> {
                float threshold = (float) (2 * Math.sqrt(CLoops.sumOfSquares(all)));
                yield Task.of(x, () -> CLoops.clipNorm(all, threshold));
            }
            case NORM_ABOVE -> {
                Above above = new Above(Math.sqrt(CLoops.sumOfSquares(all)));
                yield above.task(x, inputs, () -> CLoops.clipNorm(all, above.threshold()));
            }
        };
    }

    private static Task adam(AdamUpdate update, Inputs inputs) {
        float[] weights = update.parameters(inputs).weights();
        MemorySegment w = MemorySegment.ofArray(weights);
        MemorySegment g = MemorySegment.ofArray(update.parameters(inputs).gradients());
        // The moments are shared by the ways to clip; the first step of each begins at 0.
        float[] moments = inputs.zeros("m in C", update.n());
        MemorySegment m = MemorySegment.ofArray(moments).fill((byte) 0);
        MemorySegment v =
                MemorySegment.ofArray(inputs.zeros("v in C", update.n())).fill((byte) 0);
        if (update.threads() == 1) {
            return Task.update(weights, moments, () -> CLoops.adam(w, g, m, v, update.clip()));
        }
        return Task.update(
                weights, moments, both(half(w, g, m, v, 0, update.clip()), half(w, g, m, v, 1, update.clip())));
    }

    private static Runnable half(
            MemorySegment w, MemorySegment g, MemorySegment m, MemorySegment v, int which, Clipping clip) {
        MemorySegment w2 = half(w, which);
        MemorySegment g2 = half(g, which);
        MemorySegment m2 = half(m, which);
        MemorySegment v2 = half(v, which);
        return () -> CLoops.adam(w2, g2, m2, v2, clip);
    }

    private static MemorySegment half(MemorySegment x, int which) {
        return x.asSlice(which * x.byteSize() / 2, x.byteSize() / 2);
    }

    /** The multiply-adds at peak speed, then Adam: less is impossible. */
    private static Task training(Training training, Inputs inputs) {
        AdamUpdate update = new AdamUpdate(training.parameters(), training.clip(), 1);
        Task adam = adam(update, inputs);
        int bits = bits();
        return Task.unverified(() -> {
            for (int i = 0; i < training.steps(); i++) {
                CLoops.peak(bits, training.flopsOfStep());
                adam.run();
            }
        });
    }

    private static Runnable both(Runnable here, Runnable there) {
        return () -> {
            CompletableFuture<Void> other = CompletableFuture.runAsync(there);
            here.run();
            other.join();
        };
    }
}
