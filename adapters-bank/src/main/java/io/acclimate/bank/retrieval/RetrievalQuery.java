package io.acclimate.bank.retrieval;

import io.acclimate.runtime.AcclimateException;

/**
 * What a strategy may ask about a batch. A learner answers what it can; an answer it cannot give is
 * an {@link AcclimateException}. Answers belong to the learner and are only read.
 */
public interface RetrievalQuery {
  /** The number of samples. */
  int rows();

  /** The task that brought a class. */
  int taskOf(int label);

  /**
   * How near a sample is to the prototype of each class, {@code [classes]}: the greatest is the
   * nearest.
   */
  default double[] prototypeScores(int row) {
    throw unanswered("prototypes of classes");
  }

  /** What a selector model says of the task of a sample, {@code [tasks]}: logits. */
  default double[] selectorLogits(int row) {
    throw unanswered("a selector");
  }

  /** The task a sample really belongs to: for evaluation only. */
  default int trueTask(int row) {
    throw unanswered("true tasks");
  }

  /**
   * Runs samples, each under the adapter of a task.
   *
   * @param rows the samples
   * @param tasks for each of them the task whose adapter is used
   * @return the logits over all classes seen, {@code [rows.length][classes]}
   */
  default double[][] logits(int[] rows, int[] tasks) {
    throw unanswered("the model's logits under an adapter");
  }

  private static AcclimateException unanswered(String what) {
    return new AcclimateException(
        "this retrieval strategy needs " + what + ", which the learner does not have");
  }
}
