package dev.espalier.bench.peers;

/**
 * How long to measure.
 *
 * @param rounds how often each task has its turn, unless it is slow
 * @param warmUpSeconds how long each task runs before
 * @param roundSeconds how long a turn takes; a single run if that takes longer
 * @param secondsPerTask after which a slow task has had enough
 */
record Settings(int rounds, double warmUpSeconds, double roundSeconds, double secondsPerTask) {
    static Settings of(int rounds) {
        return new Settings(rounds, 0.4, 0.008, 1);
    }
}
