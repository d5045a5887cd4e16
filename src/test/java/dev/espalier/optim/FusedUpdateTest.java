package dev.espalier.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.FloatArbitraries;
import dev.espalier.clip.Clip;
import dev.espalier.clip.Clipper;
import dev.espalier.clip.NonFinite;
import dev.espalier.tensor.Parameters;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** A fused step gives the bits of clipping in place and then a plain step, for every optimizer with every clip. */
@Tag("kernel")
class FusedUpdateTest {
    private static final int[] SIZES = {5, 0, 37, 1};
    private static final int SIZE = Arrays.stream(SIZES).sum();

    @Property(tries = 50)
    void clipThenPlainUpdate(
            @ForAll("steps") float[][] steps,
            @ForAll("threshold") float threshold,
            @ForAll("usualRate") float rate,
            @ForAll NonFinite policy) {
        boolean finite = policy == NonFinite.THROW;
        for (Optimizer optimizer : Subjects.optimizers(LearningRate.constant(rate))) {
            for (Clip clip : Subjects.clips(threshold)) {
                Clip policed = clip.nonFinite(policy);
                Parameters fused = parameters();
                Parameters plain = parameters();
                Stepper fusedStepper = optimizer.on(fused, policed);
                Stepper plainStepper = optimizer.on(plain, Clip.none().nonFinite(policy));
                float[][] slices = slices(plain);
                Clipper inPlace = policed.on(slices);
                for (float[] step : steps) {
                    put(step, fused.gradients(), finite);
                    put(step, plain.gradients(), finite);
                    clipInPlace(inPlace, slices, plain);
                    fusedStepper.step();
                    plainStepper.step();
                    String what = optimizer + " with " + policed;
                    Bits.assertSame(what, plain.weights(), fused.weights());
                    for (String state : fusedStepper.stateNames()) {
                        Bits.assertSame(what + " " + state, plainStepper.state(state), fusedStepper.state(state));
                    }
                    assertEquals(plainStepper.steps(), fusedStepper.steps());
                }
            }
        }
    }

    @Property(tries = 50)
    void noFiniteGradientBreaksAWeight(
            @ForAll("steps") float[][] steps,
            @ForAll("threshold") float threshold,
            @ForAll("rate") float rate,
            @ForAll("epsilon") float epsilon,
            @ForAll("beta") float beta1,
            @ForAll("beta") float beta2) {
        LearningRate schedule = step -> step == 1 ? 0 : rate;
        Optimizer[] optimizers = {
            Sgd.withLearningRate(schedule),
            Sgd.withLearningRate(schedule).momentum(beta1),
            RmsProp.withLearningRate(schedule).rho(beta2).epsilon(epsilon),
            RmsProp.withLearningRate(schedule).rho(beta2).epsilon(epsilon).momentum(beta1),
            Adam.withLearningRate(schedule).betas(beta1, beta2).epsilon(epsilon),
            Adam.withLearningRate(schedule).betas(beta1, beta2).epsilon(epsilon).updateClip(UpdateClip.rms(0.5f)),
            Adam.withLearningRate(schedule).betas(beta1, beta2).epsilon(epsilon).updateClip(UpdateClip.clippy()),
            AdamW.withLearningRate(schedule)
                    .betas(beta1, beta2)
                    .epsilon(epsilon)
                    .weightDecay(1 / Math.max(1, 2 * rate))
        };
        for (Optimizer optimizer : optimizers) {
            for (Clip clip : Subjects.clips(threshold)) {
                Parameters parameters = parameters();
                Stepper stepper = optimizer.on(parameters, clip);
                for (float[] step : steps) {
                    put(step, parameters.gradients(), true);
                    stepper.step();
                    assertFinite(optimizer, parameters.weights());
                    for (String state : stepper.stateNames()) {
                        assertFinite(optimizer, stepper.state(state));
                    }
                }
            }
        }
    }

    private static void assertFinite(Optimizer optimizer, float[] values) {
        for (float value : values) {
            assertTrue(Float.isFinite(value), optimizer::toString);
        }
    }

    private static Parameters parameters() {
        Parameters.Builder builder = Parameters.builder();
        for (int size : SIZES) {
            builder.add("p" + size, size);
        }
        Parameters parameters = builder.build();
        for (int i = 0; i < SIZE; i++) {
            parameters.weights()[i] = (i - 20) * 0.1f;
        }
        return parameters;
    }

    private static void put(float[] from, float[] to, boolean finite) {
        for (int i = 0; i < to.length; i++) {
            to[i] = finite && !Float.isFinite(from[i]) ? 1 : from[i];
        }
    }

    private static float[][] slices(Parameters parameters) {
        float[][] slices = new float[parameters.count()][];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new float[parameters.slice(i).length()];
        }
        return slices;
    }

    private static void clipInPlace(Clipper clipper, float[][] slices, Parameters parameters) {
        float[] gradients = parameters.gradients();
        for (int i = 0; i < slices.length; i++) {
            System.arraycopy(gradients, parameters.slice(i).offset(), slices[i], 0, slices[i].length);
        }
        clipper.apply();
        for (int i = 0; i < slices.length; i++) {
            System.arraycopy(slices[i], 0, gradients, parameters.slice(i).offset(), slices[i].length);
        }
    }

    /** Four gradients: some of one magnitude, some of all of them, some with NaN and ±∞. */
    @Provide
    Arbitrary<float[][]> steps() {
        Arbitrary<Float> near = FloatArbitraries.between(-2, 2);
        return Arbitraries.oneOf(
                        near.array(float[].class).ofSize(SIZE),
                        FloatArbitraries.anyFinite().array(float[].class).ofSize(SIZE),
                        FloatArbitraries.any().array(float[].class).ofSize(SIZE))
                .array(float[][].class)
                .ofSize(4);
    }

    @Provide
    Arbitrary<Float> threshold() {
        return Arbitraries.oneOf(Arbitraries.of(0.05f, 1f, 5f), FloatArbitraries.threshold());
    }

    @Provide
    Arbitrary<Float> usualRate() {
        return Arbitraries.of(1e-4f, 0.01f, 0.3f, 2f);
    }

    @Provide
    Arbitrary<Float> rate() {
        return Arbitraries.of(Float.MIN_VALUE, 1e-3f, 1f, 1e10f, Float.MAX_VALUE);
    }

    @Provide
    Arbitrary<Float> epsilon() {
        return Arbitraries.of(1e-19f, 1e-8f, 1f, Float.MAX_VALUE);
    }

    @Provide
    Arbitrary<Float> beta() {
        return Arbitraries.of(0f, 0.5f, 0.999f, Math.nextDown(1f));
    }
}
