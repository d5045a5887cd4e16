package dev.espalier.bench.peers;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to compare.
 *
 * @param bench the folder of the benchmarks
 * @param only a text that the names of the works must contain; "" for all
 * @param rounds how often each task is measured
 * @param families which JVM runs
 * @param plots where the plots go, if the user says so
 */
record Options(Path bench, String only, int rounds, List<Family> families, Optional<Path> plots) {
    private static final int ROUNDS = 21;

    static final String USAGE = """
            Compares Espalier with its peers, one thread, and writes bench/target/peers.json.

              --only TEXT      only works whose name contains TEXT, such as 'sgemm 512'
              --rounds N       how often each task is measured (%d)
              --peers A,B,…    only these of %s
              --plots DIR      where the plots go: docs/ after a complete run that ended well, else bench/target/
            """.formatted(ROUNDS, Family.names());

    /**
     * The options on the command line, behind the folder of the benchmarks.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static Options parse(String[] args) {
        Path bench = Path.of(args[0]).toAbsolutePath().normalize();
        String only = "";
        int rounds = ROUNDS;
        List<Family> families = Family.all();
        Optional<Path> plots = Optional.empty();
        for (int i = 1; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--only" -> only = value;
                case "--rounds" -> rounds = positive(value);
                case "--peers" -> families = families(value);
                case "--plots" -> plots = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new Options(bench, only, rounds, families, plots);
    }

    /** Where the plots go. Nothing less than all that there is, in all rounds, replaces those of the documentation. */
    Path plotsAfter(boolean endedWell) {
        boolean complete = endedWell && only.isEmpty() && rounds == ROUNDS && families.equals(Family.all());
        return plots.orElse(complete ? bench.resolveSibling("docs") : bench.resolve("target"));
    }

    private static int positive(String value) {
        try {
            int number = Integer.parseInt(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The same message as for a number that is too small.
        }
        throw new IllegalArgumentException("--rounds " + value + ": expected a number above 0");
    }

    /** In the order of {@link Family#all}, whatever that of the names. */
    private static List<Family> families(String names) {
        List<String> chosen = List.of(names.split(","));
        List<Family> families = Family.all().stream()
                .filter(family -> chosen.contains(family.name()))
                .toList();
        for (String name : chosen) {
            if (families.stream().noneMatch(family -> family.name().equals(name))) {
                throw new IllegalArgumentException("--peers " + name + ": expected one of " + Family.names());
            }
        }
        return families;
    }
}
