package io.acclimate.tta.labelshift;

import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.List;

/** Registers {@link PriorCorrection} under the name {@code prior-correction}. */
public final class PriorCorrectionProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "prior-correction",
        MethodKind.OUTPUT_CORRECTOR,
        "Adds log(target prior / source prior) to the logits; an exponential average estimates it.",
        "Saerens, Latinne and Decaestecker, Adjusting the Outputs of a Classifier to New a Priori"
            + " Probabilities, Neural Computation 14(1), 2002",
        false,
        false);
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    double memory = settings.number("memory-samples", 1, 1e9);
    double[] given = target(settings);
    return context -> {
      if (given.length != 0 && given.length != context.classes()) {
        throw new AcclimateException(
            "prior-correction: target: expected %d shares, one for each class, found %d"
                .formatted(context.classes(), given.length));
      }
      return new PriorCorrection(context.sourcePrior(), given, memory);
    };
  }

  private static double[] target(SettingsReader settings) {
    List<ConfigValue> values = settings.list("target");
    double[] target = new double[values.size()];
    double sum = 0;
    for (int c = 0; c < target.length; c++) {
      Object value = values.get(c).unwrapped();
      target[c] = value instanceof Number number ? number.doubleValue() : Double.NaN;
      sum += target[c];
      if (!(target[c] >= 0)) {
        settings.problem(
            values.get(c).origin(), "target", "expected shares of at least 0, found " + value);
      }
    }
    if (target.length > 0 && !(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
      settings.problem("target", "expected shares with a positive sum, found " + sum);
    }
    for (int c = 0; c < target.length; c++) {
      target[c] /= sum;
    }
    return target;
  }
}
