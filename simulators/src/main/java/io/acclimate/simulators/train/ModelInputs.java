package io.acclimate.simulators.train;

import io.acclimate.bank.pet.Pooling;
import io.acclimate.continual.Backbone;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.Specializer;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.data.Labels;
import io.acclimate.simulators.data.TextDataset;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.text.TextEncoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The samples of a dataset in the form in which a model takes them. Not thread-safe. */
public abstract class ModelInputs {
  private static final String MASK = "attention_mask";

  private final Labels labels;

  private ModelInputs(Labels labels) {
    this.labels = labels;
  }

  /** The classes of the samples. */
  public Labels labels() {
    return labels;
  }

  /** The sizes of the model's open dimensions beside the batch, all of them this. */
  abstract long length();

  /** New tensors for a batch. */
  public abstract Map<String, Tensor> allocate(ModelGraph graph, int batch);

  /** Puts a sample into a row. */
  public abstract void put(Map<String, Tensor> tensors, int row, int sample);

  /**
   * Reads all samples.
   *
   * @param tokenizer where the tokeniser is, for texts
   * @param tokens of a text
   */
  public static ModelInputs read(DataSource data, ModelLocation tokenizer, int tokens) {
    if (data.format() != DataSource.Format.TEXT) {
      return of(data.read());
    }
    try (TextEncoder encoder = tokenizer.openTokenizer(tokens)) {
      return of(data.readText(), encoder);
    }
  }

  /**
   * The model at fixed sizes: the first open dimension is the batch; the others are tokens. An
   * attention mask says which tokens count.
   *
   * @throws AcclimateException when the model lacks the output with the features
   */
  public Backbone backbone(
      Specializer model, int batch, String features, Pooling pooling, ModelOptions options) {
    Map<String, Long> sizes = new HashMap<>();
    for (String dim : model.openDimensions()) {
      sizes.put(dim, sizes.isEmpty() ? batch : length());
    }
    ModelGraph graph = model.with(sizes);
    String mask = graph.inputs().contains(MASK) ? MASK : "";
    return new Backbone(graph, features, pooling, mask, options);
  }

  /** Texts, tokenised once. */
  static ModelInputs of(TextDataset data, TextEncoder encoder) {
    Map<String, Tensor> all = encoder.allocate(data.size());
    encoder.encode(data.texts(), all);
    int length = encoder.length();
    return new ModelInputs(data.labels()) {
      @Override
      long length() {
        return length;
      }

      @Override
      public Map<String, Tensor> allocate(ModelGraph graph, int batch) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String input : graph.inputs()) {
          if (!all.containsKey(input)) {
            throw new AcclimateException(
                "model %s has the input '%s'; a tokeniser gives %s"
                    .formatted(graph.name(), input, TextEncoder.INPUTS));
          }
          tensors.put(input, Tensor.allocate(DType.INT64, batch, length));
        }
        return tensors;
      }

      @Override
      public void put(Map<String, Tensor> tensors, int row, int sample) {
        tensors.forEach(
            (name, tensor) ->
                tensor.longs().put(row * length, all.get(name).longs(), sample * length, length));
      }
    };
  }

  /** Samples that are tensors, for a model with one input. */
  public static ModelInputs of(Dataset data) {
    int[] shape = data.sampleShape();
    long count = 1;
    for (int size : shape) {
      count *= size;
    }
    float[] sample = new float[Math.toIntExact(count)];
    return new ModelInputs(data.labels()) {
      @Override
      long length() {
        return 1;
      }

      @Override
      public Map<String, Tensor> allocate(ModelGraph graph, int batch) {
        String input = graph.inputs().get(0);
        List<Long> wanted =
            graph.type(input).shape().slice(1, shape.length + 1).dims().stream()
                .map(dim -> dim.size())
                .toList();
        List<Long> found = Arrays.stream(shape).mapToObj(size -> (long) size).toList();
        if (graph.inputs().size() != 1 || !wanted.equals(found)) {
          throw new AcclimateException(
              "model %s: expected samples for inputs %s %s, found %s"
                  .formatted(graph.name(), graph.inputs(), wanted, found));
        }
        return Map.of(input, graph.type(input).allocate().rows(batch));
      }

      @Override
      public void put(Map<String, Tensor> tensors, int row, int index) {
        data.copySample(index, sample, 0);
        tensors.values().iterator().next().floats().put(row * sample.length, sample);
      }
    };
  }
}
