package dev.espalier.clip;

import static dev.espalier.Errors.assertIllegal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.Bits;
import dev.espalier.tensor.Parameters;
import org.junit.jupiter.api.Test;

/** Clips for parameters by name: filters, and groups made of them. */
class FilterTest {
    private final Parameters parameters = Parameters.builder()
            .add("dense1.weight", 1, 2)
            .add("dense1.bias", 1)
            .add("dense2.weight", 1, 1)
            .add("dense2.bias", 1)
            .build();

    FilterTest() {
        System.arraycopy(new float[] {3, 4, 12, 100, 7}, 0, parameters.gradients(), 0, 5);
    }

    @Test
    void onlyTakesTheNormOfWhatIsNamed() {
        Clipper clipper = Clip.globalNorm(6.5f).only("dense1.*").on(parameters);
        ClipReport report = clipper.apply();
        assertGradients(1.5f, 2, 6, 100, 7);
        assertEquals(Math.sqrt(169 + 10_000 + 49), report.normBefore());
        assertEquals(Math.sqrt(169 / 4.0 + 10_000 + 49), report.normAfter());
        assertEquals(0.5, report.tensorFactor(0));
        assertEquals(1, report.tensorFactor(2));
        assertEquals(6.5, report.tensorThreshold(1));
        assertTrue(Double.isNaN(report.tensorThreshold(2)));
    }

    @Test
    void exceptTakesTheRest() {
        Clip.globalNorm(2.5f).except("*.bias", "dense2.*").on(parameters).apply();
        assertGradients(1.5f, 2, 12, 100, 7);
        Clip.value(3)
                .except("dense1.weight")
                .except("dense2.bias")
                .on(parameters)
                .apply();
        assertGradients(1.5f, 2, 3, 3, 7);
    }

    @Test
    void filtersOfFiltersNarrow() {
        Clip.value(1).only("*.bias").only("dense2.*").on(parameters).apply();
        assertGradients(3, 4, 12, 100, 1);
        Clip.value(2).only("*.bias").except("dense2.*").on(parameters).apply();
        assertGradients(3, 4, 2, 100, 1);
        // What the outer filter has left need not hold all that the inner one names.
        Clip.value(1)
                .except("dense1.weight", "dense2.*")
                .only("dense1.*")
                .on(parameters)
                .apply();
        assertGradients(3, 4, 1, 100, 1);
    }

    @Test
    void groupsHaveTheirOwnThresholdsAndParts() {
        Clip groups = Clip.globalNorm(6.5f)
                .only("dense1.*")
                .then(Clip.globalNorm(200).only("dense2.*"))
                .then(Clip.value(50));
        Clipper clipper = groups.on(parameters);
        ClipReport report = clipper.plan();
        assertGradients(3, 4, 12, 100, 7);
        assertEquals(3, report.parts().size());
        ClipPart first = report.parts().get(0);
        ClipPart second = report.parts().get(1);
        ClipPart third = report.parts().get(2);
        assertEquals("globalNorm(6.5).only(\"dense1.*\")", first.name());
        assertEquals(2, first.count());
        assertEquals("dense1.bias", first.tensor(1));
        assertEquals(13, first.normBefore());
        assertEquals(6.5, first.normAfter());
        assertEquals(13, first.measured());
        assertEquals(6.5, first.threshold());
        assertEquals(0.5, first.factor());
        assertEquals(0, first.clampedFraction());
        assertTrue(first.clipped());
        assertEquals(Math.sqrt(10_049), second.normBefore());
        assertEquals(Math.sqrt(2_549), second.normAfter());
        assertEquals(200, second.threshold());
        assertFalse(second.clipped());
        assertEquals(1, second.factor());
        assertEquals(0.5, second.clampedFraction());
        assertEquals("value(-50.0, 50.0)", third.name());
        assertEquals(4, third.count());
        assertEquals(0.2, third.clampedFraction());
        assertEquals(1, report.tensorClampedFraction(2));
        assertEquals(0, report.tensorClampedFraction(3));
        assertEquals(1, first.steps());
        assertEquals(1, first.clipRate());
        assertEquals(0, second.clipRate());
        assertEquals(
                groups.toString(),
                "globalNorm(6.5).only(\"dense1.*\") then globalNorm(200.0).only(\"dense2.*\") then value(-50.0, 50.0)");
    }

