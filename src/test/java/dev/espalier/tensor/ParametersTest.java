package dev.espalier.tensor;

import static dev.espalier.Errors.assertIllegal;
import static dev.espalier.Errors.assertOutOfBounds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class ParametersTest {
    private final Parameters parameters = Parameters.builder()
            .add("dense1.weight", 3, 2)
            .add("dense1.bias", 2)
            .add("empty", 0, 5)
            .add("scale")
            .build();

    @Test
    void slicesFollowEachOtherWithoutGaps() {
        assertEquals(9, parameters.size());
        assertEquals(4, parameters.count());
        int end = 0;
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            assertEquals(i, slice.index());
            assertEquals(end, slice.offset());
            end += slice.length();
            assertSame(slice, parameters.slice(slice.name()));
        }
        assertEquals(parameters.size(), end);
    }

    @Test
    void bothArraysHaveTheLayoutAndBeginAtZero() {
        assertArrayEquals(new float[9], parameters.weights());
        assertArrayEquals(new float[9], parameters.gradients());
        assertNotSame(parameters.weights(), parameters.gradients());
        parameters.weights()[8] = 2;
        assertEquals(2, parameters.weights()[8]);
        assertEquals(0, parameters.gradients()[8]);
    }

    @Test
    void aSliceKnowsItsShape() {
        Parameters.Slice weight = parameters.slice("dense1.weight");
        assertEquals(6, weight.length());
        assertEquals(2, weight.rank());
        assertEquals(3, weight.size(0));
        assertEquals(2, weight.size(1));
        assertEquals(0, parameters.slice("empty").length());
        assertEquals(1, parameters.slice("scale").length());
        assertEquals(0, parameters.slice("scale").rank());
        assertEquals("dense1.bias [2] at 6", parameters.slice(1).toString());
    }

    @Test
    void shapesAreCopied() {
        int[] shape = {4, 2};
        Parameters one = Parameters.builder().add("w", shape).build();
        shape[0] = 9;
        one.slice(0).shape()[1] = 9;
        assertArrayEquals(new int[] {4, 2}, one.slice(0).shape());
    }

    @Test
    void whatIsBuiltDoesNotChangeWithItsBuilder() {
        Parameters.Builder builder = Parameters.builder().add("a", 1);
        Parameters one = builder.build();
        Parameters two = builder.add("b", 2).build();
        assertEquals(1, one.count());
        assertEquals(3, two.size());
        assertIllegal(() -> one.slice("b"), "\"b\"", "[a]");
    }

    @Test
    void arraysThatAreThereAreUsed() {
        float[] weights = {1, 2, 3};
        float[] gradients = {4, 5, 6};
        Parameters.Builder builder = Parameters.builder().add("a", 1).add("b", 2);
        Parameters adopted = builder.build(weights, gradients);
        assertSame(weights, adopted.weights());
        assertSame(gradients, adopted.gradients());
        assertEquals(3, adopted.weight("b").get(1));
        assertEquals(6, adopted.gradient("b").get(1));
        assertIllegal(() -> builder.build(null, gradients), "weights is null");
        assertIllegal(() -> builder.build(weights, null), "gradients is null");
        assertIllegal(() -> builder.build(new float[2], gradients), "length of weights = 2", "3");
        assertIllegal(() -> builder.build(weights, new float[4]), "length of gradients = 4", "3");
        assertIllegal(() -> builder.build(weights, weights), "gradients is the array of the weights");
        float[] one = new float[1];
        assertIllegal(() -> Parameters.builder().add("a").build(one, one), "gradients is the array of the weights");
        float[] none = {};
        assertSame(none, Parameters.builder().build(none, none).weights());
    }

    @Test
    void nothingAtAllIsLegal() {
        Parameters nothing = Parameters.builder().build();
        assertEquals(0, nothing.size());
        assertEquals(0, nothing.count());
    }

    @Test
    void textListsTheLayout() {
        assertEquals("""
                Parameters of 9 floats
                  dense1.weight [3, 2] at 0
                  dense1.bias [2] at 6
                  empty [0, 5] at 8
                  scale [] at 8""", parameters.toString());
    }

    @Test
    void badArgumentsAreNamed() {
        Parameters.Builder builder = Parameters.builder().add("a", 2);
        assertIllegal(() -> builder.add("a", 2), "name = \"a\"", "not yet taken");
        assertIllegal(() -> builder.add(" ", 2), "name = \" \"", "visible");
        assertIllegal(() -> builder.add(null, 2), "name is null");
        assertIllegal(() -> builder.add("b", (int[]) null), "shape is null");
        assertIllegal(() -> builder.add("b", 2, -1), "shape[1] of b = -1", "at least 0");
        assertIllegal(() -> builder.add("b", 1 << 16, 1 << 16), "size of b", "65536 x 65536");
        assertIllegal(() -> builder.add("b", Integer.MAX_VALUE - 8), "up to b = 2147483641", "2147483639");
        assertEquals(2, builder.build().size());

        assertIllegal(
                () -> parameters.slice("dense2.weight"),
                "\"dense2.weight\"",
                "dense1.weight, dense1.bias, empty, scale");
        assertIllegal(() -> parameters.slice(null), "name is null");
        assertOutOfBounds(() -> parameters.slice(4), "index = 4", "[0, 4)");
        assertOutOfBounds(() -> parameters.slice(-1), "index = -1");
        assertOutOfBounds(() -> parameters.slice(0).size(2), "axis = 2", "[0, 2)");
        assertOutOfBounds(() -> parameters.slice(0).size(-1), "axis = -1");
    }
}
