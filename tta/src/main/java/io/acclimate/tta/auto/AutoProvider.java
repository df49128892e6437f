package io.acclimate.tta.auto;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import java.util.Optional;

/** Registers {@link AutoCorrector} under the name {@code auto}. */
public final class AutoProvider implements CorrectorProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "auto",
        MethodKind.OUTPUT_CORRECTOR,
        "Decides from the stream which corrector speaks: none, a label prior, or LAME.",
        "",
        true,
        false);
  }

  @Override
  public MethodDescriptor descriptor(SettingsReader settings) {
    boolean onAnother = !settings.child("of").text("method").isEmpty();
    return onAnother ? descriptor().needing(SourceNeed.STATISTICS) : descriptor();
  }

  @Override
  public CorrectorFactory read(SettingsReader settings) {
    AutoSettings read = AutoSettings.read(settings);
    return context -> new AutoCorrector(context.sourcePrior(), read);
  }

  @Override
  public CorrectorFactory readOn(SettingsReader settings, String base, CorrectorFactory inner) {
    AutoSettings read = AutoSettings.read(settings);
    return context -> {
      Optional<FeatureShift> shift = context.source().map(FeatureShift::new);
      return new AutoCorrector(context.sourcePrior(), read, inner.create(context), base, shift);
    };
  }
}
