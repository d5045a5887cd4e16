package dev.espalier.io;

import dev.espalier.internal.Arguments;
import dev.espalier.tensor.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The weights of a model in a safetensors file, to use elsewhere: one F32 tensor per parameter, of its name and shape. To go on
 * training, save a {@code train.Checkpoint}.
 *
 * <p>A dense layer has its weight as {@code [inputs, outputs]}; PyTorch's {@code Linear} has the transpose.
 */
public final class Weights {
    private Weights() {}

    /**
     * Writes the weights atomically, see {@link SafeTensors.Builder#write}.
     *
     * @throws IOException if the file cannot be written; an older file of this name is as it was
     */
    public static void save(Path file, Parameters parameters) throws IOException {
        Arguments.notNull("file", file);
        addTo(SafeTensors.builder(), Arguments.notNull("parameters", parameters))
                .write(file);
    }

    /**
     * Reads weights that {@link #save} wrote, or another program under the same names and shapes as F32, F16 or BF16.
     *
     * @throws FileFormatException if the file is broken, lacks a parameter, holds a tensor that is none, or one of another type
     *     or shape; the message names it, and no weight has changed
     * @throws IOException if the file cannot be read; no weight has changed
     */
    public static void load(Path file, Parameters parameters) throws IOException {
        Arguments.notNull("parameters", parameters);
        SafeTensors tensors = SafeTensors.read(file);
        for (String name : tensors.names()) {
            if (!isParameter(name, parameters)) {
                throw new FileFormatException(
                        file,
                        "tensor \"" + name + "\"",
                        "the model has no such parameter; Weights.from takes the weights out of a file that holds more, such as a checkpoint");
            }
        }
        float[] weights = from(tensors, parameters);
        System.arraycopy(weights, 0, parameters.weights(), 0, weights.length);
    }

    /**
     * Adds every parameter. Returns {@code builder}.
     *
     * @throws IllegalArgumentException if an argument is null or a name is taken
     */
    public static SafeTensors.Builder addTo(SafeTensors.Builder builder, Parameters parameters) {
        Arguments.notNull("builder", builder);
        Arguments.notNull("parameters", parameters);
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            builder.addWindow(slice.name(), parameters.weights(), slice.offset(), slice.shape());
        }
        return builder;
    }

    /**
     * A new array with all parameters, laid out as {@link Parameters#weights}. Other tensors are left alone.
     *
     * @throws FileFormatException if a parameter is missing or of another type or shape
     */
    public static float[] from(SafeTensors tensors, Parameters parameters) throws FileFormatException {
        Arguments.notNull("tensors", tensors);
        Arguments.notNull("parameters", parameters);
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            int[] shape = tensors.shape(slice.name());
            if (!Arrays.equals(shape, slice.shape())) {
                throw new FileFormatException(
                        tensors.file(),
                        "tensor \"" + slice.name() + "\"",
                        "shape " + Arrays.toString(shape) + ": expected " + Arrays.toString(slice.shape()));
            }
        }
        float[] weights = new float[parameters.size()];
        for (int i = 0; i < parameters.count(); i++) {
            Parameters.Slice slice = parameters.slice(i);
            System.arraycopy(tensors.floats(slice.name()), 0, weights, slice.offset(), slice.length());
        }
        return weights;
    }

    private static boolean isParameter(String name, Parameters parameters) {
        for (int i = 0; i < parameters.count(); i++) {
            if (parameters.slice(i).name().equals(name)) {
                return true;
            }
        }
        return false;
    }
}
