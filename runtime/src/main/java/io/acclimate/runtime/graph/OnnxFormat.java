package io.acclimate.runtime.graph;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads graphs from ONNX files and writes them.
 *
 * <p>Older operator sets are brought to {@link GraphBuilder#OPSET} while reading, so that
 * everything after that knows one form of each operator. Weights are not copied: a file is mapped
 * into memory, and a graph's constants are parts of that mapping. Thread-safe.
 */
public final class OnnxFormat {
  private static final String PRODUCER = "acclimate";
  private static final int ROOM_FOR_NODES = 1 << 26;

  private OnnxFormat() {}

  /**
   * Reads a file.
   *
   * @throws AcclimateException when it is missing, is no ONNX model, is larger than 2 GiB, keeps
   *     weights in other files, or has sub-graphs or an operator set before 7
   */
  public static ModelGraph read(Path file) {
    InputFiles.requireFile(file);
    try (FileChannel channel = FileChannel.open(file)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new AcclimateException(
            "%s: ONNX files over 2 GiB cannot be read, found %d bytes"
                .formatted(file, channel.size()));
      }
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return read(file.getFileName().toString(), bytes);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  /** Reads a model from memory, which must not change afterwards. */
  public static ModelGraph read(String name, ByteBuffer bytes) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      in.enableAliasing(true);
      in.setSizeLimit(Integer.MAX_VALUE);
      return read(name, OnnxMl.ModelProto.parseFrom(in));
    } catch (InvalidProtocolBufferException e) {
      throw new AcclimateException(name + ": not an ONNX model (" + e.getMessage() + ")", e);
    } catch (IOException e) {
      throw new AcclimateException(name + ": cannot be read", e);
    }
  }

  private static ModelGraph read(String name, OnnxMl.ModelProto model) {
    try {
      return new OnnxReader(model).read(name);
    } catch (AcclimateException e) {
      throw new AcclimateException(name + ": " + e.getMessage(), e);
    }
  }

  /** A model in ONNX's form; an error when it takes more than 2 GiB. */
  public static byte[] toBytes(ModelGraph graph) {
    return toProto(graph).toByteArray();
  }

  /** Writes a file, aside first and then renamed; an error when it takes more than 2 GiB. */
  public static void write(ModelGraph graph, Path file) {
    OnnxMl.ModelProto proto = toProto(graph);
    AtomicFiles.write(file, proto::writeTo);
  }

  private static void requireSpace(ModelGraph graph) {
    long bytes =
        graph.constants().values().stream().mapToLong(data -> data.bytes().remaining()).sum();
    if (bytes > Integer.MAX_VALUE - ROOM_FOR_NODES) {
      throw new AcclimateException(
          "graph %s has weights of %d bytes; an ONNX file holds at most 2 GiB"
              .formatted(graph.name(), bytes));
    }
  }

  private static OnnxMl.ModelProto toProto(ModelGraph graph) {
    requireSpace(graph);
    OnnxMl.GraphProto.Builder proto = OnnxMl.GraphProto.newBuilder().setName(graph.name());
    graph.inputs().forEach(value -> proto.addInput(info(value, graph.type(value))));
    graph.outputs().forEach(value -> proto.addOutput(info(value, graph.type(value))));
    graph.nodes().forEach(node -> proto.addNode(node(node)));
    declared(graph).forEach(value -> proto.addValueInfo(info(value, graph.type(value))));
    graph.constants().forEach((value, data) -> proto.addInitializer(data.toProto(value)));
    OnnxMl.ModelProto.Builder model =
        OnnxMl.ModelProto.newBuilder()
            .setIrVersion(irVersion(graph.opset()))
            .setProducerName(PRODUCER)
            .setGraph(proto);
    graph.opsets().forEach((domain, version) -> model.addOpsetImport(opset(domain, version)));
    graph
        .metadata()
        .forEach(
            (key, value) ->
                model.addMetadataProps(
                    OnnxMl.StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build();
  }

  /** The values whose types a reader cannot infer again. */
  private static List<String> declared(ModelGraph graph) {
    return graph.nodes().stream()
        .filter(node -> !ShapeInference.knows(node))
        .flatMap(node -> node.outputs().stream())
        .filter(value -> graph.types().containsKey(value) && !graph.outputs().contains(value))
        .toList();
  }

  /** The oldest version of the file format that may carry an operator set. */
  private static long irVersion(long opset) {
    if (opset <= 20) {
      return 9;
    }
    return opset <= 22 ? 10 : opset - 12;
  }

  private static OnnxMl.OperatorSetIdProto opset(String domain, long version) {
    return OnnxMl.OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static OnnxMl.ValueInfoProto info(String value, ValueType type) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (Dim dim : type.shape().dims()) {
      OnnxMl.TensorShapeProto.Dimension.Builder one =
          OnnxMl.TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim.isFixed() ? one.setDimValue(dim.size()) : one.setDimParam(dim.symbol()));
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(value)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(type.type().onnxCode())
                        .setShape(shape)))
        .build();
  }

  private static OnnxMl.NodeProto node(Node node) {
    OnnxMl.NodeProto.Builder proto = OnnxMl.NodeProto.newBuilder().setName(node.name());
    if (node.domain().equals(Markers.DOMAIN)) {
      return proto.setOpType("Identity").addInput(node.input(0)).addOutput(node.output()).build();
    }
    proto.setOpType(node.op()).setDomain(node.domain());
    proto.addAllInput(node.inputs()).addAllOutput(node.outputs());
    node.attributes().values().forEach((key, value) -> proto.addAttribute(attribute(key, value)));
    return proto.build();
  }

  private static OnnxMl.AttributeProto attribute(String name, Object value) {
    OnnxMl.AttributeProto.Builder proto = OnnxMl.AttributeProto.newBuilder().setName(name);
    if (value instanceof Long number) {
      return proto.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(number).build();
    }
    if (value instanceof Float number) {
      return proto.setType(OnnxMl.AttributeProto.AttributeType.FLOAT).setF(number).build();
    }
    if (value instanceof String text) {
      return proto
          .setType(OnnxMl.AttributeProto.AttributeType.STRING)
          .setS(ByteString.copyFromUtf8(text))
          .build();
    }
    if (value instanceof Constant constant) {
      return proto
          .setType(OnnxMl.AttributeProto.AttributeType.TENSOR)
          .setT(constant.toProto(name))
          .build();
    }
    return listAttribute(proto, (List<?>) value);
  }

  private static OnnxMl.AttributeProto listAttribute(
      OnnxMl.AttributeProto.Builder proto, List<?> values) {
    proto.setType(OnnxMl.AttributeProto.AttributeType.INTS);
    for (Object value : values) {
      if (value instanceof Long number) {
        proto.addInts(number);
      } else if (value instanceof Float number) {
        proto.setType(OnnxMl.AttributeProto.AttributeType.FLOATS).addFloats(number);
      } else {
        proto
            .setType(OnnxMl.AttributeProto.AttributeType.STRINGS)
            .addStrings(ByteString.copyFromUtf8((String) value));
      }
    }
    return proto.build();
  }

  /** The types that a file declares for values, where they are tensors that can be held. */
  static Map<String, ValueType> declaredTypes(List<OnnxMl.ValueInfoProto> infos) {
    Map<String, ValueType> types = new LinkedHashMap<>();
    for (OnnxMl.ValueInfoProto info : infos) {
      OnnxMl.TypeProto.Tensor tensor = info.getType().getTensorType();
      if (!info.getType().hasTensorType() || !tensor.hasShape() || tensor.getElemType() == 0) {
        continue;
      }
      try {
        DType type = DType.ofOnnxCode(tensor.getElemType());
        types.put(info.getName(), new ValueType(type, shape(info.getName(), tensor.getShape())));
      } catch (AcclimateException e) {
        continue; // a type that is not computed with here, such as text
      }
    }
    return types;
  }

  private static Shape shape(String value, OnnxMl.TensorShapeProto proto) {
    List<Dim> dims = new ArrayList<>();
    for (OnnxMl.TensorShapeProto.Dimension dim : proto.getDimList()) {
      if (dim.hasDimValue() && dim.getDimValue() >= 0) {
        dims.add(Dim.of(dim.getDimValue()));
      } else {
        String symbol =
            dim.getDimParam().isEmpty() ? value + ".dim" + dims.size() : dim.getDimParam();
        dims.add(Dim.symbol(symbol));
      }
    }
    return new Shape(dims);
  }
}
