package dev.espalier.clip;

import dev.espalier.internal.Arguments;
import java.util.Arrays;
import java.util.List;

/** Patterns for names of parameters: {@code *} stands for any text, also none; everything else for itself. */
record Names(List<String> patterns, boolean only) {
    static Names of(String[] patterns, boolean only) {
        Arguments.notNull("patterns", patterns);
        if (patterns.length == 0) {
            throw Arguments.expected("patterns", "[]", "at least one");
        }
        for (int i = 0; i < patterns.length; i++) {
            String pattern = Arguments.notNull("patterns[" + i + "]", patterns[i]);
            if (pattern.isBlank()) {
                throw Arguments.expected("patterns[" + i + "]", "\"" + pattern + "\"", "a visible character");
            }
        }
        return new Names(List.of(patterns), only);
    }

    /** The gradients these names leave. A pattern without a match is a mistake that would show nowhere else. */
    Gradients of(Gradients gradients) {
        List<String> all = names(gradients.all);
        for (String pattern : patterns) {
            if (all.stream().noneMatch(name -> matches(pattern, name))) {
                throw Arguments.expected("pattern", "\"" + pattern + "\"", "the name of a parameter, one of " + all);
            }
        }
        Gradient[] left = Arrays.stream(gradients.each)
                .filter(gradient -> patterns.stream().anyMatch(pattern -> matches(pattern, gradient.name)) == only)
                .toArray(Gradient[]::new);
        if (left.length == 0) {
            throw new IllegalArgumentException(
                    this + " leaves no parameter: expected some of " + names(gradients.each));
        }
        return gradients.left(left, gradients.scope + "." + this);
    }

    private static List<String> names(Gradient[] gradients) {
        return Arrays.stream(gradients).map(gradient -> gradient.name).toList();
    }

    static boolean matches(String pattern, String name) {
        int p = 0;
        int n = 0;
        int star = -1;
        int from = 0;
        while (n < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                from = n;
            } else if (p < pattern.length() && pattern.charAt(p) == name.charAt(n)) {
                p++;
                n++;
            } else if (star >= 0) {
                // The last star takes one character more.
                p = star + 1;
                n = ++from;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** For example {@code only("*.weight")}. */
    @Override
    public String toString() {
        return (only ? "only(\"" : "except(\"") + String.join("\", \"", patterns) + "\")";
    }
}
