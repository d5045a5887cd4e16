package dev.espalier.bench.peers.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.optimizer.Adam;
import ai.djl.training.tracker.Tracker;
import dev.espalier.bench.peers.AdamUpdate;
import dev.espalier.bench.peers.Clipping;
import java.util.Map;
import java.util.function.Function;

/**
 * DJL's Adam with the hyperparameters of all peers. Its own clip by value is not used: in DJL 0.36.0 on PyTorch {@code optClipGrad(c)}
 * cuts off what is above c, but leaves what is below −c. It has none by global norm.
 */
final class DjlAdam extends Adam {
    private final boolean byValue;
    private NDArray moments;

    DjlAdam(Clipping clip, float rate) {
        super(Adam.builder()
                .optLearningRateTracker(Tracker.fixed(rate))
                .optBeta1(AdamUpdate.BETA_1)
                .optBeta2(AdamUpdate.BETA_2)
                .optEpsilon(AdamUpdate.EPSILON));
        byValue = clip == Clipping.VALUE;
    }

    @Override
    public void update(String parameter, NDArray weight, NDArray gradient) {
        if (!byValue) {
            super.update(parameter, weight, gradient);
            return;
        }
        try (NDArray clipped = gradient.clip(-Clipping.BOUND, Clipping.BOUND)) {
            super.update(parameter, weight, clipped);
        }
    }

    /** The first call is for the first moments, which cannot be read otherwise. */
    @Override
    protected NDArray withDefaultState(
            Map<String, Map<Device, NDArray>> states, String key, Device device, Function<String, NDArray> make) {
        NDArray state = super.withDefaultState(states, key, device, make);
        if (moments == null) {
            moments = state;
        }
        return state;
    }

    /** First moment i of the parameter that was updated first. */
    float moment(int i) {
        return moments.getFloat(i);
    }
}
