/**
 * Optimizers: from gradients to weights.
 *
 * <p>An {@link dev.espalier.optim.Optimizer} is an immutable description. Bound to parameters and a clip it gives a
 * {@link dev.espalier.optim.Stepper}, which owns the moments and the step count. A step reads gradients, weights and moments once
 * and writes weights and moments once; clipping happens in between, in registers, with the bits of clipping first and updating
 * then.
 *
 * <p>Descriptions and learning rates may be shared by any number of threads. A stepper belongs to one thread at a time, and so do
 * the parameters while it steps.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.optim;
