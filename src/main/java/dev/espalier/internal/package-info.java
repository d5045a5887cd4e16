/** What several packages share and no user sees: argument checks, the random generator, fork-join splitting. */
@org.jspecify.annotations.NullMarked
package dev.espalier.internal;
