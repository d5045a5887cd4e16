package dev.espalier.optim;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void constant() {
        assertEquals(0.1f, LearningRate.constant(0.1f).at(0));
        assertEquals(0.1f, LearningRate.constant(0.1f).at(Long.MAX_VALUE));
        assertEquals("0.1", LearningRate.constant(0.1f).toString());
    }

    @Test
    void stepDecay() {
        LearningRate rate = LearningRate.stepDecay(0.8f, 10, 0.5f);
        assertEquals(0.8f, rate.at(0));
        assertEquals(0.8f, rate.at(9));
        assertEquals(0.4f, rate.at(10));
        assertEquals(0.1f, rate.at(39));
        assertEquals(0, rate.at(1_000_000));
        assertEquals(0.8f, LearningRate.stepDecay(0.8f, 1, 1).at(1000));
        assertEquals("0.8*0.5^(step/10)", rate.toString());
    }

    @Test
    void powers() {
        for (long n : new long[] {0, 1, 2, 3, 10, 999, 1000, 123_456}) {
            for (double base : new double[] {0, 0.5f, 0.9f, 0.999f, 0.99999f, 1}) {
                double expected = StrictMath.pow(base, n);
                assertEquals(expected, Powers.power(base, n), expected * 1e-10);
            }
        }
        assertEquals(0, Powers.power(Math.nextDown(1.0), Long.MAX_VALUE), 1e-300);
        assertEquals(1, Powers.power(1, Long.MAX_VALUE));
    }

    @Test
    void exponential() {
        LearningRate rate = LearningRate.exponential(1, 0.75f);
        assertEquals(1, rate.at(0));
        assertEquals(0.75f, rate.at(1));
        assertEquals(0.75f * 0.75f * 0.75f, rate.at(3));
    }

    @Test
    void cosine() {
        LearningRate rate = LearningRate.cosine(0.5f, 100);
        assertEquals(0.5f, rate.at(0));
        assertEquals(0.25f, rate.at(50));
        assertEquals(0.5 * (1 + Math.sqrt(0.5)) / 2, rate.at(25), 0x1p-25);
        assertEquals(0.5 * (1 - Math.sqrt(0.5)) / 2, rate.at(75), 0x1p-25);
        assertEquals(0, rate.at(100));
        assertEquals(0, rate.at(Long.MAX_VALUE));
        for (int step = 1; step < 100; step++) {
            assertTrue(rate.at(step) < rate.at(step - 1) && rate.at(step) > 0);
        }
        assertEquals("cosine from 0.5 over 100 steps", rate.toString());
    }

    /** Near the end of a long run 1 − progress would have few digits left. */
    @Test
    void cosineOfAnyLength() {
        for (long total : new long[] {100, 1_000_000_007L, Long.MAX_VALUE}) {
            LearningRate rate = LearningRate.cosine(1, total);
            for (int left = 1; left < 20; left++) {
                double root = Math.PI / 2 * left / total;
                double exact = Math.pow(StrictMath.sin(root), 2);
                assertEquals(exact, rate.at(total - left), Math.ulp((float) exact), left + " of " + total);
            }
            assertEquals(0.5f, rate.at(total / 2), 0x1p-24f + 2f / total);
        }
    }

    @Test
    void cosineAfterAWarmUp() {
        LearningRate rate = LearningRate.cosine(1, 30, 10);
        for (int step = 0; step < 10; step++) {
            assertEquals((step + 1) / 10f, rate.at(step));
        }
        assertEquals(1, rate.at(10));
        assertEquals(0.5f, rate.at(20));
        assertEquals(0, rate.at(30));
        assertEquals("cosine from 1.0 over 30 steps, warm-up 10", rate.toString());
    }

    @Test
    void badArgumentsAreNamed() {
        for (float bad : new float[] {Float.NaN, 0, -1, Float.POSITIVE_INFINITY}) {
            assertIllegal(() -> LearningRate.constant(bad), "learning rate = " + bad, "above 0");
            assertIllegal(() -> LearningRate.stepDecay(bad, 1, 0.5f), "initial = " + bad, "above 0");
            assertIllegal(() -> LearningRate.exponential(bad, 0.5f), "initial = " + bad, "above 0");
            assertIllegal(() -> LearningRate.cosine(bad, 1), "initial = " + bad, "above 0");
        }
        for (float bad : new float[] {Float.NaN, 0, -1, 1.5f}) {
            assertIllegal(() -> LearningRate.stepDecay(1, 1, bad), "factor = " + bad, "(0, 1]");
            assertIllegal(() -> LearningRate.exponential(1, bad), "factor = " + bad, "(0, 1]");
        }
        assertIllegal(() -> LearningRate.stepDecay(1, 0, 0.5f), "every = 0", "at least 1");
        assertIllegal(() -> LearningRate.cosine(1, 0), "totalSteps = 0", "at least 1");
        assertIllegal(() -> LearningRate.cosine(1, 10, -1), "warmupSteps = -1", "[0, 10)");
        assertIllegal(() -> LearningRate.cosine(1, 10, 10), "warmupSteps = 10", "[0, 10)");
    }
}
