package io.acclimate.runtime;

import ai.onnx.proto.OnnxMl;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What stands in an ONNX file, read from its bytes without running it.
 *
 * @param name the file's name
 * @param sha256 the hash of its bytes
 * @param bytes its size
 * @param producer the program that wrote it, with its version
 * @param irVersion the version of the file format
 * @param opsets the version of each operator set, by domain ({@code ai.onnx} is the default one)
 * @param inputs the inputs
 * @param outputs the outputs
 * @param nodes the number of nodes
 * @param ops how often each operator occurs
 * @param parameters the number of values in all initialisers
 * @param metadata the file's own key-value pairs
 */
public record ModelSummary(
    String name,
    String sha256,
    long bytes,
    String producer,
    long irVersion,
    Map<String, Long> opsets,
    Collection<TensorSpec> inputs,
    Collection<TensorSpec> outputs,
    int nodes,
    Map<String, Integer> ops,
    long parameters,
    Map<String, String> metadata) {

  /**
   * Reads a file.
   *
   * @throws AcclimateException when it is missing, is no ONNX model or cannot be opened
   */
  public static ModelSummary of(Path file) {
    try (FrozenModel model = FrozenModel.open(file, ModelOptions.DEFAULT.onDevice(Device.CPU));
        InputStream in = Files.newInputStream(file)) {
      OnnxMl.ModelProto proto = OnnxMl.ModelProto.parseFrom(in);
      OnnxMl.GraphProto graph = proto.getGraph();
      return new ModelSummary(
          model.name(),
          model.sha256(),
          Files.size(file),
          (proto.getProducerName() + " " + proto.getProducerVersion()).strip(),
          proto.getIrVersion(),
          opsets(proto),
          List.copyOf(model.inputs().values()),
          List.copyOf(model.outputs().values()),
          graph.getNodeCount(),
          ops(graph),
          parameters(graph),
          metadata(proto));
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  private static Map<String, Long> opsets(OnnxMl.ModelProto proto) {
    Map<String, Long> opsets = new TreeMap<>();
    proto
        .getOpsetImportList()
        .forEach(
            opset ->
                opsets.put(
                    opset.getDomain().isEmpty() ? "ai.onnx" : opset.getDomain(),
                    opset.getVersion()));
    return opsets;
  }

  private static Map<String, Integer> ops(OnnxMl.GraphProto graph) {
    Map<String, Integer> ops = new TreeMap<>();
    graph.getNodeList().forEach(node -> ops.merge(node.getOpType(), 1, Integer::sum));
    return ops;
  }

  private static long parameters(OnnxMl.GraphProto graph) {
    return graph.getInitializerList().stream()
        .mapToLong(tensor -> tensor.getDimsList().stream().reduce(1L, (count, dim) -> count * dim))
        .sum();
  }

  private static Map<String, String> metadata(OnnxMl.ModelProto proto) {
    Map<String, String> metadata = new TreeMap<>();
    proto.getMetadataPropsList().forEach(pair -> metadata.put(pair.getKey(), pair.getValue()));
    return metadata;
  }
}