    @Test
    void aChainIsFilteredAsAWhole() {
        Clip chain = Clip.value(4).then(Clip.globalNorm(2.5f)).only("dense1.weight");
        assertEquals("(value(-4.0, 4.0) then globalNorm(2.5)).only(\"dense1.weight\")", chain.toString());
        ClipReport report = chain.on(parameters).apply();
        assertGradients(1.5f, 2, 12, 100, 7);
        assertEquals(
                "globalNorm(2.5).only(\"dense1.weight\")", report.parts().get(1).name());
    }

    @Test
    void groupsAreMeasuredInOneRead() {
        Gradients gradients = Gradients.of(parameters, 2);
        Rule apart = new Chain(
                new Filter(new GlobalNorm(1, 2), Names.of(new String[] {"dense1.*"}, true)),
                new Filter(new GlobalNorm(1, 2), Names.of(new String[] {"dense2.*"}, true)));
        Part.bind(apart, gradients).measure(gradients);
        parameters.gradients()[4] = Float.NaN;
        // Known from the sums: nobody searches.
        assertEquals(-1, gradients.each[3].firstNonFinite());
    }

    @Test
    void thePolicyHoldsForAllGradients() {
        parameters.gradients()[4] = Float.NaN;
        ClipReport report = Clip.globalNorm(1).only("dense1.*").on(parameters).apply();
        assertTrue(report.skipped());
        assertEquals("dense2.bias", report.nonFiniteName());
        assertTrue(Double.isNaN(report.parts().get(0).measured()));
        assertEquals(0, report.parts().get(0).steps());
        assertTrue(Double.isNaN(report.parts().get(0).clipRate()));
    }

    @Test
    void plainArraysAreCalledByTheirNumber() {
        float[][] gradients = {{3}, {4}, {5}};
        Clip.value(1).only("gradients[0]", "*2]").apply(gradients);
        Bits.assertSame(new float[][] {{1}, {4}, {1}}, gradients);
    }

    @Test
    void aPatternWithoutAMatchIsAnError() {
        assertIllegal(
                () -> Clip.norm(1).only("dense1.*", "conv*").on(parameters),
                "pattern = \"conv*\"",
                "dense1.weight, dense1.bias, dense2.weight, dense2.bias");
        assertIllegal(() -> Clip.norm(1).except("dense3.*").on(parameters), "pattern = \"dense3.*\"");
        assertIllegal(() -> Clip.none().only("bias").on(parameters), "pattern = \"bias\"");
        assertIllegal(() -> Clip.norm(1).except("*").on(parameters), "except(\"*\") leaves no parameter");
        assertIllegal(() -> Clip.norm(1).only("x").apply(new float[1]), "pattern = \"x\"", "gradients[0]");
        assertIllegal(
                () -> Clip.norm(1).only("*.weight").only("*.bias").on(parameters),
                "only(\"*.weight\") leaves no parameter",
                "[dense1.bias, dense2.bias]");
        assertIllegal(() -> Clip.norm(1).only(), "patterns = []", "at least one");
        assertIllegal(() -> Clip.norm(1).only("*", null), "patterns[1] is null");
        assertIllegal(() -> Clip.norm(1).except(" "), "patterns[0] = \" \"");
        assertIllegal(() -> Clip.norm(1).only((String[]) null), "patterns is null");
    }

    @Test
    void starsStandForAnyText() {
        assertTrue(Names.matches("*", ""));
        assertTrue(Names.matches("a*b*c", "abc"));
        assertTrue(Names.matches("a*b*c", "a.b.b.c"));
        assertTrue(Names.matches("**.bias", "x.bias.bias"));
        assertFalse(Names.matches("a*b", "abc"));
        assertFalse(Names.matches("bias", "x.bias"));
        assertFalse(Names.matches("a", ""));
        assertFalse(Names.matches("", "a"));
        assertTrue(Names.matches("[a].?", "[a].?"));
        assertFalse(Names.matches("a.c", "abc"));
    }

    private void assertGradients(float... expected) {
        Bits.assertSame(expected, parameters.gradients());
    }
}
