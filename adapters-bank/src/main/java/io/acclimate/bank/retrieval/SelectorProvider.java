package io.acclimate.bank.retrieval;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;

/** Registers {@link Selector} under the name {@code selector}. */
public final class SelectorProvider implements RetrievalProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "selector",
        MethodKind.RETRIEVAL,
        "Takes the tasks that a selector model finds most likely; one forward pass.",
        "Song et al., ConPET: Continual Parameter-Efficient Tuning for Large Language Models, 2023,"
            + " arXiv 2309.14763",
        false,
        false);
  }

  @Override
  public RetrievalStrategy create(SettingsReader settings) {
    return new Selector(settings.integer("top-k", 1, 1_000_000));
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.SELECTOR);
  }
}
