package dev.espalier.bench.peers.nd4j;

import dev.espalier.bench.peers.AdamUpdate;
import dev.espalier.bench.peers.Clipping;
import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Product;
import dev.espalier.bench.peers.Sweep;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Work;
import dev.espalier.tensor.Parameters;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.config.Adam;

/** Products, sweeps and Adam on ND4J's arrays. */
final class Nd4jPeer implements Peer {
    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public String version() {
        return "ND4J " + Nd4jPeers.VERSION + ", OPENBLAS_CORETYPE=" + System.getenv("OPENBLAS_CORETYPE");
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product product when product.threads() == 1 -> Optional.of(product(product, inputs));
            case Sweep sweep when sweep.threads() == 1 -> Optional.of(sweep(sweep, inputs));
            case AdamUpdate update when update.threads() == 1 -> Optional.of(new AdamTask(update, inputs));
            default -> Optional.empty();
        };
    }

    private static Task product(Product product, Inputs inputs) {
        INDArray a = matrix(product.a(inputs), product.rowOfA());
        INDArray b = matrix(product.b(inputs), product.rowOfB());
        // Columns first, as its gemm wants the result.
        INDArray c = Nd4j.createUninitialized(DataType.FLOAT, new long[] {product.m(), product.n()}, 'f');
        return new Task() {
            @Override
            public void run() {
                Nd4j.gemm(a, b, c, product.transposeA(), product.transposeB(), 1, 0);
            }

            @Override
            public float at(int i) {
                return c.getFloat(i / product.n(), i % product.n());
            }

            @Override
            public void close() {
                a.close();
                b.close();
                c.close();
            }
        };
    }

    private static INDArray matrix(float[] x, int columns) {
        return Nd4j.create(x, new int[] {x.length / columns, columns});
    }

    private static Task sweep(Sweep sweep, Inputs inputs) {
        INDArray x = Nd4j.create(sweep.x(inputs));
        CustomOp clamp = clip(x, Sweep.BOUND);
        return new Task() {
            private double value;

            @Override
            public void run() {
                switch (sweep.kind()) {
                    case CLAMP -> Nd4j.getExecutioner().exec(clamp);
                    case SCALE -> x.muli(Sweep.FACTOR);
                    case SUM_OF_SQUARES -> value = Math.pow(x.norm2Number().doubleValue(), 2);
                    case NORM_BELOW -> value = x.norm2Number().doubleValue();
                    case NORM_ABOVE -> {
                        value = x.norm2Number().doubleValue();
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
                x.close();
            }
        };
    }

    private static CustomOp clip(INDArray x, double bound) {
        return DynamicCustomOp.builder("clipbyvalue")
                .addInputs(x)
                .callInplace(true)
                .addFloatingPointArguments(-bound, bound)
                .build();
    }

    /** Its updater overwrites the gradient with the update. */
    private static final class AdamTask implements Task {
        private final int n;
        private final Clipping clip;
        private final INDArray w;
        private final INDArray original;
        private final INDArray g;
        private final INDArray moments;
        private final AdamUpdater updater;
        private final CustomOp clamp;
        private int iteration;

        AdamTask(AdamUpdate update, Inputs inputs) {
            n = update.n();
            clip = update.clip();
            Parameters parameters = update.parameters(inputs);
            w = inputs.get("w of ND4J", () -> row(parameters.weights()));
            original = inputs.get("g of ND4J", () -> row(parameters.gradients()));
            g = original.dup();
            moments = Nd4j.zeros(DataType.FLOAT, 1, 2L * n);
            updater = new AdamUpdater(
                    new Adam(AdamUpdate.RATE, AdamUpdate.BETA_1, AdamUpdate.BETA_2, AdamUpdate.EPSILON));
            updater.setStateViewArray(moments, new long[] {1, n}, 'c', true);
            clamp = clip(g, Clipping.BOUND);
        }

        @Override
        public void run() {
            switch (clip) {
                case NONE -> {}
                case VALUE -> Nd4j.getExecutioner().exec(clamp);
                case GLOBAL_NORM -> {
                    double norm = g.norm2Number().doubleValue();
                    if (norm > Clipping.NORM) {
                        g.muli(Clipping.NORM / norm);
                    }
                }
            }
            updater.applyUpdater(g, iteration++, 0);
            w.subi(g);
        }

        @Override
        public float at(int i) {
            return w.getFloat(i);
        }

        @Override
        public float moment(int i) {
            return updater.getM().getFloat(i);
        }

        /** Of the norm, and so of what it clips. */
        @Override
        public double tolerance() {
            return Task.toleranceInFloat(n);
        }

        @Override
        public int runs() {
            return 1;
        }

        @Override
        public void refill() {
            g.assign(original);
        }

        private static INDArray row(float[] x) {
            return Nd4j.create(x, new int[] {1, x.length});
        }

        @Override
        public void close() {
            g.close();
            moments.close();
        }
    }
}
