package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.continual.Golden;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.train.ParameterSet;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ElasticConsolidationTest {
  private static final JsonNode GOLDEN = Golden.read("conpet_dynamic").get("ewc");
  private static final double RELATIVE = 1e-12;

  private static ParameterSet parameters(int rows) {
    Map<String, ValueType> types = new LinkedHashMap<>();
    types.put("a", ValueType.of(DType.FLOAT64, rows, 3));
    types.put("b", ValueType.of(DType.FLOAT64, 3));
    return new ParameterSet(types);
  }

  /** Both tensors, one after the other. */
  private static double[] values(JsonNode node) {
    double[] vector = {
      node.get("b").get(0).doubleValue(),
      node.get("b").get(1).doubleValue(),
      node.get("b").get(2).doubleValue()
    };
    return DoubleStream.concat(DoubleStream.of(Golden.flat(node.get("a"))), DoubleStream.of(vector))
        .toArray();
  }

  private static ParameterSet filled(JsonNode node) {
    ParameterSet parameters = parameters(2);
    double[] values = values(node);
    parameters.write(0, values, values.length);
    return parameters;
  }

  private static double[] read(ParameterSet parameters) {
    double[] values = new double[parameters.size()];
    parameters.read(0, values, values.length);
    return values;
  }

  private static ElasticConsolidation consolidated() {
    ElasticConsolidation consolidation =
        new ElasticConsolidation(GOLDEN.get("lambda_").doubleValue());
    consolidation.grow(null, parameters(2));
    for (int task = 0; task < GOLDEN.get("means").size(); task++) {
      consolidation.consolidate(
          filled(GOLDEN.get("means").get(task)), values(GOLDEN.get("fishers").get(task)));
    }
    return consolidation;
  }

  @Test
  void agreesWithThePapersCode() {
    ParameterSet gradients = parameters(2);
    double value = consolidated().add(filled(GOLDEN.get("theta")), gradients, 0);
    double expected = GOLDEN.get("loss").doubleValue();
    assertEquals(expected, value, expected * RELATIVE);
    double[] slopes = values(GOLDEN.get("grad"));
    double[] found = read(gradients);
    for (int i = 0; i < slopes.length; i++) {
      assertEquals(slopes[i], found[i], Math.abs(slopes[i]) * RELATIVE);
    }
  }

  @Test
  void whatMatteredIsTheMeanSquareOfTheLastPass() {
    ElasticConsolidation consolidation = new ElasticConsolidation(1);
    consolidation.grow(null, parameters(2));
    ParameterSet at = parameters(2);
    ParameterSet slopes = parameters(2);
    double[] ones = new double[slopes.size()];
    Arrays.fill(ones, 2);
    slopes.write(0, ones, ones.length);
    consolidation.add(at, slopes, 0);
    consolidation.collect(true);
    consolidation.add(at, slopes, 0);
    consolidation.add(at, slopes, Math.log(2));
    consolidation.consolidate(at);
    double[] moved = new double[at.size()];
    moved[1] = 3;
    at.write(0, moved, moved.length);
    consolidation.collect(false);
    slopes.clear();
    double mattered = (4 + 0.5 * 4) / 2;
    assertEquals(mattered * 9 / 2, consolidation.add(at, slopes, 0), 1e-12);
    assertEquals(mattered * 3, slopes.get(1), 1e-12);
    assertEquals(0, slopes.get(0));
  }

  @Test
  void newValuesAreFreeAndOldOnesStayHeld() {
    ElasticConsolidation consolidation = consolidated();
    ParameterSet gradients = parameters(2);
    consolidation.add(filled(GOLDEN.get("theta")), gradients, 0);
    double[] before = read(gradients);
    consolidation.grow(parameters(2), parameters(4));
    ParameterSet grown = parameters(4);
    double[] theta = values(GOLDEN.get("theta"));
    grown.write(0, theta, 6);
    grown.write(6, new double[] {5, 5, 5, 5, 5, 5}, 6);
    grown.write(12, new double[] {theta[6], theta[7], theta[8]}, 3);
    ParameterSet slopes = parameters(4);
    consolidation.add(grown, slopes, 0);
    double[] after = read(slopes);
    assertArrayEquals(new double[6], Arrays.copyOfRange(after, 6, 12));
    for (int i = 0; i < before.length; i++) {
      assertEquals(before[i], after[i < 6 ? i : i + 6]);
    }
  }

  @Test
  void itsStateIsOfOneSizeWhateverTheTasks() {
    ElasticConsolidation consolidation = consolidated();
    State two = State.of(consolidation);
    consolidation.consolidate(filled(GOLDEN.get("theta")), new double[9]);
    assertEquals(two.tensorBytes(), State.of(consolidation).tensorBytes());
    ElasticConsolidation loaded = new ElasticConsolidation(1000);
    State.of(consolidation).restore(loaded);
    assertEquals(State.of(consolidation), State.of(loaded));
    AcclimateException refused =
        assertThrows(
            AcclimateException.class,
            () -> consolidation.consolidate(parameters(3), new double[12]));
    assertTrue(refused.getMessage().contains("expected 9 values"), refused.getMessage());
  }
}
