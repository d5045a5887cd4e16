package dev.espalier.bench.peers;

import dev.espalier.kernel.Kernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * One JVM run of the comparison: Espalier and the peers of one family, in turn. Writes a line per result to a file.
 *
 * <p>Arguments: the file; how many rounds; two texts that the names of the works must contain; how many threads; a text to append to the
 * names; how the description of the backend must begin; the peers.
 */
final class Child {
    static final String NOTE = "note";

    private Child() {}

    public static void main(String[] args) throws IOException {
        Settings settings = Settings.of(Integer.parseInt(args[1]));
        int threads = Integer.parseInt(args[4]);
        String suffix = args[5];
        List<Peer> peers = peers(List.of(args).subList(7, args.length));
        if (threads == 1) {
            Pinning.pin();
        }
        expect(args[6]);
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[0])))) {
            for (Peer peer : peers) {
                out.println("version\t" + peer.name() + "\t" + peer.version());
            }
            Settings now = settings.atStart();
            for (List<Work> group : groups(args[2], args[3], threads)) {
                long start = System.nanoTime();
                try (Contest contest = new Contest(now)) {
                    for (Work work : group) {
                        contest.add(work, peers, note -> out.println(NOTE + "\t" + note));
                    }
                    contest.run(suffix, result -> out.println(result.line()));
                }
                now = settings;
                out.flush();
                System.out.printf("%s: %.1f s%n", group.getFirst().group(), (System.nanoTime() - start) * 1e-9);
            }
        }
    }

    /** The names of the works say what they run on. */
    private static void expect(String backend) {
        if (!Kernels.backend().toString().startsWith(backend)) {
            throw new IllegalStateException("the backend is " + Kernels.backend() + ": expected " + backend);
        }
    }

    private static List<Peer> peers(List<String> names) {
        List<Peer> peers = new ArrayList<>(List.of(new Espalier()));
        if (System.getProperty(CLoops.LIBRARY) != null) {
            peers.addAll(List.of(new Limit(), new Memory()));
        }
        peers.add(new Parts());
        ServiceLoader.load(Peers.class).forEach(library -> peers.addAll(library.peers()));
        peers.removeIf(peer -> !peer.name().equals(Espalier.NAME) && !names.contains(peer.name()));
        return peers;
    }

    private static Iterable<List<Work>> groups(String one, String other, int threads) {
        Map<String, List<Work>> groups = new LinkedHashMap<>();
        for (Work work : Works.all()) {
            if (work.threads() == threads
                    && work.name().contains(one)
                    && work.name().contains(other)) {
                groups.computeIfAbsent(work.group(), key -> new ArrayList<>()).add(work);
            }
        }
        return groups.values();
    }
}
