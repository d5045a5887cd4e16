package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.clip.Strategy.Scope;
import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.Elementwise;
import dev.espalier.tensor.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every strategy keeps, on models drawn at random with gradients and thresholds of every magnitude. */
@Tag("kernel")
class StrategyContractTest {
    private static final int CASES = 300;
    private static final double HALF_ULP = 0x1p-24;

    static List<Strategy> strategies() {
        return Strategy.ALL;
    }

    @FunctionalInterface
    interface Case {
        void check(Model model, float threshold, String what);
    }

    private static void cases(Strategy strategy, Case check) {
        SplitMix64 random = new SplitMix64(strategy.name().hashCode());
        for (int i = 0; i < CASES; i++) {
            Model model = Model.draw(random);
            float threshold = model.threshold(random);
            check.check(model, threshold, strategy + "(" + threshold + "), case " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void eachPieceIsScaledByItsFactorOrKeepsEveryBit(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            float[] before = model.gradients();
            float[] after = applied(strategy.make().of(threshold), model);
            for (int[] piece : strategy.factor() == null
                    ? List.<int[]>of()
                    : strategy.scope().pieces(model)) {
                double norm = Strategy.norm(before, piece);
                double weights = Strategy.norm(model.weights(), piece);
                double factor = norm == 0 ? 1 : strategy.factor().of(threshold, norm, piece.length, weights);
                for (int i : piece) {
                    // Where norm and limit differ by less than their rounding, either way is right.
                    if (factor > 1 + 1e-12) {
                        assertEquals(bits(before[i]), bits(after[i]), what);
                    } else {
                        float expected = (float) (before[i] * Math.min(factor, 1));
                        assertTrue(
                                Bits.ulps(expected, after[i]) <= 1,
                                () -> what + ": expected " + expected + " but was " + after[i]);
                    }
                }
                if (factor < 1) {
                    double limit = factor * norm * (1 + 4 * HALF_ULP) + piece.length * (double) Float.MIN_VALUE;
                    assertTrue(Strategy.norm(after, piece) <= limit, what);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void nothingGrowsOrChangesItsSign(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            float[] before = model.gradients();
            Parameters parameters = model.parameters();
            ClipReport report = strategy.make().of(threshold).on(parameters).apply();
            float[] after = parameters.gradients();
            for (int i = 0; i < before.length; i++) {
                assertTrue(Math.abs(after[i]) <= Math.abs(before[i]), what);
                assertEquals(bits(before[i]) < 0, bits(after[i]) < 0, what);
            }
            assertTrue(report.normAfter() <= report.normBefore(), what);
            assertEquals(Strategy.norm(before, all(before)), report.normBefore(), 1e-12 * report.normBefore(), what);
            assertEquals(Strategy.norm(after, all(after)), report.normAfter(), 1e-12 * report.normAfter(), what);
            if (!report.clipped()) {
                Bits.assertSame(what, before, after);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void tensorsKeepTheirDirectionAsTheReportSays(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            Parameters parameters = model.parameters();
            ClipReport report = strategy.make().of(threshold).on(parameters).apply();
            double smallest = 1;
            for (int i = 0; i < parameters.count(); i++) {
                Parameters.Slice slice = parameters.slice(i);
                smallest = Math.min(smallest, report.tensorFactor(i));
                if (strategy.scope() == Scope.TENSOR || strategy.scope() == Scope.GLOBAL) {
                    for (int j = slice.offset(); j < slice.offset() + slice.length(); j++) {
                        Bits.assertWithin(
                                1,
                                (float) (model.gradients()[j] * report.tensorFactor(i)),
                                parameters.gradients()[j]);
                    }
                }
            }
            assertEquals(smallest, report.factor(), what);
            ClipPart part = report.parts().get(0);
            assertEquals(smallest, part.factor(), what);
            assertEquals(report.normBefore(), part.normBefore(), what);
            assertEquals(report.normAfter(), part.normAfter(), what);
            if (part.steps() > 0) {
                assertEquals(part.measured() > part.threshold() ? 1 : 0, part.clipRate(), what);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void twiceIsNearlyOnce(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            // Among the subnormals one rounding is more than some ulp of the norm.
            if (strategy.repeatable() >= 0 && threshold > 1e-20f && threshold * 1e-3f > Float.MIN_NORMAL) {
                float[] once = applied(strategy.make().of(threshold), model);
                float[] twice = applied(strategy.make().of(threshold), model.with(once));
                for (int i = 0; i < once.length; i++) {
                    int at = i;
                    assertTrue(
                            Bits.ulps(once[i], twice[i]) <= strategy.repeatable(),
                            () -> what + ": expected " + once[at] + " but was " + twice[at]);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void aPlanIsWhatIsApplied(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            Parameters parameters = model.parameters();
            Clipper clipper = strategy.make().of(threshold).on(parameters);
            clipper.plan();
            for (int i = 0; i < parameters.count(); i++) {
                Parameters.Slice slice = parameters.slice(i);
                Elementwise.clip(
                        parameters.gradients(),
                        slice.offset(),
                        slice.length(),
                        clipper.factor(i),
                        clipper.low(i),
                        clipper.high(i));
            }
            Bits.assertSame(what, applied(strategy.make().of(threshold), model), parameters.gradients());
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void theOrderOfTheTensorsDoesNotShow(Strategy strategy) {
        cases(strategy, (model, threshold, what) -> {
            int[][] shapes = new int[model.shapes().length][];
            float[] weights = new float[model.weights().length];
            float[] gradients = new float[weights.length];
            int to = weights.length;
            int from = 0;
            for (int i = 0; i < shapes.length; i++) {
                int[] shape = model.shapes()[i];
                int length = Model.length(shape);
                to -= length;
                shapes[shapes.length - 1 - i] = shape;
                System.arraycopy(model.weights(), from, weights, to, length);
                System.arraycopy(model.gradients(), from, gradients, to, length);
                from += length;
            }
            float[] after = applied(strategy.make().of(threshold), model);
            float[] reversed = applied(strategy.make().of(threshold), new Model(shapes, weights, gradients));
            to = weights.length;
            from = 0;
            for (int[] shape : model.shapes()) {
                int length = Model.length(shape);
                to -= length;
                Bits.assertSame(
                        what,
                        Arrays.copyOfRange(after, from, from + length),
                        Arrays.copyOfRange(reversed, to, to + length));
                from += length;
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void whatIsNotFiniteMeetsThePolicy(Strategy strategy) {
        float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        SplitMix64 random = new SplitMix64(7);
        cases(strategy, (model, threshold, what) -> {
            if (model.gradients().length == 0) {
                return;
            }
            Clip clip = strategy.make().of(threshold);
            float[] poisoned = model.gradients().clone();
            int at = random.nextInt(poisoned.length);
            poisoned[at] = bad[random.nextInt(bad.length)];
            Model poison = model.with(poisoned);

            Parameters parameters = poison.parameters();
            ClipReport report = clip.on(parameters).apply();
            assertTrue(report.skipped(), what);
            Bits.assertSame(what, poisoned, parameters.gradients());
            assertEquals(0, report.parts().get(0).steps(), what);

            Clipper throwing = clip.nonFinite(NonFinite.THROW).on(parameters);
            assertThrows(NonFiniteGradientException.class, throwing::apply, what);
            Bits.assertSame(what, poisoned, parameters.gradients());

            float[] zeroed = poisoned.clone();
            zeroed[at] = 0;
            Bits.assertSame(
                    what, applied(clip, model.with(zeroed)), applied(clip.nonFinite(NonFinite.ZERO_ELEMENTS), poison));

            float[] raw = applied(clip.nonFinite(NonFinite.PROPAGATE), poison);
            for (int[] piece : strategy.scope().pieces(poison)) {
                if (Float.isNaN(poisoned[at]) && Arrays.stream(piece).anyMatch(i -> i == at)) {
                    assertTrue(Arrays.stream(piece).allMatch(i -> Float.isNaN(raw[i])), what);
                }
            }
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void zeroEmptyAndNoGradientsStayWhatTheyAre(Strategy strategy) {
        for (float threshold : new float[] {0, Float.MIN_VALUE, 1, Float.POSITIVE_INFINITY}) {
            for (int[][] shapes : new int[][][] {{}, {{0}}, {{0, 4}, {3, 0}}, {{2, 3}, {3}, {}}}) {
                int size = Arrays.stream(shapes).mapToInt(Model::length).sum();
                float[] zeros = new float[size];
                if (size > 0) {
                    zeros[size / 2] = -0f;
                }
                Parameters parameters = new Model(shapes, new float[size], zeros).parameters();
                ClipReport report = strategy.make().of(threshold).on(parameters).apply();
                Bits.assertSame(zeros, parameters.gradients());
                assertEquals(0, report.normBefore());
                assertEquals(0, report.normAfter());
                assertEquals(1, report.factor());
                assertFalse(report.clipped());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void thresholdsHaveLimits(Strategy strategy) {
        for (float wrong : new float[] {Float.NaN, -1, -Float.MIN_VALUE, Float.NEGATIVE_INFINITY}) {
            assertIllegal(() -> strategy.make().of(wrong), " = " + wrong, "at least 0");
        }
        cases(strategy, (model, threshold, what) -> {
            for (float x : applied(strategy.make().of(0), model)) {
                assertTrue(x == 0, what);
            }
            Bits.assertSame(what, model.gradients(), applied(strategy.make().of(Float.POSITIVE_INFINITY), model));
        });
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void threadsDoNotShow(Strategy strategy) {
        SplitMix64 random = new SplitMix64(3);
        int[][] shapes = {{3_000, 500}, {500}, {700_001}};
        float[] weights = new float[2_200_501];
        float[] gradients = new float[weights.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(1 << 20) * 0x1p-22f;
            gradients[i] = (random.nextInt(1 << 20) - (1 << 19)) * 0x1p-20f;
        }
        Model model = new Model(shapes, weights, gradients);
        CRC32[] sums = new CRC32[3];
        int[] threads = {1, 2, 7};
        for (int i = 0; i < threads.length; i++) {
            Parameters parameters = model.parameters();
            ClipReport report =
                    strategy.make().of(0.01f).on(parameters).threads(threads[i]).apply();
            assertTrue(report.clipped());
            sums[i] = new CRC32();
            update(sums[i], parameters.gradients());
            assertEquals(sums[0].getValue(), sums[i].getValue());
        }
    }

    /** Every backend has to reproduce the committed hashes of what each strategy leaves. */
    @Test
    void bitsAreTheCommittedOnes() {
        String actual = Strategy.ALL.stream()
                .map(strategy -> {
                    CRC32 crc = new CRC32();
                    cases(
                            strategy,
                            (model, threshold, what) ->
                                    update(crc, applied(strategy.make().of(threshold), model)));
                    return String.format("%08x  %s\n", crc.getValue(), strategy);
                })
                .collect(Collectors.joining());
        assertEquals(committed(), actual);
    }

    private static void update(CRC32 crc, float[] array) {
        for (float x : array) {
            int bits = bits(x);
            crc.update(bits);
            crc.update(bits >>> 8);
            crc.update(bits >>> 16);
            crc.update(bits >>> 24);
        }
    }

    private static String committed() {
        try (InputStream in = StrategyContractTest.class.getResourceAsStream("strategy-hashes.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static float[] applied(Clip clip, Model model) {
        Parameters parameters = model.parameters();
        clip.on(parameters).apply();
        return parameters.gradients();
    }

    private static int[] all(float[] array) {
        int[] all = new int[array.length];
        Arrays.setAll(all, i -> i);
        return all;
    }

    private static int bits(float x) {
        return Float.floatToIntBits(x);
    }
}
