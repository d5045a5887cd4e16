package dev.espalier.nn;

import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Tensor;

/**
 * How a parameter starts. The same seed gives the same bits on every platform.
 *
 * <p>Fan-in is the number of inputs that feed one output through the parameter, fan-out the number of outputs that one
 * input feeds; a layer states both. Normal distributions are not truncated (as in PyTorch; Keras cuts at two standard
 * deviations).
 */
@FunctionalInterface
public interface Initializer {
    /**
     * Writes every element of {@code parameter}, as a function of the arguments only.
     *
     * @param fanIn at least 1
     * @param fanOut at least 1
     * @param seed differs between the parameters of a model
     */
    void fill(Tensor parameter, int fanIn, int fanOut, long seed);

    /** All zero. */
    static Initializer zeros() {
        return (parameter, fanIn, fanOut, seed) -> parameter.fill(0);
    }

    /**
     * Uniform in ±√(6/(fanIn + fanOut)), variance 2/(fanIn + fanOut): for linear, tanh and sigmoid layers. Glorot and
     * Bengio: Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010, equation 16.
     */
    static Initializer glorotUniform() {
        return (parameter, fanIn, fanOut, seed) -> uniform(parameter, 2.0 / ((double) fanIn + fanOut), seed);
    }

    /** Normal with variance 2/(fanIn + fanOut). Glorot and Bengio 2010, equation 12. */
    static Initializer glorotNormal() {
        return (parameter, fanIn, fanOut, seed) -> normal(parameter, 2.0 / ((double) fanIn + fanOut), seed);
    }

    /**
     * Uniform in ±√(6/fanIn), variance 2/fanIn: for relu layers. He, Zhang, Ren, Sun: Delving deep into rectifiers,
     * ICCV 2015, section 2.2.
     */
    static Initializer heUniform() {
        return (parameter, fanIn, fanOut, seed) -> uniform(parameter, 2.0 / fanIn, seed);
    }

    /** Normal with variance 2/fanIn. He et al. 2015, equation 10. */
    static Initializer heNormal() {
        return (parameter, fanIn, fanOut, seed) -> normal(parameter, 2.0 / fanIn, seed);
    }

    /**
     * Uniform in ±√(3/fanIn), variance 1/fanIn. LeCun, Bottou, Orr, Müller: Efficient BackProp, in Neural Networks:
     * Tricks of the Trade, 1998, section 4.6.
     */
    static Initializer lecunUniform() {
        return (parameter, fanIn, fanOut, seed) -> uniform(parameter, 1.0 / fanIn, seed);
    }

    /** Normal with variance 1/fanIn. LeCun et al. 1998, section 4.6. */
    static Initializer lecunNormal() {
        return (parameter, fanIn, fanOut, seed) -> normal(parameter, 1.0 / fanIn, seed);
    }

    private static void uniform(Tensor parameter, double variance, long seed) {
        // Uniform in ±a has variance a²/3.
        double limit = Math.sqrt(3 * variance);
        SplitMix64 random = new SplitMix64(seed);
        float[] array = parameter.array();
        for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
            array[i] = (float) (limit * (2 * random.nextDouble() - 1));
        }
    }

    private static void normal(Tensor parameter, double variance, long seed) {
        double deviation = Math.sqrt(variance);
        SplitMix64 random = new SplitMix64(seed);
        float[] array = parameter.array();
        for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
            array[i] = (float) (deviation * random.nextGaussian());
        }
    }
}
