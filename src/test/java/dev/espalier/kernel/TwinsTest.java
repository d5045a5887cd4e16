package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.LENGTHS;
import static dev.espalier.kernel.TestData.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The scalar and the vector twin of each kernel on the same input, called directly: equal bits at any offset and length. */
@Tag("kernel")
@EnabledIf(value = "vector", disabledReason = TwinsTest.WITHOUT_MODULE)
class TwinsTest {
    static final String WITHOUT_MODULE = "the vector twins do not link without the module";

    private static final float FACTOR = KernelCall.FACTOR;
    private static final float LOW = KernelCall.LOW;
    private static final float HIGH = KernelCall.HIGH;

    private interface Body {
        double run(float[][] a, int[] o, int n);
    }

    private interface Effect {
        void run(float[][] a, int[] o, int n);
    }

    /** Both twins as calls on so many arrays; array number {@code positive} holds no negative numbers, if any. */
    private record Twins(String name, int arrays, int positive, boolean oneOffset, Body scalar, Body vector) {
        @Override
        public String toString() {
            return name;
        }
    }

    static boolean vector() {
        boolean vector = Kernels.backend().vector();
        if (!vector) {
            System.out.println("The twins are not compared: " + WITHOUT_MODULE);
        }
        return vector;
    }

    static Stream<Twins> twins() {
        return Stream.of(elementwise(), gradients(), transcendental(), reductions(), updates())
                .flatMap(List::stream);
    }

    @ParameterizedTest
    @MethodSource("twins")
    void giveTheSameBits(Twins twins) {
        SplitMix64 random = new SplitMix64(twins.name.hashCode());
        for (int n : LENGTHS) {
            for (Mix mix : Mix.values()) {
                int[] offsets = new int[twins.arrays];
                Window[] scalar = new Window[twins.arrays];
                Window[] vector = new Window[twins.arrays];
                for (int i = 0; i < twins.arrays; i++) {
                    offsets[i] = twins.oneOffset && i > 0 ? offsets[0] : random.nextInt(40);
                    float[] content = mix.floats(random.nextLong(), n);
                    content = i == twins.positive ? TestData.abs(content) : content;
                    scalar[i] = Window.of(content, offsets[i]);
                    vector[i] = Window.of(content, offsets[i]);
                }
                String what = twins + ", " + mix + ", n = " + n;
                double expected = twins.scalar.run(arrays(scalar), offsets, n);
                assertSame(expected, twins.vector.run(arrays(vector), offsets, n), what);
                for (int i = 0; i < twins.arrays; i++) {
                    assertSame(scalar[i].content(), vector[i].content(), what + ", array " + i);
                    scalar[i].assertOutsideUntouched(what + ", scalar, array " + i);
                    vector[i].assertOutsideUntouched(what + ", vector, array " + i);
                }
            }
        }
    }

    @Test
    void columnSumsGiveTheSameBits() {
        for (int columns : LENGTHS) {
            int rows = Math.min(9, 10_000 / Math.max(columns, 1));
            for (boolean accumulate : new boolean[] {false, true}) {
                float[] x = Mix.ANY.floats(columns, rows * columns);
                Window scalar = Window.of(Mix.ANY.floats(columns + 1L, columns), 3);
                Window vector = Window.of(Mix.ANY.floats(columns + 1L, columns), 3);
                ScalarReductions.columnSums(x, 0, rows, columns, 0, scalar.array(), 3, accumulate);
                VectorReductions.columnSums(x, 0, rows, columns, vector.array(), 3, accumulate);
                assertSame(scalar.content(), vector.content(), "columnSums of " + rows + " x " + columns);
                vector.assertOutsideUntouched("columnSums");
            }
        }
    }

    @Test
    void columnSumsOfSquaresGiveTheSameBits() {
        for (int columns : LENGTHS) {
            for (int rows : new int[] {0, 1, 9, 255, 256, 257, 515}) {
                for (Mix mix : columns * rows > 20_000 ? new Mix[0] : Mix.values()) {
                    float[] x = mix.floats(columns, 5 + rows * columns);
                    double[] scalar = new double[columns + 4];
                    double[] vector = new double[columns + 4];
                    ScalarReductions.columnSumsOfSquares(x, 5, rows, columns, 0, scalar, 2);
                    VectorReductions.columnSumsOfSquares(x, 5, rows, columns, vector, 2);
                    for (int j = 0; j < scalar.length; j++) {
                        assertSame(scalar[j], vector[j], "columnSumsOfSquares of " + rows + " x " + columns + ", " + j);
                    }
                }
            }
        }
    }

