package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.bank.serving.MixedModel;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Specializer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * One batch whose rows have different adapters against the same rows one by one: {@value #ROWS}
 * texts of {@value #TOKENS} tokens and {@value #ADAPTERS} adapters (LoRA of rank 8 on the queries
 * and values of all-MiniLM-L6-v2). One by one means a graph of batch 1, specialised for it, that
 * has the adapter's tensors as inputs. Both and the frozen model take turns; figures are medians.
 */
final class MixedBatchBench implements Benchmark {
  private static final String MODEL = "all-minilm-l6-v2.onnx";
  private static final String OUTPUT = "last_hidden_state";
  private static final int ROWS = 32;
  private static final int TOKENS = 16;
  private static final int ADAPTERS = 8;
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 21;

  @Override
  public Map<String, Double> run(Progress progress) {
    progress.accept("mixed batches of %d adapters".formatted(ADAPTERS));
    ModelOptions cpu = ModelOptions.DEFAULT.onDevice(Device.CPU);
    ServingSettings settings = ServingSettings.of(ConfigFactory.parseString("slots = " + ADAPTERS));
    try (FrozenModel frozen = FrozenModel.openResource(MODEL, cpu);
        MixedModel mixed =
            MixedModel.open(
                frozen, Map.of("sequence_length", (long) TOKENS), settings, List.of(OUTPUT));
        ModelRunner runner = frozen.newRunner(List.of(OUTPUT))) {
      PatchedGraph single = single(frozen);
      List<Adapter> adapters = adapters(single, frozen.sha256());
      Adapter[] rows = new Adapter[ROWS];
      Arrays.setAll(rows, row -> adapters.get(row % ADAPTERS));
      Map<String, Tensor> batch = texts(ROWS, 0);
      try (GraphSession session =
          GraphSession.open("single", OnnxFormat.toBytes(single.graph()), cpu)) {
        List<Runnable> oneByOne = oneByOne(session, single, rows);
        return measure(
            () -> mixed.run(batch, rows),
            () -> oneByOne.forEach(Runnable::run),
            () -> runner.run(batch));
      }
    }
  }

  private static PatchedGraph single(FrozenModel frozen) {
    Map<String, Long> sizes = Map.of("batch_size", 1L, "sequence_length", (long) TOKENS);
    return PetPatch.of(Specializer.of(MODEL, frozen.bytes()).with(sizes))
        .add("lora", PetProvider.create("lora", ConfigFactory.empty()))
        .apply();
  }

  private static List<Adapter> adapters(PatchedGraph graph, String modelSha256) {
    List<Adapter> adapters = new ArrayList<>();
    for (int k = 0; k < ADAPTERS; k++) {
      Map<String, Tensor> values = graph.initialValues(SeedTree.of(k));
      UniformRandomProvider random = SeedTree.of(k).child("values").generator();
      values.values().forEach(tensor -> fill(tensor.floats(), random));
      AdapterRef ref = new AdapterRef("task-" + k, 1);
      AdapterCard card = AdapterCard.of(ref.id(), ref.id(), "lora", modelSha256).withRef(ref);
      adapters.add(new Adapter(card, values));
    }
    return adapters;
  }

  private static void fill(FloatBuffer values, UniformRandomProvider random) {
    while (values.hasRemaining()) {
      values.put(0.02f * (random.nextFloat() - 0.5f));
    }
  }

  /** Texts without meaning, the same for the same first row. */
  private static Map<String, Tensor> texts(int rows, int first) {
    Map<String, Tensor> texts = new LinkedHashMap<>();
    for (String input : List.of("input_ids", "attention_mask", "token_type_ids")) {
      texts.put(input, Tensor.allocate(DType.INT64, rows, TOKENS));
    }
    for (int row = 0; row < rows; row++) {
      UniformRandomProvider random = SeedTree.of(1).child(first + row).generator();
      for (int token = 0; token < TOKENS; token++) {
        texts.get("input_ids").longs().put(row * TOKENS + token, 1000 + random.nextInt(20_000));
        texts.get("attention_mask").longs().put(row * TOKENS + token, 1);
      }
    }
    return texts;
  }

  private static List<Runnable> oneByOne(GraphSession session, PatchedGraph graph, Adapter[] rows) {
    Map<String, Tensor> result = Map.of(OUTPUT, graph.graph().type(OUTPUT).allocate());
    List<Runnable> calls = new ArrayList<>();
    for (int row = 0; row < rows.length; row++) {
      Map<String, Tensor> feeds = texts(1, row);
      feeds.putAll(rows[row].tensors());
      calls.add(() -> session.run(feeds, result));
    }
    return calls;
  }

  private static Map<String, Double> measure(Runnable mixed, Runnable oneByOne, Runnable frozen) {
    List<Runnable> actions = List.of(mixed, oneByOne, frozen);
    double[][] millis = new double[actions.size()][ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      for (int k = 0; k < actions.size(); k++) {
        long start = System.nanoTime();
        actions.get(k).run();
        if (round >= 0) {
          millis[k][round] = (System.nanoTime() - start) / 1e6;
        }
      }
    }
    double mixedMillis = Medians.of(millis[0]);
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("mixedBatchSpeedup", Medians.of(millis[1]) / mixedMillis);
    figures.put("mixedBatchMillis", mixedMillis);
    figures.put("mixedOverFrozen", mixedMillis / Medians.of(millis[2]));
    return figures;
  }
}
