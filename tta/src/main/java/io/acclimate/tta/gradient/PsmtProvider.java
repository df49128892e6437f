package io.acclimate.tta.gradient;

import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;

/** Registers {@link Psmt} under the name {@code psmt}. */
public final class PsmtProvider extends GradientProvider {
  /** Creates the provider. */
  public PsmtProvider() {
    super(
        "psmt",
        "Student and mean teacher; weights that matter little to the batch are treated apart.",
        "Tian and Lyu, Parameter-Selective Mean Teacher for Continual Test-Time Adaptation,"
            + " ACCV 2024, arXiv 2407.02253",
        SourceNeed.FISHER,
        ParameterGroup.ALL,
        3);
  }

  @Override
  Maker read(SettingsReader settings, OptimizerSettings optimizer) {
    Psmt.Settings own =
        new Psmt.Settings(
            settings.choice("variant", Psmt.Variant.class),
            settings.number("teacher-keep", 0, 1),
            settings.number("selected-share", 0, 0.9999),
            settings.number("fisher-strength", 0, 1e9));
    return (context, parameters) ->
        new Psmt(
            context.model().orElseThrow(),
            parameters,
            optimizer,
            own,
            context.fisher().orElseThrow()::copyTo);
  }
}
