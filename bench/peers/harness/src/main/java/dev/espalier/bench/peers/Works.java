package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.List;

/** All there is to measure, in the order of the table. */
final class Works {
    /** How many parameters: the reference model, one that leaves L2, one that leaves every cache. */
    static final int[] PARAMETERS = {50_890, 1_000_000, 100_000_000};

    private Works() {}

    /** A number of parameters in a name: 50890, 1e6. */
    static String label(int n) {
        int zeros = (int) Math.log10(n);
        return n == (int) Math.pow(10, zeros) ? "1e" + zeros : Integer.toString(n);
    }

    static List<Work> all() {
        List<Work> all = new ArrayList<>(Product.all());
        all.addAll(Sweep.all());
        all.addAll(AdamUpdate.all());
        all.addAll(Training.all());
        return all;
    }
}
