package dev.espalier.train;

/**
 * How well a model does on a data set.
 *
 * @param loss the mean loss over the examples
 * @param accuracy the share of examples whose largest output is that of their label, in [0, 1]; NaN without labels
 * @param count how many examples there were
 */
public record Evaluation(double loss, double accuracy, int count) {}
