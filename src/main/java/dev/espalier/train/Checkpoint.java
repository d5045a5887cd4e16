package dev.espalier.train;

import dev.espalier.internal.Arguments;
import dev.espalier.io.FileFormatException;
import dev.espalier.io.SafeTensors;
import dev.espalier.io.Weights;
import dev.espalier.tensor.Parameters;
import dev.espalier.tensor.StateArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A training run in a file: weights, optimizer, clip and position. A run that goes on from it has the bits of one that was never
 * interrupted.
 *
 * <pre>{@code
 * Fit fit = Fit.epochs(10).batchSize(32).seed(42);
 * trainer.fit(data, fit.listener(Checkpoint.everyEpoch(file, trainer)));
 * // later, in another process, with a trainer made the same way
 * Fit rest = Checkpoint.load(file, trainer).resume(fit, data);
 * trainer.fit(data, rest.listener(Checkpoint.everyEpoch(file, trainer)));
 * }</pre>
 *
 * <p>The file is a safetensors file: a tensor per parameter, those of {@link dev.espalier.optim.Stepper#state()} and of
 * {@link dev.espalier.clip.ExampleClipper#state()}, and texts that name
 * format, model, loss, optimizer, clip and position, with a checksum over all of it. It is written to a temporary file beside it,
 * forced to disk and moved into place atomically: a process killed at any moment leaves the old or the new one (and perhaps the
 * temporary file, {@code .NAME.*.tmp}).
 *
 * <p>Whoever resumes brings the same data and makes model, loss, optimizer and clip as before; what differs is an error. Not checked:
 * what the data holds, the seed of noise, which no file should know, and what cannot name itself, such as a learning rate that is a
 * lambda: an object with the text that {@link Object#toString} gives it, of a class in a package or within another class.
 *
 * <p>Immutable: what {@link #load} returns tells the position alone.
 */
public final class Checkpoint {
    private static final String FORMAT = "espalier checkpoint 1";
    private static final String CHECKSUM = "checksum";

    /** {@code package.Class@1b2c}, {@code Outer$Inner@1b2c}, {@code Class$$Lambda/0x7f@1b2c}. */
    private static final Pattern UNNAMED =
            Pattern.compile("(?<![\\w.$])[\\p{L}_$][\\w$]*[.$/][\\w.$/]*@[0-9a-f]{1,8}(?=[\\s,()\\[\\]]|$)");

    /** Of two long texts this much is shown from just before their first difference on. */
    private static final int SHOWN = 200;

    private static final int BEFORE = 40;

    private final int step;
    private final Map<String, String> order;

    private Checkpoint(int step, Map<String, String> order) {
        this.step = step;
        this.order = order;
    }

    /**
     * Saves the trainer as it is after the last step of {@code history}, which comes from its last fit or from a listener of the
     * fit that runs.
     *
     * @throws IllegalArgumentException if an argument is null
     * @throws IllegalStateException if another thread trains with the trainer
     * @throws IOException if the file cannot be written; an older file of this name is as it was
     */
    public static void save(Path file, Trainer trainer, History history) throws IOException {
        Arguments.notNull("file", file);
        Arguments.notNull("trainer", trainer);
        Arguments.notNull("history", history);
        trainer.checkThread();
        Map<String, String> texts = identity(trainer);
        texts.putAll(history.order());
        texts.put("step", Integer.toString(history.nextStep()));
        Parameters parameters = trainer.model().parameters();
        List<StateArray> state = trainer.state();
        texts.put(CHECKSUM, Checksum.of(texts, parameters.weights(), state));
        SafeTensors.Builder builder = SafeTensors.builder();
        texts.forEach(builder::metadata);
        Weights.addTo(builder, parameters);
        state.forEach(builder::add);
        builder.write(file);
    }

    /**
     * Gives the trainer the weights and the state of a file.
     *
     * @return where to go on
     * @throws FileFormatException if the file is broken, is no checkpoint, or is one of another model, loss, optimizer or clip; the
     *     message says what and where, and the trainer is as it was
     * @throws IllegalStateException if another thread trains with the trainer
     * @throws IOException if the file cannot be read; the trainer is as it was
     */
    public static Checkpoint load(Path file, Trainer trainer) throws IOException {
        Arguments.notNull("file", file);
        Arguments.notNull("trainer", trainer);
        trainer.checkThread();
        SafeTensors tensors = SafeTensors.read(file);
        Map<String, String> texts = new LinkedHashMap<>(tensors.metadata());
        for (Map.Entry<String, String> mine : identity(trainer).entrySet()) {
            String theirs = text(file, texts, mine.getKey());
            if (!theirs.equals(mine.getValue())) {
                throw broken(file, mine.getKey(), theirs, mine.getValue() + ", as the trainer has");
            }
        }
        Parameters parameters = trainer.model().parameters();
        List<StateArray> live = trainer.state();
        noOthers(tensors, parameters, live);
        float[] weights = Weights.from(tensors, parameters);
        List<StateArray> saved = new ArrayList<>();
        for (StateArray array : live) {
            saved.add(tensors.state(array));
        }
        String checksum = text(file, texts, CHECKSUM);
        texts.remove(CHECKSUM);
        String actual = Checksum.of(texts, weights, saved);
        if (!checksum.equals(actual)) {
            throw broken(file, CHECKSUM, checksum, actual + ", the sum of what the file holds: it is damaged");
        }
        int step = step(file, texts);
        Map<String, String> order = new LinkedHashMap<>();
        for (String key : History.ORDER) {
            String value = text(file, texts, key);
            if (!value.matches("-?[0-9]{1,19}")) {
                throw broken(file, key, value, "a number");
            }
            order.put(key, value);
        }
        // Nothing below can fail.
        System.arraycopy(weights, 0, parameters.weights(), 0, weights.length);
        for (int i = 0; i < live.size(); i++) {
            live.get(i).set(saved.get(i));
        }
        return new Checkpoint(step, order);
    }

    /**
     * Saves a checkpoint after each epoch. A file that cannot be written ends the training with an UncheckedIOException.
     *
     * @throws IllegalArgumentException if an argument is null
     */
    public static Listener everyEpoch(Path file, Trainer trainer) {
        Arguments.notNull("file", file);
        Arguments.notNull("trainer", trainer);
        return Listener.eachEpoch(history -> saveUnchecked(file, trainer, history));
    }

    /**
     * Saves a checkpoint when {@link #step} is a multiple of {@code steps}, counted over the whole run. A file that cannot be
     * written ends the training with an UncheckedIOException.
     *
     * @throws IllegalArgumentException if steps is not positive or another argument is null
     */
    public static Listener everySteps(int steps, Path file, Trainer trainer) {
        Arguments.positive("steps", steps);
        Arguments.notNull("file", file);
        Arguments.notNull("trainer", trainer);
        return Listener.eachStep(history -> {
            if (history.nextStep() % steps == 0) {
                saveUnchecked(file, trainer, history);
            }
        });
    }

    /** The step that comes next, counted from 0 over all epochs. */
    public int step() {
        return step;
    }

    /**
     * {@code fit} from {@link #step} on. The trainer holds what was loaded even if this throws: to begin anew then, make a new one.
     *
     * @throws IllegalArgumentException if it would visit the examples in another order than the run that was saved: if seed,
     *     shuffling, batch size, batches per step or the number of examples differ
     */
    public Fit resume(Fit fit, DataSet data) {
        Arguments.notNull("fit", fit);
        Arguments.notNull("data", data);
        History.order(fit, data.size()).forEach((key, value) -> {
            if (!value.equals(order.get(key))) {
                throw Arguments.expected(key, value, order.get(key) + ", as in the checkpoint");
            }
        });
        return fit.startAt(step);
    }

    /** For example {@code Checkpoint at step 300, {seed=42, …}}. */
    @Override
    public String toString() {
        return "Checkpoint at step " + step + ", " + order;
    }

    /** What a trainer must have in common with the one that was saved. */
    private static Map<String, String> identity(Trainer trainer) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("format", FORMAT);
        texts.put("model", named(trainer.model()));
        texts.put("loss", named(trainer.loss()));
        texts.put("optimizer", named(trainer.optimizer()));
        texts.put("clip", named(trainer.stepper().clip()));
        texts.put("per example", named(trainer.perExample()));
        return texts;
    }

    /**
     * Without what is different in every process: the hash of an object that cannot name itself. Other texts may hold an @, too, so it
     * has to stand behind the name of a class in a package or a class, and nothing but a separator behind the hash.
     */
    private static String named(Object description) {
        return UNNAMED.matcher(description.toString()).replaceAll("unnamed");
    }

    private static void noOthers(SafeTensors tensors, Parameters parameters, List<StateArray> live)
            throws FileFormatException {
        Set<String> others = new LinkedHashSet<>(tensors.names());
        for (int i = 0; i < parameters.count(); i++) {
            others.remove(parameters.slice(i).name());
        }
        live.forEach(array -> others.remove(array.name()));
        if (!others.isEmpty()) {
            throw new FileFormatException(tensors.file(), "tensors " + others, "the trainer has none of these names");
        }
    }

    private static int step(Path file, Map<String, String> texts) throws FileFormatException {
        String text = text(file, texts, "step");
        try {
            int step = Integer.parseInt(text);
            if (step >= 0) {
                return step;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw broken(file, "step", text, "a number from 0 to " + Integer.MAX_VALUE);
    }

    private static String text(Path file, Map<String, String> texts, String key) throws FileFormatException {
        String text = texts.get(key);
        if (text == null) {
            throw new FileFormatException(
                    file, "metadata \"" + key + "\"", "missing: this is no checkpoint, or one of another version");
        }
        return text;
    }

    private static FileFormatException broken(Path file, String key, String value, String expected) {
        int differ = Arrays.mismatch(value.toCharArray(), expected.toCharArray());
        return new FileFormatException(
                file, "metadata \"" + key + "\"", from(differ, value) + ": expected " + from(differ, expected));
    }

    private static String from(int differ, String text) {
        if (text.length() <= SHOWN) {
            return text;
        }
        int start = Math.clamp(differ - BEFORE, 0, text.length() - SHOWN);
        int end = start + SHOWN;
        return (start > 0 ? "…" : "") + text.substring(start, end) + (end < text.length() ? "…" : "");
    }

    private static void saveUnchecked(Path file, Trainer trainer, History history) {
        try {
            save(file, trainer, history);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
