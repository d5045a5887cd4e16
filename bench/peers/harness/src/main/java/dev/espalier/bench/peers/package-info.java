/**
 * Espalier against other libraries and against loops in C.
 *
 * <p>A {@link dev.espalier.bench.peers.Work} says what is computed and how a result is verified; a
 * {@link dev.espalier.bench.peers.Peer} turns it into a {@link dev.espalier.bench.peers.Task} with operands of its own kind. The tasks of
 * related works run in turn, in rounds of a few milliseconds, and the medians count. Native libraries that cannot share a process get a
 * JVM each, with Espalier in turn in every one of them: a ratio is always one within a run.
 *
 * <p>The modules: {@code harness} with Espalier and the C loops, {@code blas}, {@code nd4j} and {@code djl} with the peers on class paths
 * that do not mix, {@code run} with the program that starts them and reports.
 */
package dev.espalier.bench.peers;
