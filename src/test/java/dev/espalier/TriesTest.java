package dev.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;

class TriesTest {
    private static int byDefault;
    private static int seven;
    private static int examples;

    @Property
    void asManyAsTheDefault(@ForAll long any) {
        byDefault++;
    }

    @Property(tries = 7)
    void asManyAsTheAnnotationSays(@ForAll long any) {
        seven++;
    }

    @Example
    void once() {
        examples++;
    }

    @AfterContainer
    static void propertiesFollowTheProfile() {
        assertEquals(Tries.FACTOR * Tries.DEFAULT, byDefault);
        assertEquals(Tries.FACTOR * 7, seven);
        assertEquals(1, examples);
    }
}
