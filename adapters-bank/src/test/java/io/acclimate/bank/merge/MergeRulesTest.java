package io.acclimate.bank.merge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;

class MergeRulesTest {
  private static final int SIZE = 2000;

  private static Map<String, Tensor> adapter(float... values) {
    return Map.of("w", Tensor.ofFloats(values, values.length));
  }

  private static Map<String, Tensor> adapter(double[] values) {
    return Map.of("w", Tensor.ofDoubles(values, values.length));
  }

  private static float[] w(Map<String, Tensor> adapter) {
    return adapter.get("w").toFloatArray();
  }

  @Test
  void averageWeighsAndLeavesItsInputsAlone() {
    Map<String, Tensor> one = adapter(1, 2);
    Map<String, Tensor> other = adapter(5, -2);
    MergeRule rule = new WeightedAverage(List.of(1.0, 3.0));
    assertArrayEquals(new float[] {4, -1}, w(rule.merge(List.of(one, other))));
    assertArrayEquals(new float[] {3, 0}, w(WeightedAverage.mean(2).merge(List.of(one, other))));
    assertArrayEquals(new float[] {1, 2}, w(one));
    assertRefused("found 1", () -> rule.merge(List.of(one)));
    assertRefused("not all 0", () -> new WeightedAverage(List.of(0.0, 0.0)));
    assertRefused("from 0", () -> new WeightedAverage(List.of(-1.0, 2.0)));
  }

  @Test
  void theOrderOfNamesDoesNotMatter() {
    Map<String, Tensor> one = new LinkedHashMap<>();
    one.put("a", Tensor.ofFloats(new float[] {1}, 1));
    one.put("b", Tensor.ofFloats(new float[] {2}, 1));
    Map<String, Tensor> turned = new LinkedHashMap<>();
    turned.put("b", Tensor.ofFloats(new float[] {4}, 1));
    turned.put("a", Tensor.ofFloats(new float[] {3}, 1));
    Map<String, Tensor> mean = WeightedAverage.mean(2).merge(List.of(one, turned));
    assertEquals(2, mean.get("a").floats().get(0));
    assertEquals(3, mean.get("b").floats().get(0));
  }

  @Test
  void adaptersThatDoNotFitAreRefused() {
    MergeRule mean = WeightedAverage.mean(2);
    Map<String, Tensor> sound = adapter(1, 2);
    assertRefused("expected tensors [w]", () -> mean.merge(List.of(sound, Map.of())));
    assertRefused("tensor 'w'", () -> mean.merge(List.of(sound, adapter(1))));
    Map<String, Tensor> whole = Map.of("w", Tensor.ofInts(new int[] {1, 2}, 2));
    assertRefused("floating", () -> mean.merge(List.of(sound, whole)));
    assertRefused("online", () -> new MomentumAccumulation(.5).merge(List.of(sound)));
  }

  @Test
  void taskArithmeticAddsUpWhatWasLearned() {
    Map<String, Tensor> base = adapter(1, 1);
    List<Map<String, Tensor>> learned = List.of(adapter(2, 1), adapter(1, 4));
    assertArrayEquals(new float[] {1.5f, 2.5f}, w(new TaskArithmetic(base, .5).merge(learned)));
    assertArrayEquals(
        w(WeightedAverage.mean(2).merge(learned)), w(new TaskArithmetic(base, .5).merge(learned)));
    assertArrayEquals(new float[] {1, 1}, w(new TaskArithmetic(base, 0).merge(learned)));
    assertRefused("finite scale", () -> new TaskArithmetic(base, Double.NaN));
  }

  @Test
  void momentumHasItsClosedFormAndKeepsTheShareOverATask() {
    MomentumAccumulation rule = MomentumAccumulation.overTask(0.9, 250);
    Map<String, Tensor> offline = adapter(new double[] {3});
    Map<String, Tensor> online = adapter(new double[] {1});
    for (int step = 0; step < 250; step++) {
      rule.accumulate(offline, online);
    }
    assertEquals(0.9 * 3 + 0.1 * 1, offline.get("w").doubles().get(0), 1e-12);
    assertRefused("from 0 to 1", () -> new MomentumAccumulation(1.5));
    assertRefused("at least 1 step", () -> MomentumAccumulation.overTask(.9, 0));
  }

