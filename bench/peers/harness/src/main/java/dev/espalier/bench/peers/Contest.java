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

    /** Time for a turn with its refills, as a multiple of the time for its runs. */
    private static final int WITH_REFILLS = 3;

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
     * so. Where there is nobody to compare with, nobody takes part; only where the run has no peers, for want of a compiler, is Espalier
     * measured by itself.
     *
     * @throws WrongResultException if the result of Espalier or of a loop in C is wrong
     */
    void add(Work work, List<Peer> peers, Consumer<String> notes) {
        List<Entry> ready = new ArrayList<>();
        for (Peer peer : peers) {
            peer.on(work, inputs).ifPresent(task -> ready.add(new Entry(work, peer, task)));
        }
        boolean alone = peers.stream().allMatch(Contest::ours);
        for (Entry entry : ready) {
            if ((ready.size() > 1 || alone) && verified(entry, notes)) {
                entries.add(entry);
            } else {
                entry.task.close();
            }
        }
    }

    /** Whether it is Espalier, or some of its kernels. */
    private static boolean ours(Peer peer) {
        return peer instanceof Espalier || peer instanceof Parts;
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
        Turn turn = turn(entry.task, settings.warmUpSeconds(), Integer.MAX_VALUE);
        boolean changing = turn.each() < entry.best * (1 - NOISE)
                || COMPILERS.getTotalCompilationTime() != compiled
                // Vectors are objects until the kernel is compiled.
                || ours(entry.peer) && turn.bytes() > 0;
        entry.best = Math.min(entry.best, turn.each());
        entry.runs = (int) Math.ceil(settings.roundSeconds() / turn.each());
        entry.warmed += turn.seconds();
        entry.quiet = changing ? 0 : entry.quiet + 1;
        return entry.quiet >= 2 && entry.warmed >= (ours(entry.peer) ? settings.leastWarmUpSeconds() : 0)
                || entry.warmed >= settings.mostWarmUpSeconds()
                || turn.each() >= settings.secondsPerTask();
    }

    private void measure(Entry entry) {
        if (entry.best < settings.roundSeconds()) {
            // The others' operands have taken the caches.
            entry.task.refill();
            entry.task.run();
        }
        Turn turn = turn(entry.task, Double.POSITIVE_INFINITY, entry.runs);
        entry.bytes += turn.bytes();
        entry.counted += turn.runs();
        entry.spent += turn.seconds();
        entry.seconds.add(turn.each());
    }

    private record Turn(int runs, double seconds, long bytes) {
        double each() {
            return seconds / runs;
        }

        Turn plus(Turn other) {
            return new Turn(runs + other.runs, seconds + other.seconds, bytes + other.bytes);
        }
    }

    /** Runs the task for so long, refilled as often as it needs, but not more often than that. */
    private static Turn turn(Task task, double seconds, int most) {
        long start = System.nanoTime();
        Turn turn = new Turn(0, 0, 0);
        do {
            turn = turn.plus(filled(task, seconds - turn.seconds(), most - turn.runs()));
        } while (turn.runs() < most && turn.seconds() < seconds && since(start) < WITH_REFILLS * seconds);
        return turn;
    }

    /** As much of a turn as one refill serves. */
    private static Turn filled(Task task, double seconds, int most) {
        task.refill();
        int limit = Math.min(most, task.runs());
        long bytes = THREADS.getCurrentThreadAllocatedBytes();
        int runs = 0;
        long start = System.nanoTime();
        double elapsed;
        do {
            task.run();
            runs++;
            elapsed = since(start);
        } while (runs < limit && elapsed < seconds);
        bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
        return new Turn(runs, elapsed, bytes);
    }

    private static double since(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.task.close());
        inputs.close();
    }
}
