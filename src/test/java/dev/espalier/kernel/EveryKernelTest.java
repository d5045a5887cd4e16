package dev.espalier.kernel;

import static dev.espalier.kernel.TestData.LENGTHS;
import static dev.espalier.kernel.TestData.assertSame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.espalier.HashTable;
import dev.espalier.internal.SplitMix64;
import dev.espalier.kernel.TestData.Mix;
import dev.espalier.kernel.TestData.Window;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every kernel: the offset does not show, nothing outside the windows changes, and neither do the bits. */
@Tag("kernel")
class EveryKernelTest {
    static Stream<KernelCall> calls() {
        return KernelCall.ALL.stream();
    }

    @ParameterizedTest
    @MethodSource("calls")
    void offsetDoesNotShowAndNothingElseIsWritten(KernelCall call) {
        SplitMix64 random = new SplitMix64(call.name().hashCode());
        for (int length : LENGTHS) {
            int n = call.whole(length);
            for (Mix mix : Mix.values()) {
                float[][] contents = call.contents(mix, n);
                float[][] expected = copies(contents);
                double result = call.body().run(expected, new int[expected.length], n);

                int offset = random.nextInt(40);
                List<Window> windows = new ArrayList<>();
                for (float[] content : contents) {
                    windows.add(Window.of(content, call.oneOffset() ? offset : random.nextInt(40)));
                }
                double shifted = call.body()
                        .run(
                                windows.stream().map(Window::array).toArray(float[][]::new),
                                windows.stream().mapToInt(Window::offset).toArray(),
                                n);

                String what = call + ", " + mix + ", n = " + n;
                assertSame(result, shifted, what);
                for (int i = 0; i < contents.length; i++) {
                    String array = call.arrays().get(i);
                    float[] after = windows.get(i).content();
                    assertSame(expected[i], after, what + ", " + array);
                    windows.get(i).assertOutsideUntouched(what + ", " + array);
                    if (!call.written().contains(array)) {
                        assertSame(contents[i], after, what + ", input " + array);
                    }
                }
            }
        }
    }

    static Stream<KernelCall> callsWithInputAndOutput() {
        return calls().filter(call -> call.overlap() == KernelCall.Overlap.SAME_OR_DISJOINT)
                .filter(call -> call.arrays().size() > 1 && !call.written().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("callsWithInputAndOutput")
    void inPlaceGivesTheSameBits(KernelCall call) {
        for (int input = 0; input < call.arrays().size(); input++) {
            for (String name : call.written()) {
                int output = call.arrays().indexOf(name);
                for (int length : input == output ? new int[0] : LENGTHS) {
                    int n = call.whole(length);
                    float[][] separate = call.contents(Mix.ANY, n);
                    // What an output holds may be an operand too (axpy), so both calls start from the same content.
                    separate[output] = separate[input].clone();
                    float[][] shared = copies(separate);
                    shared[output] = shared[input];
                    int[] offsets = new int[separate.length];
                    double expected = call.body().run(separate, offsets, n);
                    double actual = call.body().run(shared, offsets, n);
                    String what = call + " with " + name + " = " + call.arrays().get(input) + ", n = " + n;
                    assertSame(expected, actual, what);
                    assertSame(separate[output], shared[output], what);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void emptyWindowAtTheEndOfAnArrayIsLegal(KernelCall call) {
        float[][] arrays = new float[call.arrays().size()][];
        int[] offsets = new int[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            int length = call.length(call.arrays().get(i), 0);
            arrays[i] = TestData.sentinels(7 + length);
            offsets[i] = 7;
        }
        call.body().run(arrays, offsets, 0);
        for (int i = 0; i < arrays.length; i++) {
            // Column sums of no rows are zeros: the one output that an empty input has.
            int length = call.length(call.arrays().get(i), 0);
            new Window(arrays[i], 7, length).assertOutsideUntouched(call.name());
        }
    }

    /** Every backend, width and JVM has to reproduce the committed hashes of all output bits. */
    @Test
    void bitsAreTheCommittedOnes() {
        HashTable.assertCommitted("kernel-hashes.txt", KernelHashes.COMMITTED, KernelHashes.compute());
    }

    /** A facade method that no call names would escape every test above. */
    @Test
    void everyFacadeMethodIsCalled() {
        Set<String> expected = new TreeSet<>();
        for (Class<?> facade : List.of(
                Elementwise.class, Transcendental.class, Reductions.class, Losses.class, Noise.class, Updates.class)) {
            for (Method method : facade.getDeclaredMethods()) {
                if (Modifier.isPublic(method.getModifiers())) {
                    expected.add(method.getName());
                }
            }
        }
        Set<String> called = KernelCall.ALL.stream()
                .map(call -> call.name().split(" ")[0])
                .filter(name -> !name.equals("nesterov"))
                .collect(Collectors.toCollection(TreeSet::new));
        for (Activation activation : Activation.values()) {
            assertTrue(called.remove(activation.name()));
        }
        assertEquals(expected, called);
    }

    private static float[][] copies(float[][] arrays) {
        float[][] copies = new float[arrays.length][];
        for (int i = 0; i < arrays.length; i++) {
            copies[i] = arrays[i].clone();
        }
        return copies;
    }
}
