package dev.espalier.examples.digits;

import dev.espalier.clip.Clip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The value of {@code --clip}: {@code none}, {@code value=0.05}, {@code globalnorm=1}, {@code agc} and so on, or several with
 * commas between them, applied from left to right.
 *
 * @param clip what is done
 * @param norms the norms that parts of it keep below a threshold, for the plot
 */
record ClipOption(Clip clip, List<Norm> norms) {
    /** A norm and the threshold it is kept below. */
    record Norm(String name, float threshold) {}

    /** The clips by name. */
    private enum Known {
        NONE(Clip::none),
        VALUE(Clip::value),
        NORM(Clip::norm, "threshold for each tensor"),
        GLOBALNORM(Clip::globalNorm, "threshold"),
        AVERAGENORM(Clip::averageNorm),
        BLOCKRMS(Clip::blockRms),
        UNITNORM(Clip::unitNorm),
        AGC(Clip::agc, Clip::agc),
        SOFT(Clip::soft, "threshold"),
        AUTOCLIP(Clip::autoClip, Clip::autoClip),
        ZCLIP(Clip::zClip),
        ADAGC(Clip::adaGc),
        SPIKES(Clip::spikes, Clip::spikes),
        UCLIP(Clip::uClip);

        private final Plain plain;
        private final Numbered numbered;
        private final String norm;

        /** Without a number. */
        Known(Plain plain) {
            this(plain, null, null);
        }

        /** With a number that has to be there. */
        Known(Numbered numbered) {
            this(null, numbered, null);
        }

        /** With a number that bounds what the plot calls so. */
        Known(Numbered numbered, String norm) {
            this(null, numbered, norm);
        }

        /** With a number or without. */
        Known(Plain plain, Numbered numbered) {
            this(plain, numbered, null);
        }

        Known(Plain plain, Numbered numbered, String norm) {
            this.plain = plain;
            this.numbered = numbered;
            this.norm = norm;
        }

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** For example {@code value=C}, {@code agc[=C]}. */
        String usage() {
            return text() + (numbered == null ? "" : plain == null ? "=C" : "[=C]");
        }
    }

    @FunctionalInterface
    private interface Plain {
        Clip create();
    }

    @FunctionalInterface
    private interface Numbered {
        Clip create(float number);
    }

    /** The known names, for example {@code none, value=C, agc[=C]}. */
    static String known() {
        return Stream.of(Known.values()).map(Known::usage).collect(Collectors.joining(", "));
    }

    static ClipOption parse(String text) throws Mistake {
        Clip clip = null;
        List<Norm> norms = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Clip next = part(part.strip().toLowerCase(Locale.ROOT), norms);
            clip = clip == null ? next : clip.then(next);
        }
        return new ClipOption(clip, List.copyOf(norms));
    }

    private static Clip part(String part, List<Norm> norms) throws Mistake {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals).strip();
        Known known = named(name);
        if (equals < 0) {
            if (known.plain == null) {
                throw new Mistake("--clip: '" + name + "' needs a threshold, as in " + name + "=1.");
            }
            return known.plain.create();
        }
        if (known.numbered == null) {
            throw new Mistake("--clip: '" + part + "': expected " + name + " without a number.");
        }
        float number = number(part, part.substring(equals + 1).strip());
        if (known.norm != null) {
            norms.add(new Norm(known.norm, number));
        }
        try {
            return known.numbered.create(number);
        } catch (IllegalArgumentException e) {
            throw new Mistake("--clip: '" + part + "': " + e.getMessage() + ".");
        }
    }

    private static Known named(String name) throws Mistake {
        for (Known known : Known.values()) {
            if (known.text().equals(name)) {
                return known;
            }
        }
        throw new Mistake(
                "--clip: '" + name + "' is no clip; known are " + known() + ", or several with commas between them.");
    }

    private static float number(String part, String number) throws Mistake {
        try {
            boolean infinite = number.equals("inf") || number.equals("infinity");
            float threshold = infinite ? Float.POSITIVE_INFINITY : Float.parseFloat(number);
            if (threshold >= 0) {
                return threshold;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new Mistake("--clip: '" + part + "': expected a threshold that is a number at least 0.");
    }
}
