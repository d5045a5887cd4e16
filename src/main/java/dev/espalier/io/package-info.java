/**
 * Files in and out. Readers are strict: a file that is cut short, corrupt or foreign never half-loads, and the message
 * names the file and the place where it broke (a byte, a line and column, or a name within the file). No reader allocates more than the file can hold. Writers replace a file as a whole:
 * it is the old or the new one, whatever happens to the process.
 */
@NullMarked
package dev.espalier.io;

import org.jspecify.annotations.NullMarked;
