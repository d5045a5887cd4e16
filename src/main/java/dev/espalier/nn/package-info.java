/**
 * Layers, models and losses.
 *
 * <p>A {@link dev.espalier.nn.Layer} is an immutable description. A {@link dev.espalier.nn.Sequential} is a stack of
 * layers with its weights and gradients in one {@link dev.espalier.tensor.Parameters}. A {@link dev.espalier.nn.Pass}
 * holds the activations of one batch and computes: one step of training by hand is
 *
 * <pre>{@code
 * Pass pass = model.pass(32, true);
 * // fill pass.input() and targets with rows examples, then
 * pass.forward(rows);
 * double sum = loss.gradient(pass.output(), targets, rows, 1.0 / rows, pass.outputGradient());
 * pass.backward(rows, false);
 * stepper.step();
 * }</pre>
 *
 * <p>Backward writes {@code Parameters.gradients()}; it adds to what is there only when asked. A layer knows neither
 * optimizer nor clip, so whatever stands between backward and step (clipping, a sum over machines) sees the whole
 * gradient.
 *
 * <p>Threads: a model may be shared by any number of threads that predict, each with a pass of its own, while nobody
 * writes the weights. A pass belongs to one thread at a time; one training pass at a time per model, since the
 * gradients are the model's. Layers, losses and initializers are immutable.
 *
 * <p>A step allocates nothing if its number of rows is one of the last two.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.nn;
