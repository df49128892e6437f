package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.ModelRunner;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Ops;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.runtime.train.Adam;
import io.acclimate.runtime.train.Losses;
import io.acclimate.runtime.train.ParameterGroups;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.runtime.train.Trainer;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * What a training step costs: LoRA of rank 8 on the queries and values of all-MiniLM-L6-v2, a batch
 * of 32 x 64 tokens, against plain inference of the same batch, on the CPU.
 *
 * <p>Inference and steps take turns, so that both meet the same machine; figures are medians.
 */
public final class GradientBench implements Benchmark {
  private static final String MODEL = "all-minilm-l6-v2.onnx";
  private static final int BATCH = 32;
  private static final int TOKENS = 64;
  private static final int WARM_UP = 3;
  private static final int ROUNDS = 15;
  private static final int GROWTH_STEPS = 1000;
  private static final double NANOS_PER_MILLI = 1e6;

  @Override
  public Map<String, Double> run(Progress progress) {
    byte[] bytes = read();
    Specializer specializer = Specializer.of(MODEL, bytes);
    ModelOptions cpu = ModelOptions.DEFAULT.onDevice(Device.CPU);
    Map<String, Tensor> data = data();
    Map<String, Double> figures = new LinkedHashMap<>();
    try (FrozenModel frozen = FrozenModel.open(MODEL, bytes, cpu);
        ModelRunner runner = frozen.newRunner(List.of("last_hidden_state"))) {
      progress.accept("LoRA in all layers");
      try (TrainableModel model = model(specializer, "", cpu)) {
        Times times = measure(runner, trainer(model), data);
        figures.put("stepOverInference", times.step() / times.inference());
        figures.put("stepMillis", times.step());
        figures.put("inferenceMillis", times.inference());
      }
      progress.accept("LoRA in the last layer");
      try (TrainableModel model = model(specializer, "layers = [-1]", cpu)) {
        Times times = measure(runner, trainer(model), data);
        figures.put("lastLayerStepOverInference", times.step() / times.inference());
      }
    }
    progress.accept("memory over " + GROWTH_STEPS + " steps");
    try (TrainableModel model = model(specializer, "layers = [-1]", cpu)) {
      figures.put("growthBytes", growth(trainer(model), data));
    }
    figures.put("peakBytes", (double) ProcessMemory.peak());
    return figures;
  }

  private static byte[] read() {
    try (InputStream in = GradientBench.class.getClassLoader().getResourceAsStream(MODEL)) {
      if (in == null) {
        throw new AcclimateException("not found on the class path: " + MODEL);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new AcclimateException("cannot read " + MODEL, e);
    }
  }

  private static Map<String, Tensor> data() {
    UniformRandomProvider random = SeedTree.of(1).generator();
    Map<String, Tensor> data = new LinkedHashMap<>();
    for (String input : List.of("input_ids", "attention_mask", "token_type_ids")) {
      Tensor tensor = Tensor.allocate(DType.INT64, BATCH, TOKENS);
      for (int i = 0; i < BATCH * TOKENS; i++) {
        boolean ids = input.equals("input_ids");
        tensor
            .longs()
            .put(i, ids ? 1000 + random.nextInt(20_000) : input.equals("attention_mask") ? 1 : 0);
      }
      data.put(input, tensor);
    }
    return data;
  }

  private static TrainableModel model(Specializer model, String settings, ModelOptions options) {
    ModelGraph graph =
        model.with(Map.of("batch_size", (long) BATCH, "sequence_length", (long) TOKENS));
    PatchedGraph patched =
        PetPatch.of(graph)
            .add("lora", PetProvider.create("lora", ConfigFactory.parseString(settings)))
            .apply();
    GraphBuilder builder = patched.graph().toBuilder();
    Ops ops = builder.ops();
    String tokens = patched.graph().outputs().get(0);
    String zero = ops.mul(ops.stopGradient(tokens), 0);
    builder.setOutputs(List.of());
    builder.output("loss", Losses.meanSquaredError(ops, tokens, zero));
    return TrainableModel.of(builder.build(), "loss")
        .parameters(patched.trainable())
        .options(options)
        .build();
  }

  private static Trainer trainer(TrainableModel model) {
    ParameterSet parameters = model.newParameters();
    UniformRandomProvider random = SeedTree.of(2).generator();
    for (int i = 0; i < parameters.size(); i++) {
      parameters.set(i, 0.02 * (random.nextDouble() - 0.5));
    }
    ParameterGroups groups =
        ParameterGroups.of(parameters.types().keySet(), ParameterGroups.Group.DEFAULT);
    return new Trainer(model, parameters, Adam.adamW(groups), Trainer.Plan.constant(1e-5));
  }

  /** Medians in milliseconds. */
  private record Times(double inference, double step) {}

  private static Times measure(ModelRunner runner, Trainer trainer, Map<String, Tensor> data) {
    double[] inference = new double[ROUNDS];
    double[] step = new double[ROUNDS];
    for (int round = -WARM_UP; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      runner.run(data);
      long middle = System.nanoTime();
      trainer.step(data);
      long end = System.nanoTime();
      if (round >= 0) {
        inference[round] = (middle - begin) / NANOS_PER_MILLI;
        step[round] = (end - middle) / NANOS_PER_MILLI;
      }
    }
    return new Times(Medians.of(inference), Medians.of(step));
  }

  /** Resident memory after many steps less that after a few. */
  private static double growth(Trainer trainer, Map<String, Tensor> data) {
    long before = 0;
    for (int step = 0; step < GROWTH_STEPS; step++) {
      if (step == GROWTH_STEPS / 10) {
        before = ProcessMemory.resident();
      }
      trainer.step(data);
    }
    return ProcessMemory.resident() - before;
  }
}
