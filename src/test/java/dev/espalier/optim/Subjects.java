package dev.espalier.optim;

import dev.espalier.clip.Clip;
import java.util.List;

/** Every optimizer and every kind of clip, for tests of all pairs. */
final class Subjects {
    private Subjects() {}

    static List<Optimizer> optimizers(LearningRate rate) {
        return List.of(
                Sgd.withLearningRate(rate),
                Sgd.withLearningRate(rate).momentum(0.9f),
                Sgd.withLearningRate(rate).momentum(0.9f).nesterov(),
                RmsProp.withLearningRate(rate),
                RmsProp.withLearningRate(rate).momentum(0.5f),
                Adam.withLearningRate(rate),
                AdamW.withLearningRate(rate).weightDecay(0.1f),
                AdamW.withLearningRate(rate).weightDecay(0.1f).updateClip(UpdateClip.rms(0.75f)),
                Adam.withLearningRate(rate).updateClip(UpdateClip.clippy(0.25f, 0.01f)));
    }

    static List<Clip> clips(float threshold) {
        return List.of(
                Clip.none(),
                Clip.value(threshold),
                Clip.value(-threshold, threshold / 2),
                Clip.norm(threshold),
                Clip.globalNorm(threshold),
                Clip.globalNorm(threshold, 1),
                Clip.globalNorm(threshold, Double.POSITIVE_INFINITY),
                Clip.globalNorm(threshold, 3),
                Clip.averageNorm(threshold / 4),
                Clip.blockRms(threshold),
                Clip.unitNorm(threshold),
                Clip.soft(threshold),
                Clip.value(threshold).then(Clip.globalNorm(threshold)),
                Clip.norm(threshold).then(Clip.globalNorm(threshold)).then(Clip.value(threshold)),
                Clip.autoClip(40),
                Clip.zClip(0.5f, 0.25f, 2),
                Clip.adaGc(1.05f, 0.5f, 1, threshold),
                Clip.spikes(1200),
                Clip.uClip(threshold),
                Clip.uClip(Clip.norm(threshold)).then(Clip.autoClip()));
    }
}
