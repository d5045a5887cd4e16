package dev.espalier.kernel;

import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Mix;
import java.util.ArrayList;
import java.util.List;

/**
 * One facade method as a call on float windows, for the tests that hold for all of them: bad arguments, offsets, hashes and
 * allocation. {@link #ALL} has every method whose arguments are windows; {@link Gemm} has tests of its own.
 *
 * @param name unique
 * @param arrays the float arrays, named as in error messages
 * @param written which of them are written
 * @param columns 0 for plain windows; else n is rows × columns, and a bias or a row of sums has columns elements
 * @param overlap what is demanded of two windows of which one is written
 */
record KernelCall(String name, List<String> arrays, List<String> written, int columns, Overlap overlap, Body body) {
    enum Overlap {
        SAME_OR_DISJOINT,
        DISJOINT,
        /** Updates: one offset for all arrays. */
        DIFFERENT_ARRAYS
    }

    /** The call itself; returns the result, or 0. */
    @FunctionalInterface
    interface Body {
        double run(float[][] arrays, int[] offsets, int n);
    }

    /** Scalars of the updates: a plan that scales and clamps, and hyperparameters that exercise every term. */
    static final float FACTOR = 0.75f;

    static final float LOW = -0.875f;
    static final float HIGH = 1.125f;
    static final float LIMIT = Float.MAX_VALUE;
    static final float RATE = 0.01f;
    static final float WEIGHT_DECAY = 0.125f;
    static final float MOMENTUM = 0.9f;
    static final float RHO = 0.99f;
    static final float EPSILON = 1e-8f;
    static final float BETA1 = 0.9f;
    static final float BETA2 = 0.999f;
    static final float STEP_SIZE = 0.0125f;
    static final float ROOT_CORRECTION = 3.5f;

    /** More rows than any test has. */
    private static final int ROWS = 30_000;

    static final List<KernelCall> ALL = all();

    int length(String array, int n) {
        return columns > 0 && (array.equals("bias") || name.startsWith("columnSums") && array.equals("out"))
                ? columns
                : n;
    }

    /** The largest usable length up to n: whole rows. */
    int whole(int n) {
        return columns == 0 ? n : n / columns * columns;
    }

    /** Inputs of this kind and length; second moments are not negative. */
    float[][] contents(Mix mix, int n) {
        float[][] contents = new float[arrays.size()][];
        for (int i = 0; i < contents.length; i++) {
            float[] content = mix.floats(1000L * i + n, length(arrays.get(i), n));
            contents[i] = arrays.get(i).equals("v") ? TestData.abs(content) : content;
        }
        return contents;
    }

    boolean oneOffset() {
        return overlap == Overlap.DIFFERENT_ARRAYS;
    }

    @Override
    public String toString() {
        return name;
    }

    private static List<KernelCall> all() {
        List<KernelCall> calls = new ArrayList<>();
        elementwise(calls);
        for (Activation activation : Activation.values()) {
            activation(calls, activation);
        }
        transcendental(calls);
        reductions(calls);
        updates(calls);
        updateMeasures(calls);
        for (int columns : new int[] {1, 10, 47}) {
            rows(calls, columns);
        }
        return List.copyOf(calls);
    }

