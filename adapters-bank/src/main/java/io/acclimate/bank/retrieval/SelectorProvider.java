package io.acclimate.bank.retrieval;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Registers {@code selector}: the tasks that a selector model finds most likely. */
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
    int k = settings.integer("top-k", 1, 1_000_000);
    return query ->
        IntStream.range(0, query.rows()).mapToObj(row -> select(query, row, k)).toList();
  }

  private static Retrieved select(RetrievalQuery query, int row, int k) {
    List<Integer> tasks = Ranking.top(query.selectorLogits(row), k);
    return new Retrieved(tasks, List.of(), Optional.empty());
  }
}
