package dev.espalier.bench.peers.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.espalier.bench.peers.AdamUpdate;
import dev.espalier.bench.peers.Clipping;
import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Sweep;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Training;
import dev.espalier.bench.peers.Work;
import dev.espalier.tensor.Parameters;
import java.util.Optional;

/** PyTorch from Java. One thread through the properties of DJL. */
final class Djl implements Peer {
    @Override
    public String name() {
        return "djl";
    }

    @Override
    public String version() {
        Engine engine = Engine.getInstance();
        return "DJL 0.36.0, " + engine.getEngineName() + " " + engine.getVersion();
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        if (work.threads() > 1) {
            return Optional.empty();
        }
        return switch (work) {
            case Product product -> Optional.of(product(product, inputs));
            case Sweep sweep -> Optional.of(new SweepTask(sweep, inputs));
            case AdamUpdate update -> Optional.of(new AdamTask(update, inputs));
            case Training training -> StepTask.of(training, inputs);
        };
    }

    private static Task product(Product product, Inputs inputs) {
        NDManager manager = NDManager.newBaseManager();
        NDArray a = matrix(manager, product.a(inputs), product.rowOfA(), product.transposeA());
        NDArray b = matrix(manager, product.b(inputs), product.rowOfB(), product.transposeB());
        return new Task() {
            private NDArray c = manager.create(0f);

            @Override
            public void run() {
                c.close();
                c = a.matMul(b);
            }

            @Override
            public float at(int i) {
                return c.getFloat(i / product.n(), i % product.n());
            }

            @Override
            public void close() {
                manager.close();
            }
        };
    }

    private static NDArray matrix(NDManager manager, float[] x, int columns, boolean transposed) {
        NDArray stored = manager.create(x, new Shape(x.length / columns, columns));
        return transposed ? stored.transpose() : stored;
    }

    private static final class SweepTask implements Task {
        private final NDManager manager = NDManager.newBaseManager();
        private final Sweep sweep;
        private NDArray x;
        private double value;

        SweepTask(Sweep sweep, Inputs inputs) {
            this.sweep = sweep;
            x = manager.create(sweep.x(inputs));
        }

        @Override
        public void run() {
            switch (sweep.kind()) {
                case CLAMP -> {
                    // Not in place: DJL cannot.
                    NDArray clamped = x.clip(-Sweep.BOUND, Sweep.BOUND);
                    x.close();
                    x = clamped;
                }
                case SCALE -> x.muli(Sweep.FACTOR);
                case SUM_OF_SQUARES -> value = Math.pow(norm(x), 2);
                case NORM_BELOW -> value = norm(x);
                case NORM_ABOVE -> {
                    value = norm(x);
                    x.muli(Sweep.FACTOR);
                }
            }
        }

        @Override
        public double value() {
            return value;
        }

        @Override
        public double tolerance() {
            return Task.toleranceInFloat(sweep.n());
        }

        @Override
        public float at(int i) {
            return x.getFloat(i);
        }

        @Override
        public void close() {
            manager.close();
        }
    }

    private static float norm(NDArray x) {
        try (NDArray norm = x.norm()) {
            return norm.getFloat();
        }
    }

    private static final class AdamTask implements Task {
        private final NDManager manager = NDManager.newBaseManager();
        private final int n;
        private final Clipping clip;
        private final DjlAdam adam;
        private final NDArray w;
        private final NDArray original;
        private final NDArray g;

        AdamTask(AdamUpdate update, Inputs inputs) {
            n = update.n();
            clip = update.clip();
            adam = new DjlAdam(clip, AdamUpdate.RATE);
            Parameters parameters = update.parameters(inputs);
            NDManager shared = inputs.get("manager of DJL", NDManager::newBaseManager);
            w = inputs.get("w of DJL", () -> shared.create(parameters.weights()));
            original = inputs.get("g of DJL", () -> shared.create(parameters.gradients()));
            g = original.duplicate();
            g.attach(manager);
        }

        @Override
        public void run() {
            if (clip == Clipping.GLOBAL_NORM) {
                float norm = norm(g);
                if (norm > Clipping.NORM) {
                    g.muli(Clipping.NORM / norm);
                }
            }
            adam.update("w", w, g);
        }

        @Override
        public float at(int i) {
            return w.getFloat(i);
        }

        @Override
        public float moment(int i) {
            return adam.moment(i);
        }

        /** Of the norm, and so of what it clips. */
        @Override
        public double tolerance() {
            return Task.toleranceInFloat(n);
        }

        /** Its norm clip changes the gradient. */
        @Override
        public int runs() {
            return clip == Clipping.GLOBAL_NORM ? 1 : Integer.MAX_VALUE;
        }

        @Override
        public void refill() {
            original.copyTo(g);
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
