package dev.espalier.examples.digits;

import dev.espalier.clip.Clip;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The value of {@code --clip}: {@code none}, {@code value=0.05}, {@code norm=1}, {@code globalnorm=1}, or several with
 * commas between them, applied from left to right.
 *
 * @param clip what is done
 * @param norms the norms that parts of it keep below a threshold, for the plot
 */
record ClipOption(Clip clip, List<Norm> norms) {
    private static final String KNOWN =
            "known are none, value=C, norm=C and globalnorm=C, or several with commas between them";

    /** A norm and the threshold it is kept below. */
    record Norm(String name, float threshold) {}

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
        if (part.equals("none")) {
            return Clip.none();
        }
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals).strip();
        switch (name) {
            case "value", "norm", "globalnorm" -> {
                if (equals < 0) {
                    throw new Mistake("--clip: '" + name + "' needs a threshold, as in " + name + "=1.");
                }
            }
            default -> throw new Mistake("--clip: '" + name + "' is no clip; " + KNOWN + ".");
        }
        float threshold = threshold(part, part.substring(equals + 1).strip());
        return switch (name) {
            case "value" -> Clip.value(threshold);
            case "norm" -> {
                norms.add(new Norm("threshold for each tensor", threshold));
                yield Clip.norm(threshold);
            }
            default -> {
                norms.add(new Norm("threshold", threshold));
                yield Clip.globalNorm(threshold);
            }
        };
    }

    private static float threshold(String part, String number) throws Mistake {
        try {
            float threshold = Float.parseFloat(number);
            if (threshold >= 0) {
                return threshold;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new Mistake("--clip: '" + part + "': expected a threshold that is a number at least 0.");
    }
}
