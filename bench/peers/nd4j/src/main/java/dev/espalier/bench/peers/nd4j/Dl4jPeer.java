package dev.espalier.bench.peers.nd4j;

import dev.espalier.bench.peers.AdamUpdate;
import dev.espalier.bench.peers.Clipping;
import dev.espalier.bench.peers.Inputs;
import dev.espalier.bench.peers.Peer;
import dev.espalier.bench.peers.Task;
import dev.espalier.bench.peers.Training;
import dev.espalier.bench.peers.Work;
import java.util.Optional;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Training steps with DL4J. It has no clip by global norm. */
final class Dl4jPeer implements Peer {
    @Override
    public String name() {
        return "dl4j";
    }

    @Override
    public String version() {
        return "DL4J " + Nd4jPeers.VERSION;
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        return work instanceof Training training && training.isStep() && training.clip() != Clipping.GLOBAL_NORM
                ? Optional.of(step(training, inputs))
                : Optional.empty();
    }

    private static Task step(Training training, Inputs inputs) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(training.clip()));
        network.init();
        INDArray x = Nd4j.create(training.features(inputs), new int[] {training.batch(), Training.INPUTS});
        INDArray y = Nd4j.zeros(training.batch(), Training.OUTPUTS);
        int[] labels = training.labels(inputs);
        for (int i = 0; i < labels.length; i++) {
            y.putScalar(i, labels[i], 1);
        }
        return new Task() {
            @Override
            public void run() {
                network.fit(x, y);
            }

            @Override
            public double value() {
                return network.score();
            }
        };
    }

    private static MultiLayerConfiguration configuration(Clipping clip) {
        return new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam(Training.RATE, AdamUpdate.BETA_1, AdamUpdate.BETA_2, AdamUpdate.EPSILON))
                .gradientNormalization(
                        clip == Clipping.VALUE
                                ? GradientNormalization.ClipElementWiseAbsoluteValue
                                : GradientNormalization.None)
                .gradientNormalizationThreshold(Clipping.BOUND)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(Training.INPUTS)
                        .nOut(Training.HIDDEN)
                        .activation(Activation.RELU)
                        .build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(Training.HIDDEN)
                        .nOut(Training.OUTPUTS)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }
}
