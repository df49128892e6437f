package io.acclimate.bank.retrieval;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;

/** Registers {@link SelfRefined} under the name {@code self-refined}. */
public final class SelfRefinedProvider implements RetrievalProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "self-refined",
        MethodKind.RETRIEVAL,
        "Predicts, moves to the predicted class's task, and predicts again until it stays.",
        "Sun et al., MOS: Model Surgery for Pre-Trained Model-Based Class-Incremental Learning,"
            + " AAAI 2025, arXiv 2412.09441",
        true,
        false);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.PROTOTYPES, Need.LOGITS);
  }

  @Override
  public RetrievalStrategy create(SettingsReader settings) {
    return new SelfRefined(settings.integer("max-iterations", 1, 1000));
  }
}
