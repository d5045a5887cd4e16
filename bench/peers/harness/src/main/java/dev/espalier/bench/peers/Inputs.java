package dev.espalier.bench.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * The operands of one group of works. Tasks that name the same array share it: three variants of Adam with 10⁸ parameters would not fit
 * into memory otherwise. No task closes what is shared, since others may still need it.
 */
public final class Inputs implements AutoCloseable {
    private static final int PATTERN = 1 << 20;

    private final Map<String, Object> shared = new HashMap<>();

    /** The array called {@code name}, uniform in [-1, 1) when it is made. */
    public float[] random(String name, int n) {
        return get(name, () -> {
            float[] x = new float[n];
            fill(x, name.hashCode());
            return x;
        });
    }

    /** The array called {@code name}, filled with zeros when it is made. */
    public float[] zeros(String name, int n) {
        return get(name, () -> new float[n]);
    }

    /** The object called {@code name}, made at the first call. */
    @SuppressWarnings("unchecked")
    public <T> T get(String name, Supplier<T> make) {
        Object found = shared.get(name);
        if (found == null) {
            found = make.get();
            shared.put(name, found);
        }
        return (T) found;
    }

    /** Frees native memory, after all tasks have been closed. */
    @Override
    public void close() {
        for (Object object : shared.values()) {
            if (object instanceof AutoCloseable closeable) {
                free(closeable);
            }
        }
    }

    private static void free(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new IllegalStateException("cannot free " + closeable, e);
        }
    }

    /** Uniform in [-1, 1); long arrays repeat themselves. */
    static void fill(float[] x, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int n = x.length;
        int made = Math.min(n, PATTERN);
        for (int i = 0; i < made; i++) {
            x[i] = 2 * (random.nextInt() >>> 8) * 0x1p-24f - 1;
        }
        for (int at = made; at < n; at += made) {
            System.arraycopy(x, 0, x, at, Math.min(made, n - at));
        }
    }
}
