package dev.espalier.bench.peers;

import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Reductions;
import dev.espalier.kernel.Updates;
import java.util.Optional;

/** Espalier's own kernels without the rest: what a clip, or a second thread, is measured against. */
final class Parts implements Peer {
    static final String NAME = "espalier-parts";

    private final Espalier espalier = new Espalier();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "sum of squares (and scale), the update alone, or one thread instead of two";
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product p
            when p.threads() > 1 ->
                espalier.on(new Product(p.m(), p.k(), p.n(), p.transposeA(), p.transposeB(), 1), inputs);
            case Sweep s when s.threads() > 1 -> espalier.on(new Sweep(s.kind(), s.n(), 1), inputs);
            case AdamUpdate u when u.threads() > 1 -> espalier.on(new AdamUpdate(u.n(), u.clip(), 1), inputs);
            case AdamUpdate u when u.clip() == Clipping.NONE -> Optional.of(update(u, inputs));
            case Sweep s
            when s.kind() == Sweep.Kind.NORM_BELOW || s.kind() == Sweep.Kind.NORM_ABOVE -> Optional.of(sums(s, inputs));
            default -> Optional.empty();
        };
    }

    private static Task sums(Sweep sweep, Inputs inputs) {
        float[] x = sweep.x(inputs);
        int n = sweep.n();
        if (sweep.kind() == Sweep.Kind.NORM_BELOW) {
            return Task.of(x, () -> Math.sqrt(Reductions.sumOfSquares(x, 0, n)));
        }
        return Task.of(x, () -> {
            double sum = Reductions.sumOfSquares(x, 0, n);
            Elementwise.scale(x, 0, n, Sweep.FACTOR);
            return Math.sqrt(sum);
        });
    }

    private static Task update(AdamUpdate update, Inputs inputs) {
        float[] w = update.parameters(inputs).weights();
        float[] g = update.parameters(inputs).gradients();
        float[] m = new float[update.n()];
        float[] v = new float[update.n()];
        float stepSize = AdamUpdate.RATE / (1 - AdamUpdate.BETA_1);
        float rootCorrection = (float) (1 / Math.sqrt(1 - AdamUpdate.BETA_2));
        return Task.update(
                w,
                m,
                () -> Updates.adam(
                        w,
                        g,
                        m,
                        v,
                        0,
                        update.n(),
                        1,
                        Float.NEGATIVE_INFINITY,
                        Float.POSITIVE_INFINITY,
                        Float.POSITIVE_INFINITY,
                        AdamUpdate.BETA_1,
                        AdamUpdate.BETA_2,
                        AdamUpdate.EPSILON,
                        stepSize,
                        rootCorrection,
                        0));
    }
}
