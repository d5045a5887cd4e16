package dev.espalier.bench.peers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** All that was measured, work by work. */
final class Comparison {
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Map<String, String> versions = new LinkedHashMap<>();

    /**
     * One work.
     *
     * @param espalier of the first run: that with the limit, if there is one
     * @param peers the medians
     * @param beside Espalier's median in the run of that peer: what its ratio is taken with
     */
    record Row(Result espalier, Map<String, Double> peers, Map<String, Double> beside, List<Double> limits) {
        OptionalDouble limit() {
            return limits.stream().mapToDouble(Double::doubleValue).findFirst();
        }

        /** How many times as fast as the peer Espalier is, both measured in turn. */
        double ratio(String peer) {
            return ratio(beside.get(peer), peers.get(peer));
        }

        /** How close to the limit Espalier comes; 1 is there. */
        double ofLimit() {
            return ratio(espalier.median(), limit().orElseThrow());
        }

        private double ratio(double ours, double other) {
            return espalier.rate() ? ours / other : other / ours;
        }
    }

    /** Adds what one JVM run measured. */
    void add(List<Result> run) {
        Map<String, Result> ours = new LinkedHashMap<>();
        for (Result result : run) {
            if (result.peer().equals(Espalier.NAME)) {
                ours.put(result.work(), result);
                rows.computeIfAbsent(
                        result.work(),
                        work -> new Row(result, new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>()));
            }
        }
        for (Result result : run) {
            Row row = rows.get(result.work());
            if (row == null || result.peer().equals(Espalier.NAME)) {
                continue;
            }
            if (result.peer().equals(Limit.NAME)) {
                row.limits.add(result.median());
            } else {
                row.peers.put(result.peer(), result.median());
                row.beside.put(result.peer(), ours.get(result.work()).median());
            }
        }
    }

    /**
     * How much longer Espalier takes for a work than for its plain form, the one without clip or transposes; both were measured in turn.
     * Nothing for a work that is plain itself.
     */
    OptionalDouble overhead(Row row) {
        String work = row.espalier.work();
        Row plain = rows.get(work.replaceFirst(", clip [^,]*", ", no clip").replaceFirst(" [NT][NT]", ""));
        return plain == null || plain == row
                ? OptionalDouble.empty()
                : OptionalDouble.of(row.ratio(plain.espalier.median(), row.espalier.median()));
    }

    void addVersion(String peer, String version) {
        versions.putIfAbsent(peer, version);
    }

    List<Row> rows() {
        return List.copyOf(rows.values());
    }

    /** The rows of one kind of work. */
    List<Row> rows(String family) {
        return rows.values().stream()
                .filter(row -> row.espalier.family().equals(family))
                .toList();
    }

    /** The kinds of work, in order. */
    List<String> families() {
        return rows.values().stream()
                .map(row -> row.espalier.family())
                .distinct()
                .toList();
    }

    Map<String, String> versions() {
        return versions;
    }
}
