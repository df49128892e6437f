package io.acclimate.tta;

/** Answers with the model's own output. */
public final class Unchanged extends StatelessCorrector {
  @Override
  public void predict(OutputBatch batch, double[] probabilities) {
    System.arraycopy(batch.probabilities(), 0, probabilities, 0, batch.size() * batch.classes());
  }
}
