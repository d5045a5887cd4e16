package dev.espalier.bench.peers;

import dev.espalier.clip.Clip;
import dev.espalier.clip.Clipper;
import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Gemm;
import dev.espalier.kernel.Kernels;
import dev.espalier.kernel.Matrix;
import dev.espalier.kernel.Reductions;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Adam;
import dev.espalier.optim.Stepper;
import dev.espalier.tensor.Parameters;
import dev.espalier.train.DataSet;
import dev.espalier.train.Fit;
import dev.espalier.train.Trainer;
import java.util.Optional;

/** What is compared with all others. */
final class Espalier implements Peer {
    static final String NAME = "espalier";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "this tree, " + Kernels.backend();
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return switch (work) {
            case Product product -> Optional.of(product(product, inputs));
            case Sweep sweep -> Optional.of(sweep(sweep, inputs));
            case AdamUpdate update -> Optional.of(adam(update, inputs));
            case Training training when training.isStep() -> Optional.of(step(training, inputs));
            case Training training -> Optional.of(fit(training, inputs));
        };
    }

    private static Task product(Product product, Inputs inputs) {
        Matrix a = matrix(product.a(inputs), product.m(), product.k(), product.transposeA());
        Matrix b = matrix(product.b(inputs), product.k(), product.n(), product.transposeB());
        float[] c = new float[product.m() * product.n()];
        Matrix out = Matrix.of(c, 0, product.m(), product.n());
        return Task.on(c, () -> Gemm.multiply(a, b, out, 1, 0, product.threads()));
    }

    private static Matrix matrix(float[] x, int rows, int columns, boolean transposed) {
        return transposed ? Matrix.of(x, 0, columns, rows).transpose() : Matrix.of(x, 0, rows, columns);
    }

    private static Task sweep(Sweep sweep, Inputs inputs) {
        float[] x = sweep.x(inputs);
        int n = sweep.n();
        return switch (sweep.kind()) {
            case CLAMP -> Task.on(x, () -> Elementwise.clamp(x, 0, n, -Sweep.BOUND, Sweep.BOUND));
            case SCALE -> Task.on(x, () -> Elementwise.scale(x, 0, n, Sweep.FACTOR));
            case SUM_OF_SQUARES -> Task.of(() -> Reductions.sumOfSquares(x, 0, n, sweep.threads()));
            case NORM_BELOW -> {
                Clipper clipper = Clip.globalNorm(2 * norm(x)).on(x).threads(1);
                yield Task.of(x, () -> clipper.apply().normBefore());
            }
            case NORM_ABOVE -> {
                Above above = new Above(norm(x));
                Clipper clipper = Clip.globalNorm(above.threshold()).on(x).threads(1);
                yield above.task(x, inputs, () -> clipper.apply().normBefore());
            }
        };
    }

    private static float norm(float[] x) {
        return (float) Math.sqrt(Reductions.sumOfSquares(x, 0, x.length));
    }

    private static Task adam(AdamUpdate update, Inputs inputs) {
        Parameters parameters = update.parameters(inputs);
        Stepper stepper = Adam.withLearningRate(AdamUpdate.RATE)
                .on(parameters, clip(update.clip()))
                .threads(update.threads());
        return Task.update(parameters.weights(), stepper.state("m"), stepper::step);
    }

    private static Clip clip(Clipping clipping) {
        return switch (clipping) {
            case NONE -> Clip.none();
            case VALUE -> Clip.value(Clipping.BOUND);
            case GLOBAL_NORM -> Clip.globalNorm(Clipping.NORM);
        };
    }

    private static Sequential model() {
        return Sequential.of(Training.INPUTS, Dense.relu(Training.HIDDEN), Dense.linear(Training.OUTPUTS))
                .initialize(1);
    }

    private static Task step(Training training, Inputs inputs) {
        int batch = training.batch();
        Sequential model = model();
        Loss loss = Loss.softmaxCrossEntropy();
        Pass pass = model.pass(batch, true);
        System.arraycopy(training.features(inputs), 0, pass.input().array(), 0, batch * Training.INPUTS);
        Targets targets = Targets.labels(training.labels(inputs), Training.OUTPUTS);
        Stepper stepper = Adam.withLearningRate(Training.RATE)
                .on(model.parameters(), clip(training.clip()))
                .threads(1);
        return Task.of(() -> {
            pass.forward(batch);
            double sum = loss.gradient(pass.output(), targets, batch, 1.0 / batch, pass.outputGradient());
            pass.backward(batch, false);
            stepper.step();
            return sum / batch;
        });
    }

    private static Task fit(Training training, Inputs inputs) {
        DataSet data =
                DataSet.labelled(training.features(inputs), Training.INPUTS, training.labels(inputs), Training.OUTPUTS);
        Trainer trainer = Trainer.of(
                        model(),
                        Loss.softmaxCrossEntropy(),
                        Adam.withLearningRate(Training.RATE),
                        clip(training.clip()))
                .threads(1);
        Fit options = Fit.epochs(1).batchSize(training.batch()).seed(1);
        return Task.of(() -> trainer.fit(data, options).epochs().getLast().loss());
    }
}
