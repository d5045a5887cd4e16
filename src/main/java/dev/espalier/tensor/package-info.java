/**
 * Nouns over flat {@code float[]} arrays: {@link dev.espalier.tensor.Tensor}, a shaped view of an array, and
 * {@link dev.espalier.tensor.Parameters}, all weights and all gradients of a model in two arrays of one layout.
 *
 * <p>Nothing here is synchronized. A tensor is a view and never owns its array: whoever holds the array may write it, and
 * every view shows it.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.tensor;
