package dev.espalier.bench.peers.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.espalier.bench.peers.Clipping;
import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Training;
import java.util.Optional;

/** Training steps with DJL's Trainer. */
final class StepTask implements Task {
    private final NDManager manager = NDManager.newBaseManager();
    private final Model model;
    private final Trainer trainer;
    private final NDArray x;
    private final NDArray labels;
    private double loss;

    static Optional<Task> of(Training training, Inputs inputs) {
        return training.isStep() && training.clip() != Clipping.GLOBAL_NORM
                ? Optional.of(new StepTask(training, inputs))
                : Optional.empty();
    }

    private StepTask(Training training, Inputs inputs) {
        model = Model.newInstance("784-64-10");
        model.setBlock(new SequentialBlock()
                .add(Linear.builder().setUnits(Training.HIDDEN).build())
                .add(Activation::relu)
                .add(Linear.builder().setUnits(Training.OUTPUTS).build()));
        trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optOptimizer(new DjlAdam(training.clip(), Training.RATE)));
        trainer.initialize(new Shape(training.batch(), Training.INPUTS));
        x = manager.create(training.features(inputs), new Shape(training.batch(), Training.INPUTS));
        float[] classes = new float[training.batch()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = training.labels(inputs)[i];
        }
        labels = manager.create(classes, new Shape(classes.length, 1));
    }

    @Override
    public void run() {
        // What a step makes belongs to the manager of its input, and goes with it.
        try (NDManager step = manager.newSubManager();
                GradientCollector gradients = trainer.newGradientCollector()) {
            NDArray input = x.duplicate();
            input.attach(step);
            NDArray mean = trainer.getLoss().evaluate(new NDList(labels), trainer.forward(new NDList(input)));
            gradients.backward(mean);
            loss = mean.getFloat();
        }
        trainer.step();
    }

    @Override
    public double value() {
        return loss;
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
        manager.close();
    }
}