  /** Steps that float32 would round away add up in a float64 offline adapter. */
  @Test
  void anOfflineAdapterInDoublePrecisionFollowsAnOnlineOneInSingle() {
    MomentumAccumulation rule = new MomentumAccumulation(0.9999);
    Map<String, Tensor> online = adapter(1.0001f);
    Map<String, Tensor> offline = adapter(new double[] {1});
    for (int step = 0; step < 10_000; step++) {
      rule.accumulate(offline, online);
    }
    double expected = 1 + (1.0001f - 1.0) * (1 - Math.pow(0.9999, 10_000));
    assertEquals(expected, offline.get("w").doubles().get(0), 1e-12);
  }

  @Test
  void prefixMeanSavesItsSumAndPullsAllTheWayAtWeightOne() {
    PrefixMean mean = new PrefixMean(1);
    Map<String, Tensor> live = adapter(9, 9);
    mean.merge(live);
    assertArrayEquals(new float[] {9, 9}, w(live), "nothing before the first task's end");
    mean.endTask(adapter(1, 2));
    mean.endTask(adapter(3, 4));
    PrefixMean restored = new PrefixMean(1);
    State.fromBytes(State.of(mean).toBytes()).restore(restored);
    restored.merge(live);
    assertArrayEquals(new float[] {2, 3}, w(live));
    assertEquals(State.of(mean), State.of(restored));
    assertRefused("weight from 0 to 1", () -> new PrefixMean(-.1));
  }

  @Test
  void competitionBalancingKeepsTasksThatDoNotCompete() {
    double[] first = new double[SIZE];
    double[] second = new double[SIZE];
    UniformRandomProvider random = SeedTree.of(5).generator();
    for (int i = 0; i < SIZE / 20; i++) {
      first[i] = 1 + 0.2 * random.nextDouble();
      second[SIZE - 1 - i] = -1 - 0.2 * random.nextDouble();
    }
    double[] merged = pcb(0.1, first, second);
    double[] sum = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      sum[i] = first[i] + second[i];
    }
    assertTrue(cosine(merged, sum) > 0.98, "cosine " + cosine(merged, sum));
  }

  @Test
  void competitionBalancingOfTwinsIsThatOfOne() {
    double[] delta = normal(7);
    assertArrayEquals(support(pcb(0.1, delta)), support(pcb(0.1, delta, delta)));
    assertEquals(1, cosine(pcb(0.1, delta), pcb(0.1, delta, delta)), 1e-9);
    int won = support(pcb(0.1, delta)).length;
    assertTrue(won > 0.08 * SIZE && won <= 0.1 * SIZE, "won " + won);
  }

  /** Where nobody wins the start stays; the paper's formula has 0 / 0 there. */
  @Test
  void competitionBalancingOfOpposedTasksIsTheStart() {
    double[] delta = normal(8);
    double[] opposed = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      opposed[i] = -delta[i];
    }
    assertArrayEquals(new double[SIZE], pcb(0.1, delta, opposed));
    assertArrayEquals(new double[SIZE], pcb(0.1, new double[SIZE]));
  }

  private static double[] pcb(double ratio, double[]... deltas) {
    double[] start = normal(1);
    List<Map<String, Tensor>> adapters = new ArrayList<>();
    for (double[] delta : deltas) {
      double[] moved = start.clone();
      for (int i = 0; i < SIZE; i++) {
        moved[i] += delta[i];
      }
      adapters.add(adapter(moved));
    }
    Map<String, Tensor> merged = new PcbMerging(adapter(start), ratio, 1).merge(adapters);
    double[] difference = TensorMaps.flatten(merged);
    for (int i = 0; i < SIZE; i++) {
      difference[i] -= start[i];
      difference[i] = Math.abs(difference[i]) < 1e-12 ? 0 : difference[i];
    }
    return difference;
  }

  private static double[] normal(long seed) {
    UniformRandomProvider random = SeedTree.of(seed).generator();
    double[] values = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
    }
    return values;
  }

  private static int[] support(double[] values) {
    TreeSet<Integer> support = new TreeSet<>();
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0) {
        support.add(i);
      }
    }
    return support.stream().mapToInt(Integer::intValue).toArray();
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
      first += a[i] * a[i];
      second += b[i] * b[i];
    }
    return product / Math.sqrt(first * second);
  }

  @Test
  void halfPrecisionCanBeMerged() {
    Tensor half = Tensor.allocate(DType.FLOAT16, 1);
    half.halves().put(0, (short) 0x3C00);
    Map<String, Tensor> mean =
        WeightedAverage.mean(2).merge(List.of(Map.of("w", half), adapter(3)));
    assertEquals((short) 0x4000, mean.get("w").halves().get(0));
  }

  private static void assertRefused(String words, org.junit.jupiter.api.function.Executable call) {
    AcclimateException error = assertThrows(AcclimateException.class, call);
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }
}
