package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.List;

/** All there is to measure, in the order of the table. */
final class Works {
    /** How many parameters: the reference model, one that leaves L2, one that leaves every cache. */
    static final int[] PARAMETERS = {50_890, 1_000_000, 100_000_000};

    private Works() {}

    static List<Work> all() {
        List<Work> all = new ArrayList<>(Product.all());
        all.addAll(Sweep.all());
        all.addAll(AdamUpdate.all());
        all.addAll(Training.all());
        return all;
    }
}
