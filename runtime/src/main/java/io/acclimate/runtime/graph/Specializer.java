package io.acclimate.runtime.graph;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.CodedInputStream;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.GraphOptimizer;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes graphs of fixed shapes from a model with open dimensions: shape arithmetic is folded away
 * by ONNX Runtime at its basic level, which leaves plain ONNX operators.
 *
 * <p>One instance per model; graphs are kept by their dimensions, and share the weights that are
 * not changed by folding. Thread-safe.
 */
public final class Specializer {
  private final String name;
  private final byte[] model;
  private final ModelGraph open;
  private final Map<Map<String, Long>, ModelGraph> graphs = new HashMap<>();

  private Specializer(String name, byte[] model) {
    this.name = name;
    this.model = model;
    this.open = OnnxFormat.read(name, ByteBuffer.wrap(model));
  }

  /** A specialiser of a model file. */
  public static Specializer of(Path file) {
    InputFiles.requireFile(file);
    try {
      return new Specializer(file.getFileName().toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  /** A specialiser of a model in memory, which must not change afterwards. */
  public static Specializer of(String name, byte[] model) {
    return new Specializer(name, model);
  }

  /** The graph as the file has it, with its dimensions open. */
  public ModelGraph open() {
    return open;
  }

  /** The names of the dimensions that inputs leave open, in the order in which they come. */
  public List<String> openDimensions() {
    return open.inputs().stream()
        .flatMap(input -> open.type(input).shape().dims().stream())
        .filter(dim -> !dim.isFixed())
        .map(Dim::symbol)
        .distinct()
        .toList();
  }

  /** The graph with every open dimension at one size: for models whose only one is the batch. */
  public ModelGraph withBatch(long size) {
    List<String> dims = openDimensions();
    if (dims.size() > 1) {
      throw new AcclimateException(
          "model %s: expected one open dimension, found %s".formatted(name, dims));
    }
    return with(dims.isEmpty() ? Map.of() : Map.of(dims.get(0), size));
  }

  /**
   * The graph with these sizes.
   *
   * @param sizes a size for each of {@link #openDimensions()}
   * @throws AcclimateException when one is missing or unknown, or the result still has open shapes
   */
  public synchronized ModelGraph with(Map<String, Long> sizes) {
    List<String> wanted = openDimensions();
    if (!wanted.containsAll(sizes.keySet())) {
      throw new AcclimateException(
          "model %s: expected sizes for %s, found %s".formatted(name, wanted, sizes));
    }
    List<String> missing = new ArrayList<>(wanted);
    missing.removeAll(sizes.keySet());
    if (!missing.isEmpty()) {
      throw new AcclimateException(
          "model %s: dimensions %s are left open; expected a size for each of %s"
              .formatted(name, missing, wanted));
    }
    return graphs.computeIfAbsent(new TreeMap<>(sizes), this::specialise);
  }

  private ModelGraph specialise(Map<String, Long> sizes) {
    byte[] folded = GraphOptimizer.fold(name, withSizes(sizes));
    ModelGraph graph = OnnxFormat.read(name, ByteBuffer.wrap(folded));
    GraphBuilder builder = graph.toBuilder();
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              Constant original = open.constants().get(value);
              builder
                  .edits()
                  .replaceConstant(value, constant.equals(original) ? original : constant.copy());
            });
    return requireStatic(Canonicalizer.apply(builder.build()), sizes);
  }

  private ModelGraph requireStatic(ModelGraph graph, Map<String, Long> sizes) {
    for (Node node : graph.nodes()) {
      for (String value : node.outputs()) {
        ValueType type = graph.types().get(value);
        if (type != null && !type.shape().isStatic()) {
          throw new AcclimateException(
              "model %s: the shape of '%s' is still open with %s: %s depends on the input's values"
                  .formatted(name, value, sizes, node));
        }
      }
    }
    return graph;
  }

  private byte[] withSizes(Map<String, Long> sizes) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(model);
      in.enableAliasing(true);
      OnnxMl.ModelProto.Builder proto = OnnxMl.ModelProto.parseFrom(in).toBuilder();
      OnnxMl.GraphProto.Builder graph = proto.getGraphBuilder().clearValueInfo();
      for (OnnxMl.ValueInfoProto.Builder input : graph.getInputBuilderList()) {
        if (open.inputs().contains(input.getName())) {
          fix(input, sizes);
        }
      }
      graph
          .getOutputBuilderList()
          .forEach(output -> output.getTypeBuilder().getTensorTypeBuilder().clearShape());
      return proto.build().toByteArray();
    } catch (IOException e) {
      throw new AcclimateException(name + ": not an ONNX model", e);
    }
  }

  private void fix(OnnxMl.ValueInfoProto.Builder input, Map<String, Long> sizes) {
    List<Dim> dims = open.type(input.getName()).shape().dims();
    OnnxMl.TensorShapeProto.Builder shape =
        input.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    for (int axis = 0; axis < dims.size(); axis++) {
      Dim dim = dims.get(axis);
      shape.getDimBuilder(axis).setDimValue(dim.isFixed() ? dim.size() : sizes.get(dim.symbol()));
    }
  }
}
