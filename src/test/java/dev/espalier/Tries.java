package dev.espalier;

import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyAttributes;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * How often jqwik tries each property: as often as its annotation says, else {@link #DEFAULT} times, and in the profile deep
 * {@link #FACTOR} times that. A parameter of the platform could raise the default alone. META-INF/services names this class to jqwik.
 */
public final class Tries implements AroundPropertyHook {
    /** Most properties run on four backends; a property that needs more tries says so itself. The mutation profile asks for fewer. */
    static final int DEFAULT = Integer.getInteger("espalier.test.tries", 200);

    static final int FACTOR = Boolean.getBoolean("espalier.test.deep") ? 10 : 1;

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        PropertyAttributes attributes = context.attributes();
        int tries = attributes.tries().orElse(DEFAULT);
        // An example is a property of one try.
        attributes.setTries(tries == 1 ? 1 : FACTOR * tries);
        return property.execute();
    }

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }
}