    @Test
    void scaleEachGivesTheSameBits() {
        for (int n : LENGTHS) {
            double[] factors = new double[n + 3];
            for (int i = 0; i < n; i++) {
                factors[3 + i] = Math.scalb(1 + i * 0.37, -(i % 160));
            }
            Window scalar = Window.of(Mix.ANY.floats(n, n), 3);
            Window vector = Window.of(Mix.ANY.floats(n, n), 3);
            ScalarElementwise.scaleEach(scalar.array(), 3, factors, 3, n);
            VectorElementwise.scaleEach(vector.array(), 3, factors, 3, n);
            assertSame(scalar.content(), vector.content(), "scaleEach of " + n);
            vector.assertOutsideUntouched("scaleEach");
        }
    }

    /** A vector twin that this test forgets would only be seen through its facade. */
    @Test
    void everyVectorTwinIsCompared() {
        Set<String> compared = twins().map(Twins::name).collect(Collectors.toCollection(TreeSet::new));
        compared.addAll(Set.of("columnSums", "columnSumsOfSquares", "scaleEach"));
        Set<String> expected = Stream.of(
                        VectorElementwise.class,
                        VectorTranscendental.class,
                        VectorReductions.class,
                        VectorNoise.class,
                        VectorUpdates.class)
                .flatMap(twin -> Arrays.stream(twin.getDeclaredMethods()))
                .filter(method -> !java.lang.reflect.Modifier.isPrivate(method.getModifiers()) && !method.isSynthetic())
                .map(method -> method.getName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                expected,
                compared.stream().map(name -> name.split(" ")[0]).collect(Collectors.toCollection(TreeSet::new)));
    }

