package dev.espalier.bench.peers;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The tasks of one group, measured in turn: what disturbs the machine for a while disturbs them all. */
final class Contest implements AutoCloseable {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final CompilationMXBean COMPILERS = ManagementFactory.getCompilationMXBean();

    /** What is less than this faster is not faster. */
    private static final double NOISE = 0.03;

    /** Slow tasks take part in fewer rounds, but in these. */
    private static final int FEWEST_ROUNDS = 3;

    /** Who must not be wrong. */
    private static final Set<String> OWN = Set.of(Espalier.NAME, Limit.NAME, Parts.NAME);

    private final Inputs inputs = new Inputs();
    private final List<Entry> entries = new ArrayList<>();
    private final Settings settings;

    private static final class Entry {
        final Work work;
        final Peer peer;
        final Task task;
        final List<Double> seconds = new ArrayList<>();
        int runs = 1;
        double best = Double.POSITIVE_INFINITY;
        double warmed;
        int quiet;
        double spent;
        long bytes;
        long counted;

        boolean ours() {
            return peer instanceof Espalier || peer instanceof Parts;
        }

        Entry(Work work, Peer peer, Task task) {
            this.work = work;
            this.peer = peer;
            this.task = task;
        }
    }

    Contest(Settings settings) {
        this.settings = settings;
    }

    /**
     * Makes the work ready with each peer that does it, and verifies it. A peer with a wrong result does not take part, and a note says
     * so. Where there is nobody to compare with, nobody takes part.
     *
     * @throws WrongResultException if the result of Espalier or of a loop in C is wrong
     */
    void add(Work work, List<Peer> peers, Consumer<String> notes) {
        List<Entry> ready = new ArrayList<>();
        for (Peer peer : peers) {
            peer.on(work, inputs).ifPresent(task -> ready.add(new Entry(work, peer, task)));
        }
        for (Entry entry : ready) {
            if ((ready.size() > 1 || peers.size() == 1) && verified(entry, notes)) {
                entries.add(entry);
            } else {
                entry.task.close();
            }
        }
    }

    private boolean verified(Entry entry, Consumer<String> notes) {
        try {
            if (entry.task.verifiable()) {
                entry.work.verify(entry.task, inputs);
            }
            return true;
        } catch (WrongResultException e) {
            if (OWN.contains(entry.peer.name())) {
                throw e;
            }
            notes.accept(entry.peer.name() + " left out, wrong result: " + e.getMessage());
            return false;
        }
    }

    /** Warms up, measures, and tells what came out; the suffix is appended to the names of the works. */
    void run(String suffix, Consumer<Result> results) {
        warmUp();
        for (int round = 0; round < settings.rounds(); round++) {
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get((i + round) % entries.size());
                if (round < FEWEST_ROUNDS || entry.spent < settings.secondsPerTask()) {
                    measure(entry);
                }
            }
        }
        for (Entry entry : entries) {
            double bytes = (double) entry.bytes / entry.counted;
            results.accept(Result.of(entry.work, suffix, entry.peer.name(), entry.seconds, bytes));
        }
    }

    /** Until no task gets faster and none of its methods is compiled any more, for two turns running. */
    private void warmUp() {
        List<Entry> warming = new ArrayList<>(entries);
        while (!warming.isEmpty()) {
            warming.removeIf(this::settled);
        }
    }

    private boolean settled(Entry entry) {
        long compiled = COMPILERS.getTotalCompilationTime();
        Turn turn = turn(entry, settings.warmUpSeconds(), entry.task.runs());
        boolean changing = turn.each() < entry.best * (1 - NOISE)
                || COMPILERS.getTotalCompilationTime() != compiled
                // Vectors are objects until the kernel is compiled.
                || entry.ours() && turn.bytes() > 0;
        entry.best = Math.min(entry.best, turn.each());
        entry.runs = Math.clamp((long) Math.ceil(settings.roundSeconds() / turn.each()), 1, entry.task.runs());
        entry.warmed += turn.seconds();
        entry.quiet = changing ? 0 : entry.quiet + 1;
        return entry.quiet >= 2 && entry.warmed >= (entry.ours() ? settings.leastWarmUpSeconds() : 0)
                || entry.warmed >= settings.mostWarmUpSeconds()
                || turn.each() >= settings.secondsPerTask();
    }

    private void measure(Entry entry) {
        if (entry.best < settings.roundSeconds()) {
            // The others' operands have taken the caches.
            entry.task.refill();
            entry.task.run();
        }
        Turn turn = turn(entry, Double.POSITIVE_INFINITY, entry.runs);
        entry.bytes += turn.bytes();
        entry.counted += turn.runs();
        entry.spent += turn.seconds();
        entry.seconds.add(turn.each());
    }

    private record Turn(int runs, double seconds, long bytes) {
        double each() {
            return seconds / runs;
        }
    }

    /** Runs the task for so long, but not more often than that. */
    private static Turn turn(Entry entry, double seconds, int most) {
        Task task = entry.task;
        task.refill();
        long limit = seconds == Double.POSITIVE_INFINITY ? Long.MAX_VALUE : (long) (seconds * 1e9);
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        int runs = 0;
        long start = System.nanoTime();
        long elapsed;
        do {
            task.run();
            runs++;
            elapsed = System.nanoTime() - start;
        } while (runs < most && elapsed < limit);
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        return new Turn(runs, elapsed * 1e-9, bytes);
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.task.close());
    }
}
