package io.acclimate.bank.retrieval;

import io.acclimate.runtime.Rows;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;
import java.util.stream.IntStream;

/** Registers {@code nearest-prototype}: the task of the class whose prototype is nearest. */
public final class NearestPrototypeProvider implements RetrievalProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "nearest-prototype",
        MethodKind.RETRIEVAL,
        "Takes the task of the class whose prototype is nearest; no forward pass.",
        "",
        true,
        false);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.PROTOTYPES);
  }

  @Override
  public RetrievalStrategy create(SettingsReader settings) {
    return query ->
        IntStream.range(0, query.rows())
            .mapToObj(row -> Retrieved.untried(taskOfNearest(query, row)))
            .toList();
  }

  static int taskOfNearest(RetrievalQuery query, int row) {
    return query.taskOf(Rows.greatest(query.prototypeScores(row)));
  }
}
