package dev.espalier.bench.peers;

/** One thing to measure: its name, its unit and how a task for it is verified. */
public sealed interface Work permits Product, Sweep, AdamUpdate, Training {
    /** What stands in the table: {@code "sgemm 512x512x512"}. */
    String name();

    /** The kind of work: a section of the table. */
    String family();

    /** Works of one group run in turn, so that their ratios mean something. */
    String group();

    /** Floating-point operations of one run if the unit is GFLOP/s, else 0: then it is µs. */
    default double flops() {
        return 0;
    }

    /** How many threads the task may use. */
    default int threads() {
        return 1;
    }

    /**
     * Runs a fresh task and compares the result with a plain computation.
     *
     * @throws WrongResultException if they differ
     */
    void verify(Task task, Inputs inputs);

    /** Fails loudly: a benchmark of a wrong result is worthless. */
    static void check(String what, double actual, double expected, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new WrongResultException(what + " = " + actual + ": expected " + expected + " within " + tolerance);
        }
    }
}
