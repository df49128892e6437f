package io.acclimate.bank.retrieval;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The retrieval of ConPET: the tasks that a selector model finds most likely.
 *
 * <p>Song et al., ConPET: Continual Parameter-Efficient Tuning for Large Language Models, 2023,
 * arXiv 2309.14763.
 *
 * @param topK how many tasks, from 1; fewer where there are fewer
 */
public record Selector(int topK) implements RetrievalStrategy {
  @Override
  public List<Retrieved> retrieve(RetrievalQuery query) {
    return IntStream.range(0, query.rows())
        .mapToObj(
            row ->
                new Retrieved(
                    Ranking.top(query.selectorLogits(row), topK), List.of(), Optional.empty()))
        .toList();
  }

  @Override
  public int passes() {
    return topK;
  }
}
