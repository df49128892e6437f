package io.acclimate.tta.gradient;

import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Optimizer;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.Sgd;
import java.util.Set;

/**
 * How a method steps along its gradients; meanings and defaults stand in this module's {@code
 * reference.conf} under each method.
 *
 * @param kind the rule
 * @param rate the learning rate, at least 0
 * @param momentum of {@link Kind#SGD}, which is Nesterov's where it is above 0; 0 to below 1
 */
public record OptimizerSettings(Kind kind, double rate, double momentum) {
  /** The rules. */
  public enum Kind {
    /** Adam with betas 0.9 and 0.999. */
    ADAM,
    /** Gradient descent with momentum. */
    SGD
  }

  static OptimizerSettings read(SettingsReader settings) {
    settings.rejectUnknown();
    return new OptimizerSettings(
        settings.choice("kind", Kind.class),
        settings.number("rate", 0, 1000),
        settings.number("momentum", 0, 0.9999));
  }

  /** A new optimiser for parameters of these names. */
  Optimizer create(Set<String> names) {
    ParameterGroups groups = ParameterGroups.of(names, ParameterGroups.Group.DEFAULT);
    return switch (kind) {
      case ADAM -> Adam.adam(groups);
      case SGD -> new Sgd(groups, momentum, momentum > 0);
    };
  }
}
