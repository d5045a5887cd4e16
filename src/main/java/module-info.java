/**
 * Gradient clipping and training kernels for the JVM: flat {@code float[]} tensors, SIMD kernels on the Vector API,
 * clipping as a first-class citizen, and a thin layer and optimizer API on top.
 *
 * <p>On the module path SIMD needs no flag: this module requires {@code jdk.incubator.vector}. On the class path start the
 * JVM with {@code --add-modules jdk.incubator.vector}; {@link dev.espalier.kernel.Kernels#backend()} tells what runs.
 */
@org.jspecify.annotations.NullMarked
module dev.espalier {
    requires jdk.incubator.vector;
    requires static org.jspecify;

    exports dev.espalier.clip;
    exports dev.espalier.io;
    exports dev.espalier.kernel;
    exports dev.espalier.nn;
    exports dev.espalier.optim;
    exports dev.espalier.tensor;
    exports dev.espalier.train;
}
