package io.acclimate.bank.retrieval;

import java.util.List;

/** Finds the task of samples. Immutable and deterministic; safe for all threads. */
@FunctionalInterface
public interface RetrievalStrategy {
  /**
   * Finds the task of each sample of a batch.
   *
   * @return one answer for each row, in their order
   * @throws io.acclimate.runtime.AcclimateException when the learner does not have what it asks for
   */
  List<Retrieved> retrieve(RetrievalQuery query);

  /**
   * The most passes under adapters that a sample takes: those of the retrieval itself and, where it
   * gives no logits, one for each task that it finds.
   */
  default int passes() {
    return 1;
  }
}
