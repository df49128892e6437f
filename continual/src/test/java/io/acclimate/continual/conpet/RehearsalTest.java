package io.acclimate.continual.conpet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.continual.SampleMasks;
import io.acclimate.continual.TinyStream;
import io.acclimate.replay.memory.MemorySettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import io.acclimate.runtime.state.State;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static Rehearsal rehearsal(String settings) {
    return new Rehearsal(
        TinyStream.backbone(),
        MemorySettings.of(ConfigFactory.parseString(settings)),
        SeedTree.of(3));
  }

  private static void offer(Rehearsal rehearsal, int task) {
    for (LabelledBatch batch : TinyStream.batches(task, 1)) {
      rehearsal.offer(rehearsal.exemplars(batch, task));
    }
  }

  @Test
  void stepsAreOfNewSamplesAndOfEarlierTasksAlone() {
    Rehearsal rehearsal = rehearsal("policy = class-balanced, max-samples = 12");
    LabelledBatch batch = TinyStream.batches(2, 1).get(0);
    assertEquals(List.of(batch), rehearsal.mix(batch, 2), "nothing is old yet");
    offer(rehearsal, 0);
    offer(rehearsal, 1);
    offer(rehearsal, 2);
    assertEquals(12, rehearsal.size());
    int[] drawn = new int[6];
    for (int i = 0; i < 200; i++) {
      List<LabelledBatch> steps = rehearsal.mix(batch, 2);
      assertEquals(2, steps.size(), "one new and one old sample in each");
      for (int row = 0; row < 2; row++) {
        LabelledBatch step = steps.get(row);
        assertEquals(batch.labels()[row], step.labels()[0]);
        drawn[step.labels()[1]]++;
      }
    }
    assertEquals(0, drawn[4] + drawn[5]);
    int first = drawn[0] + drawn[1];
    assertTrue(first > 150 && first < 250, "the first of two tasks in half of 400: " + first);
  }

  @Test
  void samplesComeBackAsTheyWere() {
    Rehearsal rehearsal = rehearsal("max-samples = 100");
    LabelledBatch batch = TinyStream.batches(0, 1).get(0);
    rehearsal.offer(rehearsal.exemplars(batch, 0));
    LabelledBatch kept = rehearsal.contents(2).get(0);
    assertArrayEquals(batch.labels(), kept.labels());
    assertTrue(batch.inputs().get("x").contentEquals(kept.inputs().get("x")));
  }

  /** Rows that do not count are not kept; the others come back with all that hides them. */
  @Test
  void masksAreKeptWithTheirSamples() {
    Rehearsal rehearsal = rehearsal("max-samples = 100, ratio = 1");
    LabelledBatch old = TinyStream.batches(0, 1).get(0);
    int values = (int) old.inputs().get("x").elements();
    boolean[] shown = new boolean[values];
    for (int i = 0; i < values; i++) {
      shown[i] = i % 3 != 0;
    }
    SampleMasks masks = new SampleMasks(new double[] {0, 0.5}, Map.of("x", shown));
    rehearsal.offer(rehearsal.exemplars(new LabelledBatch(old.inputs(), old.labels(), masks), 0));
    assertEquals(1, rehearsal.size());
    LabelledBatch fresh = TinyStream.batches(1, 1).get(0);
    LabelledBatch step = rehearsal.mix(fresh, 1).get(0);
    assertArrayEquals(new int[] {fresh.labels()[0], old.labels()[1]}, step.labels());
    assertArrayEquals(new double[] {1, 0.5}, step.masks().loss());
    boolean[] found = step.masks().shown().get("x");
    for (int i = 0; i < values / 2; i++) {
      assertTrue(found[i], "what was not masked is shown");
      int second = values / 2 + i;
      assertEquals(shown[second], found[second]);
      float expected = shown[second] ? old.inputs().get("x").floats().get(second) : 0;
      assertEquals(expected, step.inputs().get("x").floats().get(second));
    }
  }

  /** A step is never made of rows that do not count; samples that are all shown have no masks. */
  @Test
  void stepsAreMadeOfRowsThatCount() {
    Rehearsal rehearsal = rehearsal("max-samples = 100, ratio = 1");
    offer(rehearsal, 0);
    LabelledBatch batch = TinyStream.batches(1, 1).get(0);
    SampleMasks second = new SampleMasks(new double[] {0, 1}, Map.of());
    List<LabelledBatch> steps =
        rehearsal.mix(new LabelledBatch(batch.inputs(), batch.labels(), second), 1);
    assertEquals(1, steps.size());
    assertEquals(batch.labels()[1], steps.get(0).labels()[0]);
    assertEquals(SampleMasks.NONE, steps.get(0).masks());
  }

  @Test
  void bytesAreCappedWhateverTheTasks() {
    int sample = 40 + 40 * Float.BYTES;
    Rehearsal rehearsal = rehearsal("policy = class-balanced, max-bytes = " + 5 * sample);
    for (int task = 0; task < 10; task++) {
      offer(rehearsal, task);
      assertTrue(rehearsal.size() <= 5, "kept " + rehearsal.size());
    }
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> rehearsal("max-bytes = 100"));
    assertTrue(refused.getMessage().contains("max-bytes = 100"), refused.getMessage());
  }

  @Test
  void drawsGoOnAfterAStateIsLoaded() {
    Rehearsal whole = rehearsal("max-samples = 10");
    offer(whole, 0);
    Rehearsal loaded = rehearsal("max-samples = 10");
    State.of(whole).restore(loaded);
    LabelledBatch batch = TinyStream.batches(1, 1).get(0);
    for (int i = 0; i < 10; i++) {
      LabelledBatch expected = whole.mix(batch, 1).get(0);
      LabelledBatch found = loaded.mix(batch, 1).get(0);
      assertTrue(expected.inputs().get("x").contentEquals(found.inputs().get("x")));
    }
  }

  @Test
  void numbersOfTokensAreKeptExactlyOrRefused() {
    SampleCodec codec = new SampleCodec(tokens(DType.INT64));
    Tensor ids = Tensor.ofLongs(new long[] {30521, 1, 0, 16_777_216}, 2, 2);
    Map<String, Tensor> decoded = codec.allocate(2);
    LabelledBatch batch = new LabelledBatch(Map.of("ids", ids), new int[2]);
    for (int row = 0; row < 2; row++) {
      codec.decode(codec.encode(batch, row), decoded, row, (input, index) -> fail(input));
    }
    assertTrue(ids.contentEquals(decoded.get("ids")));
    Tensor large = Tensor.ofLongs(new long[] {16_777_217, 0, 0, 0}, 2, 2);
    LabelledBatch tooLarge = new LabelledBatch(Map.of("ids", large), new int[2]);
    AcclimateException refused =
        assertThrows(AcclimateException.class, () -> codec.encode(tooLarge, 0));
    assertTrue(refused.getMessage().contains("16777217"), refused.getMessage());
    assertThrows(AcclimateException.class, () -> new SampleCodec(tokens(DType.BOOL)));
  }

  private static Backbone tokens(DType type) {
    GraphBuilder graph = new GraphBuilder("tokens");
    graph.input("ids", ValueType.of(type, 2, 2));
    graph.output("features", graph.ops().cast("ids", DType.FLOAT32));
    return new Backbone(graph.build(), "features", Pooling.MEAN, "", ModelOptions.DEFAULT);
  }
}
