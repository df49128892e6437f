package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;

/** What the providers of gradient methods share: the form of their descriptors and settings. */
abstract class GradientProvider implements CorrectorProvider {
  private final MethodDescriptor descriptor;

  /**
   * A provider.
   *
   * @param changes the parameters that the method changes by default
   * @param forwards forward passes for one batch, that of the frozen model included
   */
  GradientProvider(
      String name,
      String summary,
      String paper,
      SourceNeed source,
      ParameterGroup changes,
      int forwards) {
    descriptor =
        new MethodDescriptor(
            name,
            MethodKind.TEST_TIME_ADAPTER,
            summary,
            paper,
            false,
            false,
            source,
            true,
            changes,
            forwards);
  }

  @Override
  public final MethodDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public final CorrectorFactory read(SettingsReader settings) {
    return read(
        settings,
        settings.choice("parameters", WeightScope.class),
        OptimizerSettings.read(settings.child("optimizer")));
  }

  /** Reads the method's own settings. */
  abstract CorrectorFactory read(
      SettingsReader settings, WeightScope scope, OptimizerSettings optimizer);
}
