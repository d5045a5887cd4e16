/**
 * Files in and out. Readers are strict: a file that is cut short, corrupt or foreign never half-loads, and the message
 * names the file and the byte where it broke. No reader allocates more than the file can hold.
 */
@NullMarked
package dev.espalier.io;

import org.jspecify.annotations.NullMarked;
