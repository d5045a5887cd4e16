package dev.espalier.bench;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ExampleClipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.clip.PerExample;
import dev.espalier.nn.Dense;
import dev.espalier.nn.ExampleFactors;
import dev.espalier.nn.Loss;
import dev.espalier.nn.Pass;
import dev.espalier.nn.Sequential;
import dev.espalier.nn.Targets;
import dev.espalier.optim.Adam;
import dev.espalier.optim.Stepper;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A training step of 784-64-10: forward, loss, backward, clip, Adam. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class StepBenchmark {
    @Param({"32", "128"})
    public int batch;

    @Param({"none", "value", "globalNorm", "perExample", "perExampleNoise"})
    public String clip;

    private final Loss loss = Loss.softmaxCrossEntropy();
    private Pass pass;
    private Targets targets;
    private Stepper stepper;
    private ExampleClipper examples;
    private ExampleFactors factors;

    @Setup(Level.Trial)
    public void setup() {
        Sequential model = Sequential.of(784, Dense.relu(64), Dense.linear(10)).initialize(1);
        pass = model.pass(batch, true);
        System.arraycopy(Data.random(batch * 784, 1), 0, pass.input().array(), 0, batch * 784);
        targets = Targets.labels(new int[batch], 10);
        // Small, so that the batch is not learnt by heart: gradients that vanish become subnormal.
        stepper = Adam.withLearningRate(1e-6f)
                .on(
                        model.parameters(),
                        switch (clip) {
                            case "value" -> Clip.value(0.05f);
                            case "globalNorm" -> Clip.globalNorm(1);
                            default -> Clip.none();
                        });
        if (clip.startsWith("perExample")) {
            PerExample each = PerExample.norm(1);
            each = clip.endsWith("Noise") ? each.noise(1e-3f, 1) : each;
            examples = each.on(model.parameters(), NonFinite.SKIP_STEP);
            factors = examples::choose;
        }
        double first = step();
        double last = first;
        for (int i = 0; i < 50; i++) {
            last = step();
        }
        if (!(last < first)) {
            throw new IllegalStateException("loss " + first + " became " + last + " in 50 steps: expected less");
        }
    }

    @Benchmark
    public double step() {
        pass.forward(batch);
        double sum = loss.gradient(pass.output(), targets, batch, 1.0 / batch, pass.outputGradient());
        if (examples == null) {
            pass.backward(batch, false);
            stepper.step();
        } else {
            examples.begin(batch);
            pass.backward(batch, false, factors);
            examples.finish();
            examples.end(!stepper.step().skipped());
        }
        return sum / batch;
    }
}
