/**
 * A classifier of handwritten digits: the program, the digits it draws when it is given none, and the plots of a run.
 *
 * <p>{@link dev.espalier.examples.digits.Digits} is the program.
 */
package dev.espalier.examples.digits;
