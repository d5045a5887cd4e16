/**
 * Verbs on windows of {@code float[]}: the only package that knows SIMD.
 *
 * <p>A window is an array, an offset and a length. What is worth vectors stands here three times: a public facade that checks its
 * arguments once, a scalar twin in plain loops that is the definition, and a twin on the Vector API. The twins round the same
 * values in the same order, so a result does not depend on the backend, the vector width, the offset or the number of
 * threads, to the bit. The bits of a NaN (its payload) are the one exception: where NaN goes in, NaN comes out, any NaN.
 *
 * <p>A window outside its array is an {@link IndexOutOfBoundsException}; a null array, a negative length or size, fewer than one thread or an
 * overlap that a method does not allow an {@link IllegalArgumentException}. Nothing is written then.
 *
 * <p>All methods are pure: they keep nothing but scratch buffers and may be called from any number of threads on windows that
 * do not overlap. In the steady state they allocate nothing.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.kernel;
