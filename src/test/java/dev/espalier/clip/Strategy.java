package dev.espalier.clip;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One way to clip, and what it promises. To hold another one to the contract of all, add it to {@link #ALL}.
 *
 * @param scope what shares a norm
 * @param factor what a piece is scaled by; null if it depends on more than the piece
 * @param repeatable how many ulp a second clip may change; −1 for any number
 */
record Strategy(
        String name, Make make, Scope scope, @Nullable Factor factor, int repeatable) {
    static final List<Strategy> ALL = List.of(
            new Strategy("value", Clip::value, Scope.ELEMENT, (c, n, size, w) -> c / n, 0),
            new Strategy("norm", Clip::norm, Scope.TENSOR, (c, n, size, w) -> c / n, 2),
            new Strategy("globalNorm", Clip::globalNorm, Scope.GLOBAL, (c, n, size, w) -> c / n, 2),
            new Strategy("averageNorm", Clip::averageNorm, Scope.TENSOR, (c, n, size, w) -> c * size / n, 2),
            new Strategy("blockRms", Clip::blockRms, Scope.TENSOR, (c, n, size, w) -> c * Math.sqrt(size) / n, 2),
            new Strategy("unitNorm", Clip::unitNorm, Scope.UNIT, (c, n, size, w) -> c / n, 2),
            new Strategy("agc", c -> Clip.agc(c), Scope.UNIT, (c, n, size, w) -> c * Math.max(w, 1e-3f) / n, 2),
            new Strategy(
                    "soft",
                    Clip::soft,
                    Scope.GLOBAL,
                    (c, n, size, w) -> c == Double.POSITIVE_INFINITY ? 1 : c / (c + n),
                    -1));

    @FunctionalInterface
    interface Make {
        Clip of(float threshold);
    }

    @FunctionalInterface
    interface Factor {
        /** From the threshold, the norm of the piece, its size and the norm of its weights; above 1 means 1. */
        double of(double threshold, double norm, int size, double weights);
    }

    /** What of a model shares a norm: the indices of each piece. */
    enum Scope {
        ELEMENT {
            @Override
            List<int[]> pieces(Model model) {
                return IntStream.range(0, model.gradients().length)
                        .mapToObj(i -> new int[] {i})
                        .toList();
            }
        },
        UNIT {
            @Override
            List<int[]> pieces(Model model) {
                List<int[]> pieces = new ArrayList<>();
                int offset = 0;
                for (int[] shape : model.shapes()) {
                    int from = offset;
                    int length = Model.length(shape);
                    int units = shape.length < 2 ? 1 : shape[shape.length - 1];
                    for (int unit = 0; unit < units; unit++) {
                        int column = unit;
                        pieces.add(IntStream.range(0, length)
                                .filter(i -> i % units == column)
                                .map(i -> from + i)
                                .toArray());
                    }
                    offset += length;
                }
                return pieces;
            }
        },
        TENSOR {
            @Override
            List<int[]> pieces(Model model) {
                List<int[]> pieces = new ArrayList<>();
                int offset = 0;
                for (int[] shape : model.shapes()) {
                    int length = Model.length(shape);
                    pieces.add(IntStream.range(offset, offset + length).toArray());
                    offset += length;
                }
                return pieces;
            }
        },
        GLOBAL {
            @Override
            List<int[]> pieces(Model model) {
                return List.of(IntStream.range(0, model.gradients().length).toArray());
            }
        };

        abstract List<int[]> pieces(Model model);
    }

    /** The 2-norm of a piece, by exact sums. */
    static double norm(float[] array, int[] piece) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int i : piece) {
            BigDecimal x = new BigDecimal(array[i]);
            sum = sum.add(x.multiply(x));
        }
        return sum.sqrt(new MathContext(20)).doubleValue();
    }

    @Override
    public String toString() {
        return name;
    }
}
