package dev.espalier.bench;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Inputs, and the check that a benchmark computes what it claims before it is timed. */
final class Data {
    private Data() {}

    /** Uniform in [-1, 1). */
    static float[] random(int n, long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = 2 * random.nextFloat() - 1;
        }
        return x;
    }

    static void check(String what, double actual, double expected, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new IllegalStateException(what + " = " + actual + ": expected " + expected + " within " + tolerance);
        }
    }
}