    private static void elementwise(List<KernelCall> calls) {
        add(calls, "scale by a float", "x", "x", (a, o, n) -> {
            Elementwise.scale(a[0], o[0], n, FACTOR);
            return 0;
        });
        add(calls, "scale by a double", "x", "x", (a, o, n) -> {
            Elementwise.scale(a[0], o[0], n, 1 / 3.0);
            return 0;
        });
        add(calls, "axpy", "x y", "y", (a, o, n) -> {
            Elementwise.axpy(a[0], o[0], a[1], o[1], n, FACTOR);
            return 0;
        });
        add(calls, "add", "x y out", "out", (a, o, n) -> {
            Elementwise.add(a[0], o[0], a[1], o[1], a[2], o[2], n);
            return 0;
        });
        add(calls, "subtract", "x y out", "out", (a, o, n) -> {
            Elementwise.subtract(a[0], o[0], a[1], o[1], a[2], o[2], n);
            return 0;
        });
        add(calls, "multiply", "x y out", "out", (a, o, n) -> {
            Elementwise.multiply(a[0], o[0], a[1], o[1], a[2], o[2], n);
            return 0;
        });
        add(calls, "clamp", "x", "x", (a, o, n) -> {
            Elementwise.clamp(a[0], o[0], n, LOW, HIGH);
            return 0;
        });
        add(calls, "clip", "x", "x", (a, o, n) -> {
            Elementwise.clip(a[0], o[0], n, FACTOR, LOW, HIGH);
            return 0;
        });
        pair(calls, "spikes", "x v", "x v", (a, o, n) -> Elementwise.spikes(a[0], o[0], a[1], o[1], n, 1.5f, 0.99f));
        pair(calls, "carryIn", "x carry", "x carry", (a, o, n) -> {
            Elementwise.carryIn(a[0], o[0], a[1], o[1], n);
            return 0;
        });
        pair(calls, "carryOut", "x carry", "carry", (a, o, n) -> {
            Elementwise.carryOut(a[0], o[0], a[1], o[1], n, FACTOR, LOW, HIGH);
            return 0;
        });
        add(calls, "zeroNonFinite", "x", "x", (a, o, n) -> Elementwise.zeroNonFinite(a[0], o[0], n));
        add(calls, "addGaussian", "x", "x", (a, o, n) -> {
            Noise.addGaussian(a[0], o[0], n, 1 / 3.0, 42);
            return 0;
        });
    }

    private static void activation(List<KernelCall> calls, Activation activation) {
        boolean linear = activation == Activation.LINEAR;
        add(calls, activation + " apply", "x", linear ? "" : "x", (a, o, n) -> {
            activation.apply(a[0], o[0], n);
            return 0;
        });
        List<String> written = linear ? List.of() : List.of("dy");
        calls.add(new KernelCall(
                activation + " gradient", List.of("y", "dy"), written, 0, Overlap.DISJOINT, (a, o, n) -> {
                    activation.gradient(a[0], o[0], a[1], o[1], n);
                    return 0;
                }));
    }

    private static void transcendental(List<KernelCall> calls) {
        add(calls, "exp", "x out", "out", (a, o, n) -> {
            Transcendental.exp(a[0], o[0], a[1], o[1], n);
            return 0;
        });
        add(calls, "log", "x out", "out", (a, o, n) -> {
            Transcendental.log(a[0], o[0], a[1], o[1], n);
            return 0;
        });
        add(calls, "tanh", "x out", "out", (a, o, n) -> {
            Transcendental.tanh(a[0], o[0], a[1], o[1], n);
            return 0;
        });
        add(calls, "sigmoid", "x out", "out", (a, o, n) -> {
            Transcendental.sigmoid(a[0], o[0], a[1], o[1], n);
            return 0;
        });
    }

    private static void reductions(List<KernelCall> calls) {
        add(calls, "sum", "x", "", (a, o, n) -> Reductions.sum(a[0], o[0], n));
        add(calls, "sumOfSquares", "x", "", (a, o, n) -> Reductions.sumOfSquares(a[0], o[0], n));
        add(calls, "sumOfSquares on threads", "x", "", (a, o, n) -> Reductions.sumOfSquares(a[0], o[0], n, 2));
        add(
                calls,
                "sumOfSquares clipped",
                "x",
                "",
                (a, o, n) -> Reductions.sumOfSquares(a[0], o[0], n, FACTOR, LOW, HIGH));
        add(calls, "sumOfAbs", "x", "", (a, o, n) -> Reductions.sumOfAbs(a[0], o[0], n));
        add(
                calls,
                "sumOfSquaredDifferences",
                "x y",
                "",
                (a, o, n) -> Reductions.sumOfSquaredDifferences(a[0], o[0], a[1], o[1], n));
        add(calls, "powerSum", "x", "", (a, o, n) -> Reductions.powerSum(a[0], o[0], n, 2.5, 3.0));
        add(calls, "max", "x", "", (a, o, n) -> Reductions.max(a[0], o[0], n));
        add(calls, "maxAbs", "x", "", (a, o, n) -> Reductions.maxAbs(a[0], o[0], n));
        add(calls, "firstNonFinite", "x", "", (a, o, n) -> Reductions.firstNonFinite(a[0], o[0], n));
        add(calls, "countOutside", "x", "", (a, o, n) -> Reductions.countOutside(a[0], o[0], n, FACTOR, LOW, HIGH));
        add(calls, "argMax", "x", "", (a, o, n) -> Reductions.argMax(a[0], o[0], n));
        add(
                calls,
                "squaredError",
                "p t",
                "",
                (a, o, n) -> Losses.squaredError(a[0], o[0], a[1], o[1], n, FACTOR, null, 0));
        add(
                calls,
                "squaredError and gradient",
                "p t gradient",
                "gradient",
                (a, o, n) -> Losses.squaredError(a[0], o[0], a[1], o[1], n, FACTOR, a[2], o[2]));
    }

