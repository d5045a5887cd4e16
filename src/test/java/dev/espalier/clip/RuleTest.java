package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.kernel.Elementwise;
import dev.espalier.kernel.Reductions;
import dev.espalier.tensor.Parameters;
import java.util.Arrays;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Rules of other kinds fit the same interface: with memory, on part of the gradients, with weights, rewriting. */
class RuleTest {
    /** Halves everything; counts the steps it saw. */
    private static final class Counting implements Rule {
        private int steps;

        @Override
        public Rule on(Gradients gradients) {
            return new Counting();
        }

        @Override
        public void plan(Gradients gradients) {
            steps++;
            for (Gradient gradient : gradients.each) {
                gradient.scale(1.0 / (1 << steps));
            }
        }
    }

    /** Another rule on the gradients whose names pass. */
    private record Filter(Predicate<String> names, Rule rule, Gradients part) implements Rule {
        Filter(Predicate<String> names, Rule rule) {
            this(names, rule, Gradients.of(new float[0][], 2));
        }

        @Override
        public Rule on(Gradients gradients) {
            Gradients part = gradients.left(
                    Arrays.stream(gradients.each)
                            .filter(gradient -> names.test(gradient.name))
                            .toArray(Gradient[]::new),
                    "");
            return new Filter(names, rule.on(part), part);
        }

        @Override
        public void measure(Gradients gradients) {
            rule.measure(part);
        }

        @Override
        public void plan(Gradients gradients) {
            rule.plan(part);
        }
    }

    /** Each row of a matrix to at most the norm of its weights. */
    private record Rows() implements Rule {
        @Override
        public void plan(Gradients gradients) {
            for (Gradient gradient : gradients.each) {
                assertNotNull(gradient.slice);
                assertNotNull(gradient.weights);
                gradient.rewrite();
                int columns = gradient.slice.size(1);
                for (int at = gradient.offset; at < gradient.offset + gradient.length; at += columns) {
                    double weight = Math.sqrt(Reductions.sumOfSquares(gradient.weights, at, columns));
                    double norm = Math.sqrt(Reductions.sumOfSquares(gradient.array, at, columns));
                    if (norm > weight) {
                        Elementwise.scale(gradient.array, at, columns, weight / norm);
                    }
                }
            }
        }
    }

    @Test
    void memoryBelongsToTheClipperAndRestsInSkippedSteps() {
        Counting description = new Counting();
        float[] gradient = {8, 8};
        Clipper clipper = clipper(description, Gradients.of(new float[][] {gradient}, 2));
        clipper.plan();
        assertEquals(0.5f, clipper.factor(0));
        gradient[1] = Float.NaN;
        assertTrue(clipper.plan().skipped());
        gradient[1] = 8;
        clipper.plan();
        assertEquals(0.25f, clipper.factor(0));
        assertEquals(0, description.steps);
    }

    @Test
    void filtersAndGroupsBindOtherRulesToAPart() {
        float[] first = {3};
        float[] second = {4};
        float[] third = {100};
        Rule group = new Filter(name -> !name.equals("gradients[2]"), new GlobalNorm(1, 2));
        Clipper clipper = clipper(group, Gradients.of(new float[][] {first, second, third}, 2));
        ClipReport report = clipper.apply();
        Bits.assertSame(new float[] {3 * 0.2f}, first);
        Bits.assertSame(new float[] {4 * 0.2f}, second);
        Bits.assertSame(new float[] {100}, third);
        assertEquals(Math.sqrt(10_025), report.normBefore());

        third[0] = Float.NaN;
        assertTrue(clipper.plan().skipped());
        assertEquals("gradients[2]", report.nonFiniteName());
    }

    @Test
    void rulesMayReadWeightsAndRewrite() {
        Parameters parameters = Parameters.builder().add("w", 2, 2).build();
        System.arraycopy(new float[] {3, 4, 0, 1}, 0, parameters.weights(), 0, 4);
        System.arraycopy(new float[] {6, 8, 0.5f, 0}, 0, parameters.gradients(), 0, 4);
        Rule chain = new Chain(new Chain(new Value(-100, 7), new Rows()), new Value(-1, 1));
        Clipper clipper = clipper(chain, Gradients.of(parameters, 2));
        ClipReport report = clipper.plan();
        // Clamped to 6, 7 by the first, then scaled to norm 5; the last one is a plan again.
        double norm = Math.sqrt(36 + 49);
        Bits.assertWithin(1, (float) (6 * 5 / norm), parameters.gradients()[0]);
        Bits.assertWithin(1, (float) (7 * 5 / norm), parameters.gradients()[1]);
        assertEquals(0.5f, parameters.gradients()[2]);
        assertEquals(-1, clipper.low(0));
        assertEquals(Math.sqrt(36 + 64 + 0.25), report.normBefore());
        assertEquals(Math.sqrt(2.25), report.normAfter());
        assertEquals(0.75, report.clampedFraction());
    }

    /** The largest quotient; where no threshold clips, and where all do, the largest of what was compared. */
    @Test
    void theReportKeepsTheLargestShareOfAThreshold() {
        double inf = Double.POSITIVE_INFINITY;
        double[][][] steps = {
            {{2, 1}, {3, 2}, {1, 1}},
            {{1, 1}, {2, 1}, {3, 2}},
            {{3, inf}, {1, inf}, {2, inf}},
            {{1, inf}, {3, inf}, {Double.NaN, 1}},
            {{1, 0}, {3, 0}, {2, 0}},
            {{Double.NaN, inf}, {0, 5}, {Double.NaN, 5}}
        };
        double[][] kept = {{2, 1}, {2, 1}, {3, inf}, {3, inf}, {3, 0}, {0, 5}};
        Gradients gradients = Gradients.of(new float[0][], 2);
        for (int i = 0; i < steps.length; i++) {
            gradients.forget();
            for (double[] pair : steps[i]) {
                gradients.compared(pair[0], pair[1]);
            }
            assertEquals(kept[i][0], gradients.measured(), "step " + i);
            assertEquals(kept[i][1], gradients.threshold(), "step " + i);
        }
    }

    @Test
    void theThreadsOfAClipperAreThoseOfEveryTensor() {
        Gradients gradients = Gradients.of(new float[][] {{1}, {2}}, 2);
        clipper(new None(), gradients).threads(3);
        for (Gradient each : gradients.each) {
            assertEquals(3, each.threads);
        }
    }

    private static Clipper clipper(Rule rule, Gradients gradients) {
        return new Clipper(Clip.none(), rule, gradients);
    }
}
