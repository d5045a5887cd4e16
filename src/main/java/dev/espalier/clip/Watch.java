package dev.espalier.clip;

import dev.espalier.internal.Log;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often a clip clips, and says so once if its threshold is of no use: no step or more than 95 % of a thousand clipped.
 * A threshold that someone chose blind is otherwise never looked at again. Costs a number per step and 8 KB.
 */
final class Watch {
    static final int WINDOW = 1000;

    private static final int NEARLY_ALL = WINDOW * 95 / 100;
    private static final int ABOUT_A_TENTH = WINDOW / 10;
    private static final int START = 8;
    private static final double[] NOTHING = {};

    /** Which thresholds are of no use. */
    enum Concern {
        /** None: the clip chooses its own. */
        NONE,
        /** Those that never clip: one that bounds single elements may well clip some in every step. */
        IDLE,
        /** Those that never or always clip. */
        IDLE_OR_ALWAYS
    }

    private final String name;
    private Concern concern;
    private double[] measured = NOTHING;
    private int seen;
    private int clipped;
    private long steps;
    private long clippedSteps;

    Watch(String name, Concern concern) {
        this.name = name;
        this.concern = concern;
    }

    /** One step: whether the clip clipped, and what it compared with the threshold; NaN if only the outcome is known. */
    void observe(boolean clips, double norm, double threshold) {
        steps++;
        clippedSteps += clips ? 1 : 0;
        if (concern == Concern.NONE || threshold == Double.POSITIVE_INFINITY) {
            return;
        }
        if (seen == measured.length) {
            // Little at first: plain arrays may be clipped once and never again.
            measured = Arrays.copyOf(measured, seen == 0 ? START : WINDOW);
        }
        measured[seen++] = norm;
        clipped += clips ? 1 : 0;
        if (seen == WINDOW) {
            String warning = judge(threshold);
            seen = 0;
            clipped = 0;
            if (warning != null) {
                // Once is enough.
                concern = Concern.NONE;
                measured = NOTHING;
                Log.warn(Clip.class.getPackageName(), warning);
            }
        }
    }

    long steps() {
        return steps;
    }

    double clipRate() {
        return steps == 0 ? Double.NaN : (double) clippedSteps / steps;
    }

    /** What to say of the last steps, or null. */
    private @Nullable String judge(double threshold) {
        boolean idle = clipped == 0;
        if (!idle && (clipped <= NEARLY_ALL || concern == Concern.IDLE)) {
            return null;
        }
        Arrays.sort(measured);
        double largest = measured[WINDOW - 1];
        if (largest == 0) {
            return null;
        }
        String text = name + " clipped " + (idle ? "none" : clipped) + " of " + WINDOW + " steps";
        if (!Double.isNaN(largest)) {
            text += ": it compared " + (float) measured[0] + " to " + (float) largest + " with " + (float) threshold;
            float other = (float) measured[WINDOW - 1 - ABOUT_A_TENTH];
            long beyond = Arrays.stream(measured).filter(norm -> norm > other).count();
            // None where many are the same.
            text += beyond == 0 ? "" : ". A threshold of " + other + " would have clipped " + beyond + " of them";
        }
        return text + ".";
    }
}