    private static void updates(List<KernelCall> calls) {
        update(calls, "sgd", "w g", (a, o, n) -> {
            Updates.sgd(a[0], a[1], o[0], n, FACTOR, LOW, HIGH, LIMIT, RATE);
            return 0;
        });
        update(calls, "momentum", "w g velocity", (a, o, n) -> {
            Updates.momentum(a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, LIMIT, RATE, MOMENTUM, false);
            return 0;
        });
        update(calls, "nesterov", "w g velocity", (a, o, n) -> {
            Updates.momentum(a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, LIMIT, RATE, MOMENTUM, true);
            return 0;
        });
        update(calls, "rmsProp", "w g v", (a, o, n) -> {
            Updates.rmsProp(a[0], a[1], a[2], o[0], n, FACTOR, LOW, HIGH, LIMIT, RATE, RHO, EPSILON);
            return 0;
        });
        update(calls, "rmsPropMomentum", "w g v velocity", (a, o, n) -> {
            Updates.rmsPropMomentum(
                    a[0], a[1], a[2], a[3], o[0], n, FACTOR, LOW, HIGH, LIMIT, RATE, RHO, EPSILON, MOMENTUM);
            return 0;
        });
        update(calls, "adam", "w g m v", (a, o, n) -> {
            Updates.adam(
                    a[0],
                    a[1],
                    a[2],
                    a[3],
                    o[0],
                    n,
                    FACTOR,
                    LOW,
                    HIGH,
                    LIMIT,
                    BETA1,
                    BETA2,
                    EPSILON,
                    STEP_SIZE,
                    ROOT_CORRECTION,
                    WEIGHT_DECAY);
            return 0;
        });
    }

    private static void updateMeasures(List<KernelCall> calls) {
        calls.add(new KernelCall(
                "adamSquares",
                words("g v"),
                List.of(),
                0,
                Overlap.DIFFERENT_ARRAYS,
                (a, o, n) ->
                        Updates.adamSquares(a[0], a[1], o[0], n, FACTOR, LOW, HIGH, BETA2, EPSILON, ROOT_CORRECTION)));
        calls.add(new KernelCall(
                "adamShare",
                words("w g m v"),
                List.of(),
                0,
                Overlap.DIFFERENT_ARRAYS,
                (a, o, n) -> Updates.adamShare(
                        a[0],
                        a[1],
                        a[2],
                        a[3],
                        o[0],
                        n,
                        FACTOR,
                        LOW,
                        HIGH,
                        BETA1,
                        BETA2,
                        EPSILON,
                        STEP_SIZE,
                        ROOT_CORRECTION,
                        0.5f,
                        0.01f)));
    }

