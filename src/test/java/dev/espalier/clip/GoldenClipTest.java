package dev.espalier.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.espalier.Bits;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Reference values worked out outside this project: golden/clip.json. */
@Tag("kernel")
class GoldenClipTest {
    private static final int CASES = 21;

    @TestFactory
    List<DynamicTest> cases() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        try (InputStream stream = getClass().getResourceAsStream("/golden/clip.json")) {
            assertNotNull(stream);
            Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8);
            for (JsonElement element : JsonParser.parseReader(reader).getAsJsonArray()) {
                JsonObject golden = element.getAsJsonObject();
                tests.add(DynamicTest.dynamicTest(golden.get("name").getAsString(), () -> check(golden)));
            }
        }
        assertEquals(CASES, tests.size());
        return tests;
    }

    private static void check(JsonObject golden) {
        Clip clip = clip(golden);
        float[][] gradients = gradients(golden.getAsJsonArray("gradients"));
        ClipReport report = clip.apply(gradients);

        int ulps = golden.get("ulps").getAsInt();
        JsonArray expected = golden.getAsJsonArray("expectedBits");
        assertEquals(expected.size(), gradients.length);
        for (int i = 0; i < gradients.length; i++) {
            JsonArray bits = expected.get(i).getAsJsonArray();
            assertEquals(bits.size(), gradients[i].length);
            for (int j = 0; j < gradients[i].length; j++) {
                float value = Float.intBitsToFloat(
                        Integer.parseUnsignedInt(bits.get(j).getAsString(), 16));
                if (ulps == 0) {
                    assertEquals(Float.floatToIntBits(value), Float.floatToIntBits(gradients[i][j]));
                } else {
                    Bits.assertWithin(ulps, value, gradients[i][j]);
                }
            }
        }
        if (golden.has("norm")) {
            double norm = golden.get("norm").getAsDouble();
            assertEquals(norm, report.normBefore(), 2 * Math.ulp(norm));
        }
        if (golden.has("norms")) {
            JsonArray norms = golden.getAsJsonArray("norms");
            for (int i = 0; i < norms.size(); i++) {
                double norm = norms.get(i).getAsDouble();
                assertEquals(norm, report.tensorNorm(i), 2 * Math.ulp(norm));
            }
        }
    }

    private static Clip clip(JsonObject golden) {
        return switch (golden.get("op").getAsString()) {
            case "globalNorm" -> Clip.globalNorm(golden.get("maxNorm").getAsFloat(), (double) number(golden.get("p")));
            case "norm" -> Clip.norm(golden.get("maxNorm").getAsFloat());
            // One case clamps NaN and ±∞: raw arithmetic.
            case "value" ->
                Clip.value(golden.get("min").getAsFloat(), golden.get("max").getAsFloat())
                        .nonFinite(NonFinite.PROPAGATE);
            default -> throw new AssertionError("unknown op in " + golden);
        };
    }

    private static float[][] gradients(JsonArray arrays) {
        float[][] gradients = new float[arrays.size()][];
        for (int i = 0; i < gradients.length; i++) {
            JsonArray array = arrays.get(i).getAsJsonArray();
            gradients[i] = new float[array.size()];
            for (int j = 0; j < gradients[i].length; j++) {
                gradients[i][j] = number(array.get(j));
            }
        }
        return gradients;
    }

    private static float number(JsonElement element) {
        return switch (element.getAsString()) {
            case "nan" -> Float.NaN;
            case "inf" -> Float.POSITIVE_INFINITY;
            case "-inf" -> Float.NEGATIVE_INFINITY;
            default -> element.getAsFloat();
        };
    }
}
