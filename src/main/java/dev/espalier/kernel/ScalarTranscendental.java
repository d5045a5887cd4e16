package dev.espalier.kernel;

/**
 * The definition of {@link Transcendental}, and the tails of {@link VectorTranscendental}.
 *
 * <p>The argument is split as {@code x = n·ln 2 + r} with {@code |r| ≤ ln 2/2}, and eʳ is its Taylor polynomial of degree 8
 * (relative error below 2⁻³¹). The logarithm uses {@code ln m = 2·artanh s, s = (m − 1)/(m + 1)} with {@code m} in
 * [√½, √2). A double carries 29 bits more than the result, so neither the reduction nor the polynomial needs a second term,
 * and subnormal floats are ordinary doubles.
 */
final class ScalarTranscendental {
    static final double LOG2_E = 1.4426950408889634;
    static final double LN_2 = 0.6931471805599453;

    /** Adding this rounds to an integer, which then stands in the low bits of the sum. */
    static final double ROUND = 0x1.8p52;

    static final double E2 = 1.0 / 2;
    static final double E3 = 1.0 / 6;
    static final double E4 = 1.0 / 24;
    static final double E5 = 1.0 / 120;
    static final double E6 = 1.0 / 720;
    static final double E7 = 1.0 / 5040;
    static final double E8 = 1.0 / 40320;

    /** Beyond these the float result is 0, ∞ or 1, and the exponent of the intermediate double stays in range. */
    static final double EXP_LOW = -110;

    static final double EXP_HIGH = 110;
    static final double TANH_HIGH = 40;

    static final long EXPONENT_BIAS = 1023;
    static final int FRACTION_BITS = 52;

    /** Bits of √½, less 1024 exponents so that a logical shift serves as an arithmetic one. */
    static final long LOG_SHIFT = Double.doubleToRawLongBits(0.7071067811865476) - (1024L << FRACTION_BITS);

    static final long ROUND_BITS_LESS_1024 = Double.doubleToRawLongBits(ROUND) - 1024;

    static final double L1 = 2.0;
    static final double L3 = 2.0 / 3;
    static final double L5 = 2.0 / 5;
    static final double L7 = 2.0 / 7;
    static final double L9 = 2.0 / 9;
    static final double L11 = 2.0 / 11;

    private ScalarTranscendental() {}

    static void exp(float[] x, int xo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = (float) exp(x[xo + i]);
        }
    }

    static void log(float[] x, int xo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = (float) log(x[xo + i]);
        }
    }

    static void tanh(float[] x, int xo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = tanh(x[xo + i]);
        }
    }

    static void sigmoid(float[] x, int xo, float[] out, int oo, int n) {
        for (int i = 0; i < n; i++) {
            out[oo + i] = (float) (1 / (1 + exp(-(double) x[xo + i])));
        }
    }

    /** eˣ in double to about 31 bits, for x clamped to [EXP_LOW, EXP_HIGH]. */
    static double exp(double x) {
        double clamped = x < EXP_LOW ? EXP_LOW : x;
        clamped = clamped > EXP_HIGH ? EXP_HIGH : clamped;
        double t = Math.fma(clamped, LOG2_E, ROUND);
        double r = Math.fma(ROUND - t, LN_2, clamped);
        return Math.fma(r, series(r), 1.0) * powerOfTwo(t);
    }

    /** {@code (eʳ − 1)/r}. */
    private static double series(double r) {
        double p = Math.fma(E8, r, E7);
        p = Math.fma(p, r, E6);
        p = Math.fma(p, r, E5);
        p = Math.fma(p, r, E4);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E2);
        return Math.fma(p, r, 1.0);
    }

    /** 2ⁿ for the n in the low bits of {@code t = n + ROUND}. */
    private static double powerOfTwo(double t) {
        return Double.longBitsToDouble((Double.doubleToRawLongBits(t) + EXPONENT_BIAS) << FRACTION_BITS);
    }

    /** {@code (e²ˣ − 1)/(e²ˣ + 1)} from e²ˣ − 1, which keeps its digits near 0. */
    private static float tanh(float x) {
        double y = 2.0 * Math.abs(x);
        y = y > TANH_HIGH ? TANH_HIGH : y;
        double t = Math.fma(y, LOG2_E, ROUND);
        double r = Math.fma(ROUND - t, LN_2, y);
        double power = powerOfTwo(t);
        double expMinusOne = Math.fma(power, r * series(r), power - 1.0);
        float magnitude = (float) (expMinusOne / (expMinusOne + 2.0));
        return Math.copySign(magnitude, x);
    }

    /** ln x in double to about 33 bits, for x that is a float or at least a normal double. */
    static double log(double x) {
        long bits = Double.doubleToRawLongBits(x);
        long exponent = (bits - LOG_SHIFT) >>> FRACTION_BITS;
        double m = Double.longBitsToDouble(bits - ((exponent - 1024) << FRACTION_BITS));
        double e = Double.longBitsToDouble(exponent + ROUND_BITS_LESS_1024) - ROUND;
        double s = (m - 1.0) / (m + 1.0);
        double z = s * s;
        double p = Math.fma(L11, z, L9);
        p = Math.fma(p, z, L7);
        p = Math.fma(p, z, L5);
        p = Math.fma(p, z, L3);
        p = Math.fma(p, z, L1);
        double result = Math.fma(e, LN_2, s * p);
        if (x > 0) {
            return x == Double.POSITIVE_INFINITY ? x : result;
        }
        return x == 0 ? Double.NEGATIVE_INFINITY : Double.NaN;
    }
}
