package dev.espalier.kernel;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The species of the vector twins. */
final class VectorLanes {
    /** Floats at the width of the machine. */
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

    static final int L = S.length();
    static final int BITS = S.vectorBitSize();

    /** Doubles at the width of the machine, and the floats of half that width, which widen into them lane by lane. */
    static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;

    static final int DL = D.length();

    /** 64 bits at least: there is no narrower shape, and this class must load for {@link Simd} to see that vectors are too narrow. */
    static final VectorSpecies<Float> H =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Math.max(DL * Float.SIZE, 64)));

    private VectorLanes() {}
}
