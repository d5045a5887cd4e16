package dev.espalier.examples.digits;

import dev.espalier.optim.Adam;
import dev.espalier.optim.AdamW;
import dev.espalier.optim.Optimizer;
import dev.espalier.optim.RmsProp;
import dev.espalier.optim.Sgd;
import java.util.Locale;

/** The value of {@code --optimizer}. Each comes with the learning rate that suits this model. */
enum OptimizerOption {
    SGD {
        @Override
        Optimizer create() {
            return Sgd.withLearningRate(0.1f);
        }
    },
    MOMENTUM {
        @Override
        Optimizer create() {
            return Sgd.withLearningRate(0.02f).momentum(0.9f);
        }
    },
    RMSPROP {
        @Override
        Optimizer create() {
            return RmsProp.withLearningRate(1e-3f);
        }
    },
    ADAM {
        @Override
        Optimizer create() {
            return Adam.withLearningRate(1e-3f);
        }
    },
    ADAMW {
        @Override
        Optimizer create() {
            return AdamW.withLearningRate(1e-3f).weightDecay(0.01f);
        }
    };

    abstract Optimizer create();

    static OptimizerOption parse(String text) throws Mistake {
        for (OptimizerOption option : values()) {
            if (option.name().equals(text.strip().toUpperCase(Locale.ROOT))) {
                return option;
            }
        }
        throw new Mistake(
                "--optimizer " + text + ": no such optimizer; known are sgd, momentum, rmsprop, adam and adamw.");
    }
}
