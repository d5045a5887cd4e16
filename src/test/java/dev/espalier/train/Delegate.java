package dev.espalier.train;

import dev.espalier.nn.Targets;

/** A data set of a user, by way of another one. */
class Delegate implements DataSet {
    private final DataSet data;

    Delegate(DataSet data) {
        this.data = data;
    }

    @Override
    public int size() {
        return data.size();
    }

    @Override
    public int columns() {
        return data.columns();
    }

    @Override
    public Targets targets(int rows) {
        return data.targets(rows);
    }

    @Override
    public void gather(int[] order, int from, int count, float[] features, Targets targets) {
        data.gather(order, from, count, features, targets);
    }
}
