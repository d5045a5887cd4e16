package dev.espalier.optim;

/** Powers with whole exponents. Math.pow differs between platforms, and StrictMath.pow allocates. */
final class Powers {
    private Powers() {}

    /** {@code baseⁿ} for base in [0, 1] and n ≥ 0, by squaring: relative error below {@code 2n·2⁻⁵³}. */
    static double power(double base, long n) {
        double power = 1;
        double square = base;
        for (long bits = n; bits != 0; bits >>>= 1) {
            if ((bits & 1) != 0) {
                power *= square;
            }
            square *= square;
        }
        return power;
    }
}
