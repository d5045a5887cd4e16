/**
 * Training: {@link dev.espalier.train.Trainer} fits a model to a {@link dev.espalier.train.DataSet} as
 * {@link dev.espalier.train.Fit} says, and {@link dev.espalier.train.History} tells what happened.
 *
 * <pre>{@code
 * var model = Sequential.of(784, Dense.relu(64), Dense.linear(10));
 * var trainer = Trainer.of(model, Loss.softmaxCrossEntropy(), Adam.withLearningRate(1e-3f), Clip.value(0.05f));
 * History history = trainer.fit(train, Fit.epochs(10).batchSize(32).seed(42));
 * System.out.println(trainer.evaluate(test).accuracy());
 * }</pre>
 *
 * <p>{@link dev.espalier.train.Checkpoint} keeps a run in a file, from which it goes on to the same bits.
 *
 * <p>The same seeds give the same weights, to the bit, whatever the vector width and the number of threads.
 *
 * <p>Threads: a trainer, its data sets while in use, and its history belong to the thread that calls it. Threads may
 * train separate models at the same time. {@code Fit} and {@code Evaluation} are immutable.
 */
@org.jspecify.annotations.NullMarked
package dev.espalier.train;
