package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.assertWithin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.internal.SplitMix64;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whether the noise is the one of the definition, and Gaussian. The seeds are fixed, so nothing here fails by chance. */
@Tag("kernel")
class NoiseTest {
    private static final int N = 1 << 20;

    /** The definition, with functions of the JDK. */
    @Test
    void isBoxAndMullersOfTheSplitMix64Stream() {
        int n = 1000;
        float[] z = noise(n, 7);
        SplitMix64 random = new SplitMix64(7);
        for (int pair = 0; pair < n / 2 + 8; pair++) {
            double u = 2 - Double.longBitsToDouble(random.nextLong() >>> 12 | 0x3FF0000000000000L);
            long bits = random.nextLong();
            double angle = (Double.longBitsToDouble(bits >>> 12 | 0x3FF0000000000000L) - 1.5) * Math.PI / 2;
            double radius = Math.sqrt(-2 * Math.log(u));
            double a = radius * Math.cos(angle) * ((bits & 1) == 0 ? 1 : -1);
            double b = radius * Math.sin(angle);
            boolean exchanged = (bits & 2) != 0;
            int first = pair / 8 * 16 + pair % 8;
            check(z, first, exchanged ? b : a);
            check(z, first + 8, exchanged ? a : b);
        }
    }

    private static void check(float[] z, int i, double expected) {
        if (i < z.length) {
            assertWithin(expected, z[i], Math.abs(expected) * (TestData.U + 0x1p-30), "element " + i);
        }
    }

    @Test
    void momentsAreThoseOfTheNormalDistribution() {
        float[] z = noise(N, 1);
        double[] moments = new double[5];
        for (float x : z) {
            for (int k = 1; k <= 4; k++) {
                moments[k] += Math.pow(x, k) / N;
            }
        }
        // Four standard errors: √(1/n), √(2/n), √(15/n), √(96/n).
        assertWithin(0, moments[1], 4 * Math.sqrt(1.0 / N), "mean");
        assertWithin(1, moments[2], 4 * Math.sqrt(2.0 / N), "variance");
        assertWithin(0, moments[3], 4 * Math.sqrt(15.0 / N), "third moment");
        assertWithin(3, moments[4], 4 * Math.sqrt(96.0 / N), "fourth moment");
    }

    @Test
    void tailsAreThoseOfTheNormalDistribution() {
        float[] z = noise(N, 2);
        double[] above = {0.1586552539, 0.0227501319, 0.0013498980, 3.16712418e-5};
        for (int t = 1; t <= above.length; t++) {
            int threshold = t;
            double p = above[t - 1];
            for (int sign : new int[] {1, -1}) {
                long count = 0;
                for (float x : z) {
                    count += sign * x > threshold ? 1 : 0;
                }
                assertWithin(N * p, count, 4 * Math.sqrt(N * p), "beyond " + sign * t);
            }
        }
        for (float x : z) {
            assertTrue(Math.abs(x) < 8.5);
        }
    }

    /** Kolmogorov and Smirnov: √n·sup|F_n − Φ| exceeds 1.63 in one sample of a hundred. */
    @Test
    void distributionIsTheNormalOne() {
        for (long seed = 0; seed < 5; seed++) {
            float[] z = noise(20_000, seed);
            Arrays.sort(z);
            double distance = 0;
            for (int i = 0; i < z.length; i++) {
                double phi = phi(z[i]);
                distance = Math.max(distance, Math.max(phi - (double) i / z.length, (i + 1.0) / z.length - phi));
            }
            double statistic = Math.sqrt(z.length) * distance;
            assertTrue(statistic < 1.63, "seed " + seed + ": " + statistic);
            assertTrue(statistic > 0.3, "seed " + seed + ": too regular, " + statistic);
        }
    }

    @Test
    void neighboursPairsAndSeedsAreNotCorrelated() {
        float[] z = noise(N, 3);
        float[] other = noise(N, 4);
        for (int lag : new int[] {1, 2, 7, 8, 9, 16, 50_890}) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i + lag < N; i++) {
                sum += (double) z[i] * z[i + lag];
                squares += ((double) z[i] * z[i] - 1) * ((double) z[i + lag] * z[i + lag] - 1);
            }
            assertWithin(0, sum / N, 4 * Math.sqrt(1.0 / N), "lag " + lag);
            assertWithin(0, squares / N, 4 * Math.sqrt(4.0 / N), "squares at lag " + lag);
        }
        double sum = 0;
        for (int i = 0; i < N; i++) {
            sum += (double) z[i] * other[i];
        }
        assertWithin(0, sum / N, 4 * Math.sqrt(1.0 / N), "another seed");
    }

    @Test
    void addsToWhatIsThereWithTheDeviation() {
        float[] z = noise(100, 5);
        float[] x = new float[100];
        Arrays.fill(x, 3);
        Noise.addGaussian(x, 0, 100, 0.25, 5);
        for (int i = 0; i < 100; i++) {
            assertWithin(3 + 0.25 * z[i], x[i], 1e-6, "element " + i);
        }
        float[] before = x.clone();
        Noise.addGaussian(x, 0, 100, 0, 5);
        assertEquals(Arrays.toString(before), Arrays.toString(x));
    }

    private static float[] noise(int n, long seed) {
        float[] z = new float[n];
        Noise.addGaussian(z, 0, n, 1, seed);
        return z;
    }

    /** Φ(x) by the series of Marsaglia (2004). */
    private static double phi(double x) {
        double sum = x;
        double term = x;
        double last = 0;
        for (int i = 3; sum != last; i += 2) {
            last = sum;
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + sum * Math.exp(-0.5 * x * x - 0.91893853320467274178);
    }
}
