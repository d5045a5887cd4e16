package dev.espalier.bench.peers;

/**
 * How long to measure.
 *
 * @param rounds how often each task has its turn, unless it is slow
 * @param warmUpSeconds how long one turn of warming up takes
 * @param leastWarmUpSeconds how long a task of Espalier warms up at least, unless it is slow
 * @param mostWarmUpSeconds how long at most, though it still gets faster
 * @param roundSeconds how long a measured turn takes; a single run if that takes longer
 * @param secondsPerTask after which a slow task has had enough
 */
record Settings(
        int rounds,
        double warmUpSeconds,
        double leastWarmUpSeconds,
        double mostWarmUpSeconds,
        double roundSeconds,
        double secondsPerTask) {
    static Settings of(int rounds) {
        return new Settings(rounds, 0.08, 0.3, 4, 0.005, 0.6);
    }

    /** For the first works of a JVM, when the compilers have much to do. */
    Settings atStart() {
        return new Settings(rounds, warmUpSeconds, 2, 2 * mostWarmUpSeconds, roundSeconds, secondsPerTask);
    }
}
