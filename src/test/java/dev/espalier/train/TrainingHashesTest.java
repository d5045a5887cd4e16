package dev.espalier.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.espalier.HashTable;
import dev.espalier.clip.Clip;
import dev.espalier.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every backend has to end small runs with the committed bits; other modes of the JVM: {@code CompilerModesTest}. */
@Tag("kernel")
class TrainingHashesTest {
    @Test
    void everyOptimizerWithEveryClipEndsWithTheCommittedBits() {
        Map<String, String> actual = TrainingHashes.compute();
        large(1).forEach(actual::put);
        HashTable.assertCommitted("training-hashes.txt", TrainingHashes.COMMITTED, actual);
        // A hash that saw nothing of the run would be the same everywhere.
        assertNotEquals(actual.get("adam, norm"), actual.get("adam, global norm"));
        assertNotEquals(actual.get("sgd, none"), actual.get("momentum, none"));
    }

    @Test
    void threadsDoNotShow() {
        for (int threads : new int[] {2, 3, 7}) {
            large(threads)
                    .forEach((name, hash) -> assertEquals(
                            TrainingHashes.COMMITTED.get(name), hash, name + " on " + threads + " threads"));
        }
    }

    private static Map<String, String> large(int threads) {
        Map<String, String> hashes = new TreeMap<>();
        for (String name : List.of("sgd", "nesterov", "rmsprop with momentum", "adamw")) {
            Optimizer optimizer = TrainingHashes.optimizers().get(name);
            Clip clip = Clip.value(0.01f).then(Clip.globalNorm(0.1f));
            hashes.put("large, " + name, TrainingHashes.large(optimizer, clip, threads));
        }
        TrainingHashes.clips().forEach((name, clip) -> {
            Optimizer adam = TrainingHashes.optimizers().get("adam");
            hashes.put("large, adam, " + name, TrainingHashes.large(adam, clip, threads));
        });
        return hashes;
    }
}
