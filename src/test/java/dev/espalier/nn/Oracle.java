package dev.espalier.nn;

import dev.espalier.kernel.Activation;

/** Dense layers and losses in double, written as their formulas stand. */
final class Oracle {
    /** The smallest |z| that a relu has seen: a difference quotient that steps over 0 means nothing. */
    double nearestKink = Double.POSITIVE_INFINITY;

    /** {@code f(x·W + b)} for one example; W is row-major, inputs × outputs. */
    double[] dense(double[] x, double[] w, int wAt, double[] b, int bAt, int outputs, Activation f) {
        double[] y = new double[outputs];
        for (int j = 0; j < outputs; j++) {
            double z = b[bAt + j];
            for (int i = 0; i < x.length; i++) {
                z += x[i] * w[wAt + i * outputs + j];
            }
            y[j] = apply(f, z);
            if (f == Activation.RELU) {
                nearestKink = Math.min(nearestKink, Math.abs(z));
            }
        }
        return y;
    }

    static double apply(Activation f, double z) {
        return switch (f) {
            case LINEAR -> z;
            case RELU -> Math.max(z, 0);
            case TANH -> Math.tanh(z);
            case SIGMOID -> 1 / (1 + Math.exp(-z));
        };
    }

    /** {@code ln Σ exp y − y_label}. */
    static double softmaxCrossEntropy(double[] y, int label) {
        double max = Double.NEGATIVE_INFINITY;
        for (double v : y) {
            max = Math.max(max, v);
        }
        double sum = 0;
        for (double v : y) {
            sum += Math.exp(v - max);
        }
        return Math.log(sum) + max - y[label];
    }

    /** The mean of {@code (y − t)²}. */
    static double meanSquaredError(double[] y, float[] t, int tAt) {
        double sum = 0;
        for (int j = 0; j < y.length; j++) {
            sum += (y[j] - t[tAt + j]) * (y[j] - t[tAt + j]);
        }
        return sum / y.length;
    }

    static double[] widen(float[] x) {
        double[] wide = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            wide[i] = x[i];
        }
        return wide;
    }
}
