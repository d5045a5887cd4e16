package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.clip.Clip;
import dev.espalier.clip.NonFinite;
import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Reductions;
import dev.espalier.nn.Dense;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Sequential;
import dev.espalier.optim.Optimizer;
import dev.espalier.tensor.StateArray;
import dev.espalier.tensor.Tensor;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/**
 * Whole training steps on finite data, targets and weights of any magnitude: whatever overflows on the way, weights and moments end
 * finite, with every optimizer and every clip.
 */
class ExtremeTrainingTest {
    private static final int ROWS = 9;
    private static final int COLUMNS = 5;
    private static final List<Optimizer> OPTIMIZERS =
            List.copyOf(TrainingHashes.optimizers().values());
    private static final List<Clip> CLIPS = TrainingHashes.clips().values().stream()
            .filter(clip -> clip.nonFinite() != NonFinite.PROPAGATE)
            .toList();

    @Provide
    Arbitrary<Optimizer> optimizer() {
        return Arbitraries.of(OPTIMIZERS);
    }

    @Provide
    Arbitrary<Clip> clip() {
        return Arbitraries.of(CLIPS);
    }

    @Property(tries = 600)
    void weightsAndMomentsStayFinite(
            @ForAll("optimizer") Optimizer optimizer,
            @ForAll("clip") Clip clip,
            @ForAll long seed,
            @ForAll @IntRange(min = -149, max = 127) int data,
            @ForAll @IntRange(min = -149, max = 127) int targets,
            @ForAll @IntRange(min = -149, max = 127) int weights) {
        SplitMix64 random = new SplitMix64(seed);
        Sequential model = Sequential.of(COLUMNS, Dense.relu(4), Dense.tanh(4), Dense.linear(3))
                .initialize(seed);
        fill(model.parameters().weights(), random, weights);
        Tensor x = Tensor.zeros(ROWS, COLUMNS);
        fill(x.array(), random, data);
        Tensor y = Tensor.zeros(ROWS, 3);
        fill(y.array(), random, targets);
        Trainer trainer = Trainer.of(model, Loss.meanSquaredError(), optimizer, clip);
        trainer.fit(DataSet.of(x, y), Fit.epochs(4).batchSize(4).seed(seed));
        assertFinite("weights", model.parameters().weights());
        for (StateArray state : trainer.stepper().state()) {
            if (state instanceof StateArray.Floats floats) {
                assertFinite(floats.name(), floats.array());
            }
        }
    }

    /** Both signs, exponents spread over 20 powers of two below the given one. */
    private static void fill(float[] x, SplitMix64 random, int exponent) {
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.scalb(2 * random.nextFloat() - 1, exponent - random.nextInt(20));
        }
    }

    private static void assertFinite(String what, float[] x) {
        assertEquals(
                -1,
                Reductions.firstNonFinite(x, 0, x.length),
                () -> "first element of " + what + " that is not finite");
    }
}
