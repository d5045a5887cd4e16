package dev.espalier.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.clip.Clip;
import dev.espalier.tensor.Parameters;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Trajectories of PyTorch in float64 on the same gradients: golden/optim.json. */
@Tag("kernel")
class GoldenOptimTest {
    private static final int CASES = 9;

    /** Six steps in float against six in double, of weights below 1: a few roundings each. */
    private static final double TOLERANCE = 4 * 0x1p-24;

    @TestFactory
    List<DynamicTest> cases() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (InputStream stream = getClass().getResourceAsStream("/golden/optim.json")) {
            assertNotNull(stream);
            JsonObject golden = JsonParser.parseReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
                    .getAsJsonObject();
            for (JsonElement element : golden.getAsJsonArray("cases")) {
                JsonObject one = element.getAsJsonObject();
                tests.add(DynamicTest.dynamicTest(
                        one.get("name").getAsString() + " clip " + one.get("clip"), () -> check(golden, one)));
            }
        }
        assertEquals(CASES, tests.size());
        return tests;
    }

    private static void check(JsonObject golden, JsonObject one) {
        double[] start = doubles(golden.getAsJsonArray("start"));
        // Two slices, so that the global norm is over more than one tensor.
        Parameters parameters =
                Parameters.builder().add("a", 4).add("b", start.length - 4).build();
        put(start, parameters.weights());
        Stepper stepper = optimizer(one.get("name").getAsString()).on(parameters, clip(one.get("clip")));
        JsonArray gradients = golden.getAsJsonArray("gradients");
        JsonArray after = one.getAsJsonArray("after");
        assertEquals(gradients.size(), after.size());
        for (int step = 0; step < after.size(); step++) {
            put(doubles(gradients.get(step).getAsJsonArray()), parameters.gradients());
            stepper.step();
            double[] expected = doubles(after.get(step).getAsJsonArray());
            for (int i = 0; i < expected.length; i++) {
                assertEquals(
                        expected[i], parameters.weights()[i], tolerance(expected[i]), "step " + step + ", weight " + i);
            }
        }
        assertEquals(after.size(), stepper.steps());
    }

    private static double tolerance(double expected) {
        return TOLERANCE * Math.max(1, Math.abs(expected));
    }

    private static Clip clip(JsonElement clip) {
        if (clip.isJsonNull()) {
            return Clip.none();
        }
        float threshold = clip.getAsJsonArray().get(1).getAsFloat();
        return switch (clip.getAsJsonArray().get(0).getAsString()) {
            case "value" -> Clip.value(threshold);
            case "globalNorm" -> Clip.globalNorm(threshold);
            default -> throw new AssertionError("unknown clip " + clip);
        };
    }

    private static Optimizer optimizer(String name) {
        float rate = number(name, "lr");
        if (name.startsWith("sgd")) {
            Sgd sgd = Sgd.withLearningRate(rate).momentum(name.contains("momentum") ? number(name, "momentum") : 0);
            return name.endsWith("nesterov") ? sgd.nesterov() : sgd;
        }
        float epsilon = number(name, "eps");
        if (name.startsWith("rmsprop")) {
            return RmsProp.withLearningRate(rate).rho(number(name, "rho")).epsilon(epsilon);
        }
        float beta1 = number(name, "beta1");
        float beta2 = number(name, "beta2");
        if (name.startsWith("adamw")) {
            return AdamW.withLearningRate(rate)
                    .betas(beta1, beta2)
                    .epsilon(epsilon)
                    .weightDecay(number(name, "weightDecay"));
        }
        return Adam.withLearningRate(rate).betas(beta1, beta2).epsilon(epsilon);
    }

    private static float number(String name, String key) {
        Matcher matcher = Pattern.compile("\\b" + key + "=(\\S+)").matcher(name);
        return matcher.find() ? Float.parseFloat(matcher.group(1)) : Float.NaN;
    }

    private static double[] doubles(JsonArray array) {
        double[] doubles = new double[array.size()];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = array.get(i).getAsDouble();
        }
        return doubles;
    }

    private static void put(double[] from, float[] to) {
        for (int i = 0; i < from.length; i++) {
            to[i] = (float) from[i];
        }
    }
}
