package dev.espalier.clip;

import dev.espalier.internal.SplitMix64;
import dev.espalier.tensor.Parameters;

/** Shapes, weights and gradients, drawn or given, from which any number of equal Parameters can be made. */
record Model(int[][] shapes, float[] weights, float[] gradients) {
    private static final int[][] SHAPES = {
        {}, {0}, {1}, {7}, {33}, {5, 1}, {1, 6}, {3, 4}, {0, 3}, {6, 33}, {2, 3, 4}, {2, 2, 3, 5}, {300, 2}
    };

    /** A small model whose gradients share a magnitude, which may be any, or are of all magnitudes. */
    static Model draw(SplitMix64 random) {
        int[][] shapes = new int[random.nextInt(5)][];
        int size = 0;
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = SHAPES[random.nextInt(SHAPES.length)];
            size += length(shapes[i]);
        }
        float[] weights = new float[size];
        float[] gradients = new float[size];
        int exponent = random.nextInt(276) - 149;
        boolean wild = random.nextInt(4) == 0;
        for (int i = 0; i < size; i++) {
            int own = wild ? random.nextInt(276) - 149 : exponent;
            weights[i] = (float) random.nextGaussian() * 0.1f;
            gradients[i] = random.nextInt(9) == 0 ? 0 : Math.scalb((float) random.nextGaussian() / 8, own);
        }
        return new Model(shapes, weights, gradients);
    }

    /** A threshold that may be any, and is mostly of the magnitude of the gradients. */
    float threshold(SplitMix64 random) {
        if (random.nextInt(3) == 0 || gradients.length == 0) {
            return Math.scalb(1 + random.nextInt(1 << 20) * 0x1p-20f, random.nextInt(276) - 149);
        }
        float scale = Math.abs(gradients[random.nextInt(gradients.length)]);
        return Math.min(
                scale * Math.scalb(1 + random.nextInt(1 << 20) * 0x1p-20f, random.nextInt(12) - 6), Float.MAX_VALUE);
    }

    Parameters parameters() {
        Parameters.Builder builder = Parameters.builder();
        for (int i = 0; i < shapes.length; i++) {
            builder.add("p" + i, shapes[i]);
        }
        Parameters parameters = builder.build();
        System.arraycopy(weights, 0, parameters.weights(), 0, weights.length);
        System.arraycopy(gradients, 0, parameters.gradients(), 0, gradients.length);
        return parameters;
    }

    Model with(float[] otherGradients) {
        return new Model(shapes, weights, otherGradients);
    }

    static int length(int[] shape) {
        int length = 1;
        for (int size : shape) {
            length *= size;
        }
        return length;
    }
}
