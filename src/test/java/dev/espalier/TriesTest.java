package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

class TriesTest {
    private static int byDefault;
    private static int seven;

    @Property
    void asManyAsTheDefault(@ForAll long any) {
        byDefault++;
    }

    @Property(tries = 7)
    void asManyAsTheAnnotationSays(@ForAll long any) {
        seven++;
    }

    @AfterContainer
    static void bothFollowTheProfile() {
        assertEquals(Tries.FACTOR * Tries.DEFAULT, byDefault);
        assertEquals(Tries.FACTOR * 7, seven);
    }
}
