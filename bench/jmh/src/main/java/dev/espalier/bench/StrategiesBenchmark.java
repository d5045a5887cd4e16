package dev.espalier.bench;

import dev.espalier.clip.Clip;
import dev.espalier.clip.ClipReport;
import dev.espalier.clip.Clipper;
import dev.espalier.tensor.Parameters;
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

/**
 * What each strategy of {@link Clip} costs in a step. {@code plan} is what an optimizer pays beside its update: with "none" that is
 * the search for NaN and ±∞. {@code apply} clips in place. Both begin with a copy of n floats, because the gradients of a step are
 * fresh, and some strategies write them even in {@code plan}: to know the cost above that search, subtract "none". Under the same
 * gradients again and again U-Clip carries more and more over, which costs no more time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class StrategiesBenchmark {
    /** 50890 is the model 784-64-10. */
    @Param({"50890", "1000000", "10000000"})
    public int n;

    @Param({
        "none",
        "value",
        "norm",
        "globalNorm",
        "averageNorm",
        "blockRms",
        "unitNorm",
        "agc",
        "soft",
        "autoClip",
        "zClip",
        "adaGc",
        "spikes",
        "uClip",
        "uClipByNorm"
    })
    public String clip;

    private float[] source;
    private Parameters parameters;
    private Clipper clipper;

    @Setup(Level.Trial)
    public void setup() {
        parameters = Parameters.builder()
                .add("weight", n / 65, 64)
                .add("bias", n - n / 65 * 64)
                .build();
        source = Data.random(n, 1);
        clipper = of(clip).on(parameters).threads(1);
        // Past every warm-up.
        for (int step = 0; step < 120; step++) {
            restore();
            clipper.plan();
        }
        restore();
        ClipReport report = clipper.plan();
        double sum = 0;
        for (float x : source) {
            sum += (double) x * x;
        }
        Data.check("norm", report.normBefore(), Math.sqrt(sum), 1e-9 * Math.sqrt(sum));
        restore();
    }

    @Benchmark
    public ClipReport plan() {
        restore();
        return clipper.plan();
    }

    @Benchmark
    public ClipReport apply() {
        restore();
        return clipper.apply();
    }

    private void restore() {
        System.arraycopy(source, 0, parameters.gradients(), 0, n);
    }

    private static Clip of(String name) {
        return switch (name) {
            case "none" -> Clip.none();
            case "value" -> Clip.value(0.5f);
            case "norm" -> Clip.norm(1);
            case "globalNorm" -> Clip.globalNorm(1);
            case "averageNorm" -> Clip.averageNorm(1e-6f);
            case "blockRms" -> Clip.blockRms(0.1f);
            case "unitNorm" -> Clip.unitNorm(1);
            case "agc" -> Clip.agc();
            case "soft" -> Clip.soft(1);
            case "autoClip" -> Clip.autoClip();
            case "zClip" -> Clip.zClip();
            case "adaGc" -> Clip.adaGc();
            case "spikes" -> Clip.spikes();
            case "uClip" -> Clip.uClip(0.5f);
            case "uClipByNorm" -> Clip.uClip(Clip.globalNorm(1));
            default -> throw new IllegalArgumentException("clip = " + name);
        };
    }
}
