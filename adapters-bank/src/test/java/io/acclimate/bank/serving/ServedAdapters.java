package io.acclimate.bank.serving;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.pet.HeadModule;
import io.acclimate.bank.pet.HeadSettings;
import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.bank.pet.PetPatch;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.bank.pet.Pooling;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.Specializer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;

/** Adapters of a small image transformer with random values, and their answers one by one. */
final class ServedAdapters {
  static final ModelOptions OPTIONS = new ModelOptions(Device.CPU, 1);
  static final List<String> OUTPUTS = List.of("logits", "features");
  private static final Path MODEL = Path.of("../examples/models/fashion-vit.onnx");
  private static final int PIXELS = 28 * 28;

  final FrozenModel model = FrozenModel.open(MODEL, OPTIONS);
  private final Specializer graphs = Specializer.of(MODEL);

  MixedModel open(String settings) {
    return MixedModel.open(model, ServingSettings.of(ConfigFactory.parseString(settings)), OUTPUTS);
  }

  static Tensor images(int rows, long seed) {
    Tensor images = Tensor.allocate(DType.FLOAT32, rows, 1, 28, 28);
    fill(images, 1, SeedTree.of(seed));
    return images;
  }

  private static void fill(Tensor tensor, double scale, SeedTree seeds) {
    UniformRandomProvider random = seeds.generator();
    FloatBuffer values = tensor.floats();
    while (values.hasRemaining()) {
      values.put((float) (scale * (2 * random.nextDouble() - 1)));
    }
  }

  private PatchedGraph patched(String lora, int classes) {
    PetPatch patch =
        PetPatch.of(graphs.withBatch(1))
            .add("lora", PetProvider.create("lora", ConfigFactory.parseString(lora)));
    if (classes > 0) {
      HeadSettings head =
          new HeadSettings("features", Pooling.MEAN, "", "adapter-logits", classes, 0);
      patch.add("head", new HeadModule(head));
    }
    return patch.apply();
  }

  /** A published adapter with random values. */
  Adapter adapter(String id, String lora, int classes, long seed) {
    Map<String, Tensor> values = patched(lora, classes).initialValues(SeedTree.of(seed));
    values.forEach((name, tensor) -> fill(tensor, 0.2, SeedTree.of(seed).child(name)));
    Config settings = ConfigFactory.parseString("lora { " + lora + " }");
    AdapterCard card =
        AdapterCard.of(id, id, "lora", model.sha256())
            .withRef(new AdapterRef(id, 1))
            .withSettings(settings);
    return new Adapter(card, values);
  }

  /** The logits of one sample with one adapter alone, by a session of its own. */
  float[] alone(Tensor images, int row, Adapter adapter, String lora, int classes) {
    PatchedGraph patched = patched(lora, classes);
    ModelGraph graph = patched.graph();
    String logits = classes > 0 ? "adapter-logits" : "logits";
    Map<String, Tensor> feeds = new LinkedHashMap<>(adapter.tensors());
    feeds.put("image", images.view((long) row * PIXELS, 1, 1, 28, 28));
    Tensor result = graph.type(logits).allocate();
    try (GraphSession session =
        GraphSession.open(graph.name(), OnnxFormat.toBytes(graph), OPTIONS)) {
      session.run(feeds, Map.of(logits, result));
    }
    return result.toFloatArray();
  }
}
