package io.acclimate.bank.retrieval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.acclimate.bank.Golden;
import io.acclimate.bank.statistics.Prototypes;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetrievalTest {
  private static final double TOLERANCE = 1e-12;

  private static RetrievalStrategy strategy(String name, String setting, Object value) {
    SettingsReader reader =
        new SettingsReader(
            ConfigFactory.empty().withValue(setting, ConfigValueFactory.fromAnyRef(value)),
            MethodRegistry.defaults(name),
            name);
    RetrievalStrategy strategy = RetrievalProvider.registry().require(name).create(reader);
    reader.throwIfAny(name);
    return strategy;
  }

  private static RetrievalStrategy strategy(String name) {
    return RetrievalProvider.registry()
        .require(name)
        .create(new SettingsReader(ConfigFactory.empty(), MethodRegistry.defaults(name), name));
  }

  /** The stub network of MOS's golden file. */
  private static final class MosQuery implements RetrievalQuery {
    private final JsonNode golden = Golden.read("mos_retrieval");
    private final Prototypes prototypes = new Prototypes(6);
    private final List<Integer> batches = new ArrayList<>();

    MosQuery() {
      for (JsonNode prototype : golden.get("prototypes")) {
        prototypes.set(prototypes.size(), Golden.numbers(prototype));
      }
    }

    @Override
    public int rows() {
      return golden.get("targets").size();
    }

    @Override
    public int taskOf(int label) {
      return golden.get("cls2task").get(label).intValue();
    }

    @Override
    public double[] prototypeScores(int row) {
      double[] scores = new double[prototypes.size()];
      JsonNode features = golden.get("features_adapter0_for_prototype_stage").get(row);
      prototypes.cosines(Golden.numbers(features), scores);
      return scores;
    }

    @Override
    public double[][] logits(int[] rows, int[] tasks) {
      batches.add(rows.length);
      double[][] logits = new double[rows.length][];
      for (int i = 0; i < rows.length; i++) {
        double[] features =
            Golden.numbers(golden.get("features_per_adapter").get(rows[i]).get(tasks[i]));
        double[] out = Golden.numbers(golden.get("head_b"));
        for (int c = 0; c < out.length; c++) {
          double[] weights = Golden.numbers(golden.get("head_W").get(c));
          for (int k = 0; k < features.length; k++) {
            out[c] += weights[k] * features[k];
          }
        }
        logits[i] = out;
      }
      return logits;
    }
  }

  @Test
  void selfRefinedRetrievalAgreesWithItsPaper() {
    MosQuery query = new MosQuery();
    JsonNode expected = query.golden.get("expected");
    List<Retrieved> found = strategy("self-refined").retrieve(query);
    int tasks = query.golden.get("num_tasks").intValue();
    List<Retrieved> first = strategy("nearest-prototype").retrieve(query);
    for (int row = 0; row < query.rows(); row++) {
      assertEquals(expected.get("initial_adapter").get(row).intValue(), first.get(row).task());
      assertArrayEquals(
          Golden.numbers(expected.get("initial_logits_cosine").get(row)),
          query.prototypeScores(row),
          TOLERANCE);
      assertArrayEquals(
          Golden.numbers(expected.get("visited_adapters_per_sample").get(row)),
          found.get(row).tried().stream().mapToDouble(Integer::doubleValue).toArray());
      double[] logits = found.get(row).logits().orElseThrow();
      assertArrayEquals(
          Golden.numbers(expected.at("/no_ensemble/scores").get(row)), logits, TOLERANCE);
      double[] scores = SelfRefined.ensemble(logits, query.prototypeScores(row), tasks);
      assertArrayEquals(
          Golden.numbers(expected.at("/ensemble/scores").get(row)), scores, TOLERANCE);
      assertEquals(expected.at("/ensemble/topk").get(row).get(0).intValue(), Rows.greatest(scores));
    }
    assertEquals(4, query.batches.size(), "one call for each pass");
    assertEquals(12, query.batches.get(0));
    int runs = found.stream().mapToInt(answer -> answer.tried().size()).sum();
    assertEquals(runs, query.batches.stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void maxIterationsBoundsTheForwardPasses() {
    MosQuery query = new MosQuery();
    List<Retrieved> found = strategy("self-refined", "max-iterations", 1).retrieve(query);
    assertEquals(List.of(12), query.batches);
    assertTrue(found.stream().allMatch(answer -> answer.tried().size() == 1));
    assertThrows(AcclimateException.class, () -> strategy("self-refined", "max-iterations", 0));
  }

  @Test
  void selectorTakesTheMostLikelyTasksAsConPetDoes() {
    JsonNode golden = Golden.read("conpet_dynamic");
    JsonNode logits = golden.get("selector_logits");
    int compared = 0;
    for (JsonNode mode : golden.at("/expected/assembly")) {
      if (mode.get("mode").textValue().equals("valid")) {
        RetrievalStrategy strategy = strategy("selector", "top-k", mode.get("topk").intValue());
        List<Retrieved> found = strategy.retrieve(selector(logits));
        for (int row = 0; row < logits.size(); row++) {
          List<String> names =
              found.get(row).tasks().stream().map(task -> "p" + (task + 1)).toList();
          List<String> expected = new ArrayList<>();
          mode.get("selected_modules").get(row).forEach(name -> expected.add(name.textValue()));
          assertEquals(expected, names);
          compared++;
        }
      }
    }
    assertEquals(2 * logits.size(), compared);
  }

  private static RetrievalQuery selector(JsonNode logits) {
    return new RetrievalQuery() {
      @Override
      public int rows() {
        return logits.size();
      }

      @Override
      public int taskOf(int label) {
        return label / 3;
      }

      @Override
      public double[] selectorLogits(int row) {
        return Golden.numbers(logits.get(row));
      }

      @Override
      public int trueTask(int row) {
        return row % 3;
      }
    };
  }

  @Test
  void theOracleKnows() {
    JsonNode logits = Golden.read("conpet_dynamic").get("selector_logits");
    List<Integer> found =
        strategy("oracle-task").retrieve(selector(logits)).stream().map(Retrieved::task).toList();
    assertEquals(IntStream.range(0, logits.size()).map(row -> row % 3).boxed().toList(), found);
    assertTrue(RetrievalProvider.registry().require("oracle-task").descriptor().needsLabels());
  }

  @Test
  void strategiesAreFoundByNameAndSayWhatTheyMiss() {
    assertEquals(
        Set.of("nearest-prototype", "oracle-task", "selector", "self-refined"),
        RetrievalProvider.registry().names());
    RetrievalQuery query = selector(Golden.read("conpet_dynamic").get("selector_logits"));
    AcclimateException error =
        assertThrows(AcclimateException.class, () -> strategy("nearest-prototype").retrieve(query));
    assertTrue(error.getMessage().contains("needs prototypes of classes"), error.getMessage());
  }
}
