package dev.espalier.optim;

import dev.espalier.clip.Clip;
import dev.espalier.tensor.Parameters;

/** A rule that turns gradients into new weights: an immutable description. */
public sealed interface Optimizer permits Sgd, RmsProp, Adam, AdamW {
    /**
     * This optimizer at work on a model, with the gradients clipped. Its moments begin at 0; they take one array of the size of
     * the parameters each.
     *
     * @param clip what happens to gradients before they are used; {@link Clip#none()} for nothing
     * @throws IllegalArgumentException if an argument is null, or the clip cannot be bound: a pattern matches no name, or a filter leaves
     *     nothing
     */
    Stepper on(Parameters parameters, Clip clip);
}
