package io.acclimate.tta.controls;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.StatelessCorrector;

/**
 * A ceiling for output correction: knows which samples of a batch share a label, though not which
 * label it is.
 *
 * <p>All samples of one label get the same answer, the normalised geometric mean of what the frozen
 * model said of them: the fixed point that a Laplacian correction would reach with the true
 * affinity. No corrector that sees only the output has this knowledge.
 */
public final class OracleControl implements CorrectorProvider {
  private static final double TINY = 1e-10;

  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "oracle",
        MethodKind.CONTROL,
        "Ceiling: pools the output over the samples of a batch that share a label.",
        "",
        false,
        true);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    return context -> new Oracle();
  }

  private static final class Oracle extends StatelessCorrector {
    @Override
    public void predict(OutputBatch batch, double[] corrected) {
      int[] labels = batch.labels();
      if (labels == null) {
        throw new AcclimateException("oracle: the stream has no labels");
      }
      for (int i = 0; i < batch.size(); i++) {
        int first = firstWithLabel(labels, labels[i]);
        if (first < i) {
          System.arraycopy(
              corrected, first * batch.classes(), corrected, i * batch.classes(), batch.classes());
        } else {
          pool(batch, labels[i], corrected, i * batch.classes());
        }
      }
    }

    private static int firstWithLabel(int[] labels, int label) {
      int first = 0;
      while (labels[first] != label) {
        first++;
      }
      return first;
    }

    private static void pool(OutputBatch batch, int label, double[] target, int offset) {
      int classes = batch.classes();
      double max = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < batch.size(); i++) {
          if (batch.labels()[i] == label) {
            sum += Math.log(batch.probabilities()[i * classes + c] + TINY);
            count++;
          }
        }
        target[offset + c] = sum / count;
        max = Math.max(max, sum / count);
      }
      double total = 0;
      for (int c = 0; c < classes; c++) {
        target[offset + c] = Math.exp(target[offset + c] - max);
        total += target[offset + c];
      }
      for (int c = 0; c < classes; c++) {
        target[offset + c] /= total;
      }
    }
  }
}