    private static void rows(List<KernelCall> calls, int columns) {
        String of = " of " + columns + " columns";
        calls.add(new KernelCall(
                "addBias" + of, List.of("x", "bias"), List.of("x"), columns, Overlap.DISJOINT, (a, o, n) -> {
                    Elementwise.addBias(a[0], o[0], n / columns, columns, a[1], o[1]);
                    return 0;
                }));
        double[] factors = factors();
        calls.add(new KernelCall(
                "scaleRows" + of, List.of("x"), List.of("x"), columns, Overlap.SAME_OR_DISJOINT, (a, o, n) -> {
                    Elementwise.scaleRows(a[0], o[0], n / columns, columns, factors, 3);
                    return 0;
                }));
        double[] sums = new double[ROWS];
        calls.add(new KernelCall(
                "rowSumsOfSquares" + of, List.of("x"), List.of(), columns, Overlap.SAME_OR_DISJOINT, (a, o, n) -> {
                    Reductions.rowSumsOfSquares(a[0], o[0], n / columns, columns, sums, 3);
                    return digest(sums, 3, n / columns);
                }));
        for (boolean accumulate : new boolean[] {false, true}) {
            calls.add(new KernelCall(
                    "columnSums" + of + (accumulate ? ", accumulated" : ""),
                    List.of("x", "out"),
                    List.of("out"),
                    columns,
                    Overlap.DISJOINT,
                    (a, o, n) -> {
                        Reductions.columnSums(a[0], o[0], n / columns, columns, a[1], o[1], accumulate);
                        return 0;
                    }));
        }
        calls.add(new KernelCall(
                "columnSumsOfSquares" + of, List.of("x"), List.of(), columns, Overlap.SAME_OR_DISJOINT, (a, o, n) -> {
                    Reductions.columnSumsOfSquares(a[0], o[0], n / columns, columns, sums, 3);
                    return digest(sums, 3, columns);
                }));
        calls.add(new KernelCall(
                "scaleColumns" + of, List.of("x"), List.of("x"), columns, Overlap.SAME_OR_DISJOINT, (a, o, n) -> {
                    Elementwise.scaleColumns(a[0], o[0], n / columns, columns, factors, 3);
                    return 0;
                }));
        calls.add(new KernelCall(
                "softmax" + of, List.of("x", "out"), List.of("out"), columns, Overlap.SAME_OR_DISJOINT, (a, o, n) -> {
                    Losses.softmax(a[0], o[0], n / columns, columns, a[1], o[1]);
                    return 0;
                }));
        int[] labels = labels(columns);
        calls.add(new KernelCall(
                "softmaxCrossEntropy" + of,
                List.of("x"),
                List.of(),
                columns,
                Overlap.SAME_OR_DISJOINT,
                (a, o, n) -> Losses.softmaxCrossEntropy(a[0], o[0], labels, 3, n / columns, columns)));
        calls.add(new KernelCall(
                "softmaxCrossEntropy and gradient" + of,
                List.of("x", "gradient"),
                List.of("gradient"),
                columns,
                Overlap.SAME_OR_DISJOINT,
                (a, o, n) ->
                        Losses.softmaxCrossEntropy(a[0], o[0], labels, 3, n / columns, columns, 1 / 32f, a[1], o[1])));
    }

    private static int[] labels(int columns) {
        SplitMix64 random = new SplitMix64(columns);
        int[] labels = new int[ROWS];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = random.nextInt(columns);
        }
        return labels;
    }

    private static double[] factors() {
        double[] some = {0.3, 1, FACTOR, 1e-42 / 3, 0};
        double[] factors = new double[ROWS];
        for (int i = 0; i < ROWS; i++) {
            factors[i] = some[i % some.length];
        }
        return factors;
    }

    /** A number that shows every bit of the sums. */
    private static double digest(double[] sums, int offset, int n) {
        long digest = 0;
        for (int i = offset; i < offset + n; i++) {
            digest = SplitMix64.mix(digest, Double.doubleToLongBits(sums[i]));
        }
        return digest >>> 12;
    }

    private static void add(List<KernelCall> calls, String name, String arrays, String written, Body body) {
        calls.add(new KernelCall(name, words(arrays), words(written), 0, Overlap.SAME_OR_DISJOINT, body));
    }

    private static void pair(List<KernelCall> calls, String name, String arrays, String written, Body body) {
        calls.add(new KernelCall(name, words(arrays), words(written), 0, Overlap.DISJOINT, body));
    }

    private static void update(List<KernelCall> calls, String name, String arrays, Body body) {
        List<String> names = words(arrays);
        List<String> written =
                names.stream().filter(array -> !array.equals("g")).toList();
        calls.add(new KernelCall(name, names, written, 0, Overlap.DIFFERENT_ARRAYS, body));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }
}
