/**
 * Gradient clipping. A {@link dev.espalier.clip.Clip} says what to do, a {@link dev.espalier.clip.Clipper} is a clip at work on
 * certain gradients, a {@link dev.espalier.clip.ClipReport} tells what one step did.
 *
 * <p>On the fused path a clip reads the gradients and writes nothing: it decides on a factor and bounds for every tensor, and the
 * optimizer applies {@code x → min(max(x·factor, low), high)} in registers while it updates. On plain arrays the same plan is
 * applied in place, with the same bits.
 *
 * <p>A clip is immutable and may be shared by any number of threads. A clipper and its report belong to one thread at a time.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.clip;
