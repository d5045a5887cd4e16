package dev.espalier.optim;

/**
 * The learning rate of every step. Called once per step with the number of updates taken so far, so the first step asks for
 * {@code at(0)}; a skipped step asks again for the same number.
 *
 * <p>An implementation must be a pure function of the step, or a resumed run would differ. It returns a finite number at least 0:
 * a step with rate 0 moves no weight but takes place (moments and step count go on). Anything else stops the step with an error
 * that names it.
 */
@FunctionalInterface
public interface LearningRate {
    /** The learning rate for update number {@code step}, counted from 0. */
    float at(long step);

    /**
     * {@code rate} at every step.
     *
     * @throws IllegalArgumentException if rate is not a finite number above 0
     */
    static LearningRate constant(float rate) {
        return new Schedules.Constant(rate);
    }

    /**
     * {@code initial·factor^⌊step/every⌋}.
     *
     * @throws IllegalArgumentException if initial is not a finite number above 0, every is below 1, or factor is not in (0, 1]
     */
    static LearningRate stepDecay(float initial, long every, float factor) {
        return new Schedules.StepDecay(initial, every, factor);
    }

    /**
     * {@code initial·factor^step}.
     *
     * @throws IllegalArgumentException if initial is not a finite number above 0, or factor is not in (0, 1]
     */
    static LearningRate exponential(float initial, float factor) {
        return new Schedules.StepDecay(initial, 1, factor);
    }

    /**
     * {@code initial·(1 + cos(π·step/totalSteps))/2} (Loshchilov and Hutter: SGDR, 2017), and 0 from {@code totalSteps} on.
     *
     * @throws IllegalArgumentException if initial is not a finite number above 0 or totalSteps is below 1
     */
    static LearningRate cosine(float initial, long totalSteps) {
        return cosine(initial, totalSteps, 0);
    }

    /**
     * A linear warm-up, {@code initial·(step + 1)/warmupSteps}, and after it a cosine over the steps that remain:
     * {@code initial·(1 + cos(π·(step − warmupSteps)/(totalSteps − warmupSteps)))/2}, 0 from {@code totalSteps} on.
     *
     * @throws IllegalArgumentException if initial is not a finite number above 0, totalSteps is below 1, or warmupSteps is not in
     *     [0, totalSteps)
     */
    static LearningRate cosine(float initial, long totalSteps, long warmupSteps) {
        return new Schedules.Cosine(initial, totalSteps, warmupSteps);
    }
}
