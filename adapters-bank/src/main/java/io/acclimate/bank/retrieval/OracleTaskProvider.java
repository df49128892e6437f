package io.acclimate.bank.retrieval;

import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Set;
import java.util.stream.IntStream;

/** Registers {@code oracle-task}: the true task, the ceiling of every strategy. */
public final class OracleTaskProvider implements RetrievalProvider {
  @Override
  public MethodDescriptor descriptor() {
    return new MethodDescriptor(
        "oracle-task",
        MethodKind.CONTROL,
        "Knows the true task: the ceiling of every retrieval, for evaluation only.",
        "",
        false,
        true);
  }

  @Override
  public Set<Need> needs() {
    return Set.of(Need.TRUE_TASKS);
  }

  @Override
  public RetrievalStrategy create(SettingsReader settings) {
    return query ->
        IntStream.range(0, query.rows())
            .mapToObj(row -> Retrieved.untried(query.trueTask(row)))
            .toList();
  }
}