    private static List<Twins> elementwise() {
        return List.of(
                effect(
                        "scale",
                        1,
                        (a, o, n) -> ScalarElementwise.scale(a[0], o[0], n, FACTOR),
                        (a, o, n) -> VectorElementwise.scale(a[0], o[0], n, FACTOR)),
                effect(
                        "scale by a double",
                        1,
                        (a, o, n) -> ScalarElementwise.scale(a[0], o[0], n, 1e-30 / 3),
                        (a, o, n) -> VectorElementwise.scale(a[0], o[0], n, 1e-30 / 3)),
                effect(
                        "axpy",
                        2,
                        (a, o, n) -> ScalarElementwise.axpy(a[0], o[0], a[1], o[1], n, FACTOR),
                        (a, o, n) -> VectorElementwise.axpy(a[0], o[0], a[1], o[1], n, FACTOR)),
                effect(
                        "add",
                        3,
                        (a, o, n) -> ScalarElementwise.add(a[0], o[0], a[1], o[1], a[2], o[2], n),
                        (a, o, n) -> VectorElementwise.add(a[0], o[0], a[1], o[1], a[2], o[2], n)),
                effect(
                        "subtract",
                        3,
                        (a, o, n) -> ScalarElementwise.subtract(a[0], o[0], a[1], o[1], a[2], o[2], n),
                        (a, o, n) -> VectorElementwise.subtract(a[0], o[0], a[1], o[1], a[2], o[2], n)),
                effect(
                        "multiply",
                        3,
                        (a, o, n) -> ScalarElementwise.multiply(a[0], o[0], a[1], o[1], a[2], o[2], n),
                        (a, o, n) -> VectorElementwise.multiply(a[0], o[0], a[1], o[1], a[2], o[2], n)),
                effect(
                        "clip",
                        1,
                        (a, o, n) -> ScalarElementwise.clip(a[0], o[0], n, FACTOR, LOW, HIGH),
                        (a, o, n) -> VectorElementwise.clip(a[0], o[0], n, FACTOR, LOW, HIGH)),
                new Twins(
                        "spikes",
                        2,
                        1,
                        false,
                        (a, o, n) -> ScalarElementwise.spikes(a[0], o[0], a[1], o[1], n, 0.7f, 0.99f),
                        (a, o, n) -> VectorElementwise.spikes(a[0], o[0], a[1], o[1], n, 0.7f, 0.99f)),
                effect(
                        "carryIn",
                        2,
                        (a, o, n) -> ScalarElementwise.carryIn(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorElementwise.carryIn(a[0], o[0], a[1], o[1], n)),
                effect(
                        "carryOut",
                        2,
                        (a, o, n) -> ScalarElementwise.carryOut(a[0], o[0], a[1], o[1], n, FACTOR, LOW, HIGH),
                        (a, o, n) -> VectorElementwise.carryOut(a[0], o[0], a[1], o[1], n, FACTOR, LOW, HIGH)),
                effect(
                        "addGaussian",
                        1,
                        (a, o, n) -> ScalarNoise.addGaussian(a[0], o[0], 0, n, 0.7, 5),
                        (a, o, n) -> VectorNoise.addGaussian(a[0], o[0], n, 0.7, 5)));
    }

    private static List<Twins> gradients() {
        return List.of(
                effect(
                        "relu",
                        1,
                        (a, o, n) -> ScalarElementwise.relu(a[0], o[0], n),
                        (a, o, n) -> VectorElementwise.relu(a[0], o[0], n)),
                effect(
                        "reluGradient",
                        2,
                        (a, o, n) -> ScalarElementwise.reluGradient(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorElementwise.reluGradient(a[0], o[0], a[1], o[1], n)),
                effect(
                        "tanhGradient",
                        2,
                        (a, o, n) -> ScalarElementwise.tanhGradient(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorElementwise.tanhGradient(a[0], o[0], a[1], o[1], n)),
                effect(
                        "sigmoidGradient",
                        2,
                        (a, o, n) -> ScalarElementwise.sigmoidGradient(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorElementwise.sigmoidGradient(a[0], o[0], a[1], o[1], n)));
    }

    private static List<Twins> transcendental() {
        return List.of(
                effect(
                        "exp",
                        2,
                        (a, o, n) -> ScalarTranscendental.exp(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorTranscendental.exp(a[0], o[0], a[1], o[1], n)),
                effect(
                        "log",
                        2,
                        (a, o, n) -> ScalarTranscendental.log(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorTranscendental.log(a[0], o[0], a[1], o[1], n)),
                effect(
                        "tanh",
                        2,
                        (a, o, n) -> ScalarTranscendental.tanh(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorTranscendental.tanh(a[0], o[0], a[1], o[1], n)),
                effect(
                        "sigmoid",
                        2,
                        (a, o, n) -> ScalarTranscendental.sigmoid(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorTranscendental.sigmoid(a[0], o[0], a[1], o[1], n)));
    }

    private static List<Twins> reductions() {
        return List.of(
                value(
                        "sum",
                        1,
                        (a, o, n) -> ScalarReductions.sum(a[0], o[0], n),
                        (a, o, n) -> VectorReductions.sum(a[0], o[0], n)),
                value(
                        "squares",
                        1,
                        (a, o, n) -> ScalarReductions.squares(a[0], o[0], n),
                        (a, o, n) -> VectorReductions.squares(a[0], o[0], n)),
                value(
                        "abs",
                        1,
                        (a, o, n) -> ScalarReductions.abs(a[0], o[0], n),
                        (a, o, n) -> VectorReductions.abs(a[0], o[0], n)),
                value(
                        "clippedSquares",
                        1,
                        (a, o, n) -> ScalarReductions.clippedSquares(a[0], o[0], n, FACTOR, LOW, HIGH),
                        (a, o, n) -> VectorReductions.clippedSquares(a[0], o[0], n, FACTOR, LOW, HIGH)),
                value(
                        "squaredDifferences",
                        2,
                        (a, o, n) -> ScalarReductions.squaredDifferences(a[0], o[0], a[1], o[1], n),
                        (a, o, n) -> VectorReductions.squaredDifferences(a[0], o[0], a[1], o[1], n)),
                value(
                        "max",
                        1,
                        (a, o, n) -> ScalarReductions.max(a[0], o[0], n),
                        (a, o, n) -> VectorReductions.max(a[0], o[0], n)),
                value(
                        "maxAbsBits",
                        1,
                        // The bits of a NaN are no number: any NaN equals any other.
                        (a, o, n) -> Float.intBitsToFloat(ScalarReductions.maxAbsBits(a[0], o[0], n)),
                        (a, o, n) -> Float.intBitsToFloat(VectorReductions.maxAbsBits(a[0], o[0], n))),
                value(
                        "countOutside",
                        1,
                        (a, o, n) -> ScalarReductions.countOutside(a[0], o[0], n, FACTOR, LOW, HIGH),
                        (a, o, n) -> VectorReductions.countOutside(a[0], o[0], n, FACTOR, LOW, HIGH)));
    }

    private static List<Twins> updates() {
        float limit = Float.MAX_VALUE;
        float none = Float.POSITIVE_INFINITY;
        return List.of(
                update(
                        "sgd",
                        2,
                        -1,
                        (a, o, n) -> ScalarUpdates.sgd(a[0], a[1], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f),
                        (a, o, n) -> VectorUpdates.sgd(a[0], a[1], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f)),
                update(
                        "momentum",
                        3,
                        -1,
                        (a, o, n) -> ScalarUpdates.momentum(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.9f, false),
                        (a, o, n) -> VectorUpdates.momentum(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.9f, false)),
                update(
                        "momentum after Nesterov",
                        3,
                        -1,
                        (a, o, n) -> ScalarUpdates.momentum(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.9f, true),
                        (a, o, n) -> VectorUpdates.momentum(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.9f, true)),
                update(
                        "rmsProp",
                        3,
                        2,
                        (a, o, n) -> ScalarUpdates.rmsProp(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.99f, 1e-8f),
                        (a, o, n) -> VectorUpdates.rmsProp(
                                a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.99f, 1e-8f)),
                update(
                        "rmsPropMomentum",
                        4,
                        2,
                        (a, o, n) -> ScalarUpdates.rmsPropMomentum(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.99f, 1e-8f, 0.9f),
                        (a, o, n) -> VectorUpdates.rmsPropMomentum(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, limit, 0.1f, 0.99f, 1e-8f, 0.9f)),
                update(
                        "adam",
                        4,
                        3,
                        (a, o, n) -> ScalarUpdates.adam(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, limit, 0.9f, 0.999f, 1e-8f, 0.01f,
                                7, 0.125f),
                        (a, o, n) -> VectorUpdates.adam(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, limit, 0.9f, 0.999f, 1e-8f, 0.01f,
                                7, 0.125f)),
                update(
                        "adam without a limit",
                        4,
                        3,
                        (a, o, n) -> ScalarUpdates.adam(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, none, 0.9f, 0.999f, 1e-8f, 0.01f, 7,
                                0.125f),
                        (a, o, n) -> VectorUpdates.adam(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, none, 0.9f, 0.999f, 1e-8f, 0.01f, 7,
                                0.125f)),
                update(
                        "adamRatios",
                        3,
                        1,
                        (a, o, n) -> ScalarUpdates.adamRatios(
                                a[0], a[1], o[0], n, FACTOR, LOW, HIGH, 0.999f, 1e-8f, 7, a[2], o[0]),
                        (a, o, n) -> VectorUpdates.adamRatios(
                                a[0], a[1], o[0], n, FACTOR, LOW, HIGH, 0.999f, 1e-8f, 7, a[2], o[0])),
                new Twins(
                        "adamShare",
                        4,
                        3,
                        true,
                        (a, o, n) -> ScalarUpdates.adamShare(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, 0.9f, 0.999f, 1e-8f, 0.01f, 7, 0.5f,
                                0.01f),
                        (a, o, n) -> VectorUpdates.adamShare(
                                a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, 0.9f, 0.999f, 1e-8f, 0.01f, 7, 0.5f,
                                0.01f)));
    }

    private static Twins effect(String name, int arrays, Effect scalar, Effect vector) {
        return new Twins(name, arrays, -1, false, returning(scalar), returning(vector));
    }

    private static Twins value(String name, int arrays, Body scalar, Body vector) {
        return new Twins(name, arrays, -1, false, scalar, vector);
    }

    private static Twins update(String name, int arrays, int positive, Effect scalar, Effect vector) {
        return new Twins(name, arrays, positive, true, returning(scalar), returning(vector));
    }

    private static Body returning(Effect effect) {
        return (a, o, n) -> {
            effect.run(a, o, n);
            return 0;
        };
    }

    private static float[][] arrays(Window[] windows) {
        return Arrays.stream(windows).map(Window::array).toArray(float[][]::new);
    }
}
