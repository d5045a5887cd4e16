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
    static final VectorSpecies<Float> H = VectorSpecies.of(float.class, VectorShape.forBitSize(DL * Float.SIZE));

    private VectorLanes() {}
}
