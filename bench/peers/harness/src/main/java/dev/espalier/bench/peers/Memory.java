package dev.espalier.bench.peers;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** What memory allows: a C loop that only reads, or only writes. */
final class Memory implements Peer {
    static final String NAME = "c-memory";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String version() {
        return "C, reading for sums, writing for scale";
    }

    @Override
    public Optional<Task> on(Work work, Inputs inputs) {
        if (!(work instanceof Sweep sweep) || sweep.threads() > 1) {
            return Optional.empty();
        }
        return switch (sweep.kind()) {
            case SUM_OF_SQUARES -> {
                MemorySegment x = MemorySegment.ofArray(sweep.x(inputs));
                yield Optional.of(Task.unverified(() -> CLoops.load(x)));
            }
            case SCALE -> {
                MemorySegment x = MemorySegment.ofArray(inputs.zeros("written", sweep.n()));
                yield Optional.of(Task.unverified(() -> CLoops.store(x, 1)));
            }
            default -> Optional.empty();
        };
    }
}
