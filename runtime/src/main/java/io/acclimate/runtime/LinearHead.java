package io.acclimate.runtime;

import ai.onnx.proto.OnnxMl;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * The last layer of a classifier where it is linear: logits = features W^T + b. Immutable by
 * convention: the arrays are not to be written to.
 *
 * @param classes the number of classes
 * @param featureSize the number of features
 * @param weights {@code [classes, featureSize]}, row by row
 * @param bias {@code [classes]}
 */
public record LinearHead(int classes, int featureSize, float[] weights, float[] bias) {

  /** Checks the sizes. */
  public LinearHead {
    if (weights.length != classes * featureSize || bias.length != classes) {
      throw new AcclimateException(
          "head of %d classes and %d features: found %d weights and %d biases"
              .formatted(classes, featureSize, weights.length, bias.length));
    }
  }

  /**
   * Finds the head in an ONNX graph: a Gemm, a MatMul, or a MatMul and an Add, from the features
   * straight to the logits, with constant float32 weights. Identity nodes do not stand in the way.
   */
  static Optional<LinearHead> find(OnnxMl.GraphProto graph, String logits, String features) {
    Optional<OnnxMl.NodeProto> last = producer(graph, logits);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    OnnxMl.NodeProto node = last.get();
    return switch (node.getOpType()) {
      case "Gemm" -> ofGemm(graph, node, features);
      case "MatMul" -> ofMatMul(graph, node, features, null);
      case "Add" -> ofAdd(graph, node, features);
      default -> Optional.empty();
    };
  }

  private static Optional<LinearHead> ofAdd(
      OnnxMl.GraphProto graph, OnnxMl.NodeProto add, String features) {
    for (int side = 0; side < 2; side++) {
      Optional<OnnxMl.NodeProto> product = producer(graph, add.getInput(side));
      float[] bias = floats(graph, add.getInput(1 - side));
      if (product.isPresent() && product.get().getOpType().equals("MatMul") && bias != null) {
        return ofMatMul(graph, product.get(), features, bias);
      }
    }
    return Optional.empty();
  }

  private static Optional<LinearHead> ofMatMul(
      OnnxMl.GraphProto graph, OnnxMl.NodeProto node, String features, float[] bias) {
    return of(graph, node, features, false, bias);
  }

  private static Optional<LinearHead> ofGemm(
      OnnxMl.GraphProto graph, OnnxMl.NodeProto node, String features) {
    boolean transposed = false;
    for (OnnxMl.AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "transB" -> transposed = attribute.getI() != 0;
        case "transA" -> {
          if (attribute.getI() != 0) {
            return Optional.empty();
          }
        }
        default -> {
          if (attribute.getF() != 1) {
            return Optional.empty();
          }
        }
      }
    }
    float[] bias = node.getInputCount() > 2 ? floats(graph, node.getInput(2)) : null;
    if (node.getInputCount() > 2 && bias == null) {
      return Optional.empty();
    }
    return of(graph, node, features, transposed, bias);
  }

  private static Optional<LinearHead> of(
      OnnxMl.GraphProto graph,
      OnnxMl.NodeProto node,
      String features,
      boolean transposed,
      float[] bias) {
    List<Long> shape = shape(graph, node.getInput(1));
    float[] values = floats(graph, node.getInput(1));
    if (!original(graph, node.getInput(0)).equals(original(graph, features))
        || values == null
        || shape.size() != 2) {
      return Optional.empty();
    }
    int classes = Math.toIntExact(shape.get(transposed ? 0 : 1));
    int size = Math.toIntExact(shape.get(transposed ? 1 : 0));
    float[] weights = new float[classes * size];
    for (int c = 0; c < classes; c++) {
      for (int f = 0; f < size; f++) {
        weights[c * size + f] = transposed ? values[c * size + f] : values[f * classes + c];
      }
    }
    if (bias != null && bias.length != classes) {
      return Optional.empty();
    }
    return Optional.of(
        new LinearHead(classes, size, weights, bias == null ? new float[classes] : bias));
  }

  private static Optional<OnnxMl.NodeProto> producer(OnnxMl.GraphProto graph, String output) {
    String value = original(graph, output);
    return graph.getNodeList().stream()
        .filter(node -> node.getOutputList().contains(value))
        .findFirst();
  }

  /** The value that Identity nodes have given another name. */
  private static String original(OnnxMl.GraphProto graph, String value) {
    return graph.getNodeList().stream()
        .filter(node -> node.getOpType().equals("Identity") && node.getOutput(0).equals(value))
        .findFirst()
        .map(node -> original(graph, node.getInput(0)))
        .orElse(value);
  }

  private static List<Long> shape(OnnxMl.GraphProto graph, String name) {
    return graph.getInitializerList().stream()
        .filter(tensor -> tensor.getName().equals(name))
        .findFirst()
        .map(OnnxMl.TensorProto::getDimsList)
        .orElse(List.of());
  }

  /** The values of a constant; null when there is none of this name, or it is not float32. */
  private static float[] floats(OnnxMl.GraphProto graph, String name) {
    for (OnnxMl.TensorProto tensor : graph.getInitializerList()) {
      if (tensor.getName().equals(name)
          && tensor.getDataType() == OnnxMl.TensorProto.DataType.FLOAT_VALUE) {
        return floats(tensor);
      }
    }
    return null;
  }

  private static float[] floats(OnnxMl.TensorProto tensor) {
    int count = Math.toIntExact(tensor.getDimsList().stream().reduce(1L, Math::multiplyExact));
    float[] values = new float[count];
    if (tensor.getRawData().size() == count * Float.BYTES) {
      tensor
          .getRawData()
          .asReadOnlyByteBuffer()
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
    } else if (tensor.getFloatDataCount() == count) {
      for (int k = 0; k < count; k++) {
        values[k] = tensor.getFloatData(k);
      }
    } else {
      return null;
    }
    return values;
  }
}
