package dev.espalier.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What to compare.
 *
 * @param bench the folder of the benchmarks
 * @param only a text that the names of the works must contain; "" for all
 * @param rounds how often each task is measured
 * @param families which JVM runs
 * @param plots where the plots go
 */
record Options(Path bench, String only, int rounds, List<Family> families, Path plots) {
    private static final int ROUNDS = 21;

    static final String USAGE = """
            Compares Espalier with its peers, one thread, and writes bench/target/peers.json.

              --only TEXT      only works whose name contains TEXT, such as 'sgemm 512'
              --rounds N       how often each task is measured (%d)
              --peers A,B,…    only these of %s
              --plots DIR      where the plots go: docs/ after a complete run, else bench/target/
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
        Path plots = null;
        for (int i = 1; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--only" -> only = value;
                case "--rounds" -> rounds = positive(value);
                case "--peers" -> families = families(value);
                case "--plots" -> plots = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        boolean complete = only.isEmpty() && families.equals(Family.all());
        if (plots == null) {
            plots = complete ? bench.resolveSibling("docs") : bench.resolve("target");
        }
        return new Options(bench, only, rounds, families, plots);
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

    private static List<Family> families(String names) {
        List<Family> families = new ArrayList<>();
        for (String name : names.split(",")) {
            List<Family> found = Family.all().stream()
                    .filter(family -> family.name().equals(name))
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalArgumentException("--peers " + name + ": expected one of " + Family.names());
            }
            families.addAll(found);
        }
        return families;
    }
}
