package io.acclimate.actors.serve;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a model looks to clients.
 *
 * @param name its file's name without the ending
 * @param version the first digits of its SHA-256
 * @param input its only input
 * @param classes the number of classes
 * @param classNames names of the classes; empty: their numbers
 */
record ModelFace(
    String name, String version, TensorSpec input, int classes, List<String> classNames) {
  private static final int VERSION_DIGITS = 12;

  static ModelFace of(FrozenModel model, String logits, List<String> classNames) {
    int classes = Math.toIntExact(model.requireOutput(logits).elementsPerRow());
    if (!classNames.isEmpty() && classNames.size() != classes) {
      throw new AcclimateException(
          "model %s: expected %d names of classes, found %d"
              .formatted(model.name(), classes, classNames.size()));
    }
    return new ModelFace(
        model.name().replaceFirst("\\.onnx$", ""),
        model.sha256().substring(0, VERSION_DIGITS),
        model.singleInput(),
        classes,
        classNames);
  }

  /** What the protocol calls the model's metadata. */
  Map<String, Object> metadata() {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", name);
    metadata.put("versions", List.of(version));
    metadata.put("platform", "onnxruntime_onnx");
    metadata.put("inputs", List.of(tensor(input.name(), "FP32", input.shape())));
    List<Object> outputs = new ArrayList<>();
    for (AnswerOutput output : AnswerOutput.values()) {
      List<Long> shape =
          output == AnswerOutput.PROBABILITIES ? List.of(-1L, (long) classes) : List.of(-1L);
      outputs.add(tensor(output.protocolName(), output.datatype(), shape));
    }
    metadata.put("outputs", outputs);
    return metadata;
  }

  private static Map<String, Object> tensor(String name, String datatype, List<Long> shape) {
    Map<String, Object> tensor = new LinkedHashMap<>();
    tensor.put("name", name);
    tensor.put("datatype", datatype);
    tensor.put("shape", shape);
    return tensor;
  }
}
