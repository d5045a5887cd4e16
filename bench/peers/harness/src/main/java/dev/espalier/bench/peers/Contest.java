package dev.espalier.bench.peers;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The tasks of one group, measured in turn: what disturbs the machine for a while disturbs them all. */
final class Contest implements AutoCloseable {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Slow tasks take part in fewer rounds, but in these. */
    private static final int FEWEST_ROUNDS = 3;

    private final Inputs inputs = new Inputs();
    private final List<Entry> entries = new ArrayList<>();
    private final Settings settings;

    private static final class Entry {
        final Work work;
        final Peer peer;
        final Task task;
        final List<Double> seconds = new ArrayList<>();
        int runs = 1;
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

    /** Makes the work ready, with each peer that does it, and verifies it. */
    void add(Work work, List<Peer> peers) {
        for (Peer peer : peers) {
            peer.on(work, inputs).ifPresent(task -> {
                entries.add(new Entry(work, peer, task));
                if (task.verifiable()) {
                    try {
                        work.verify(task, inputs);
                    } catch (RuntimeException e) {
                        throw new IllegalStateException(peer.name() + ", " + work.name() + ": wrong result", e);
                    }
                }
            });
        }
    }

    /** Warms up, measures, and tells what came out; the suffix is appended to the names of the works. */
    void run(String suffix, Consumer<Result> results) {
        // Twice: compilers react to what all tasks together did.
        for (int i = 0; i < 2; i++) {
            for (Entry entry : entries) {
                warmUp(entry);
            }
        }
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

    private void warmUp(Entry entry) {
        Task task = entry.task;
        long start = System.nanoTime();
        double elapsed;
        int done = 0;
        int sinceRefill = task.runs();
        do {
            if (sinceRefill == task.runs()) {
                task.refill();
                sinceRefill = 0;
            }
            task.run();
            sinceRefill++;
            done++;
            elapsed = (System.nanoTime() - start) * 1e-9;
        } while (elapsed < settings.warmUpSeconds() / 2);
        entry.runs = Math.clamp((long) Math.ceil(settings.roundSeconds() * done / elapsed), 1, task.runs());
    }

    private void measure(Entry entry) {
        Task task = entry.task;
        task.refill();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < entry.runs; i++) {
            task.run();
        }
        long end = System.nanoTime();
        entry.bytes += THREADS.getCurrentThreadAllocatedBytes() - before;
        entry.counted += entry.runs;
        entry.spent += (end - start) * 1e-9;
        entry.seconds.add((end - start) * 1e-9 / entry.runs);
    }

    @Override
    public void close() {
        entries.forEach(entry -> entry.task.close());
    }
}
