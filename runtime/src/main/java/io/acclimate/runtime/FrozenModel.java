package io.acclimate.runtime;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.protobuf.InvalidProtocolBufferException;
import io.acclimate.runtime.io.InputFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * An ONNX model that is only read: its bytes and its outputs never change.
 *
 * <p>Safe to use from several threads. Each thread runs it through a {@link ModelRunner} of its
 * own; all runners share one ONNX Runtime session. Closing waits for calls under way; a call after
 * that is an {@link IllegalStateException}.
 */
public final class FrozenModel implements AutoCloseable {
  private final String name;
  private final String sha256;
  private final ModelOptions options;
  private final OrtSession session;
  private final Source source;
  private final Map<String, TensorSpec> inputs;
  private final Map<String, TensorSpec> outputs;
  private final ReentrantReadWriteLock lifecycle = new ReentrantReadWriteLock();
  private boolean closed;

  private FrozenModel(
      String name, String sha256, OrtSessions.Opened opened, int threads, Source source) {
    this.name = name;
    this.source = source;
    this.sha256 = sha256;
    this.options = new ModelOptions(opened.device(), threads);
    this.session = opened.session();
    try {
      this.inputs = specs(session.getInputInfo());
      this.outputs = specs(session.getOutputInfo());
    } catch (OrtException e) {
      throw new AcclimateException("cannot read the inputs and outputs of " + name, e);
    }
  }

  /** Opens a file on {@link Device#AUTO}. */
  public static FrozenModel open(Path file) {
    return open(file, ModelOptions.DEFAULT);
  }

  /**
   * Opens a file.
   *
   * @throws AcclimateException when the file is missing or is no ONNX model, or the device cannot
   *     be used
   */
  public static FrozenModel open(Path file, ModelOptions options) {
    if (InputFiles.requireFile(file) == 0) {
      throw new AcclimateException(file + ": expected an ONNX model, found an empty file");
    }
    String hash;
    try (InputStream in = Files.newInputStream(file)) {
      hash = ContentHash.sha256(in);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
    return new FrozenModel(
        file.getFileName().toString(),
        hash,
        OrtSessions.open(file, options),
        options.threads(),
        () -> Files.newInputStream(file));
  }

  /**
   * Opens a resource of the class path, for instance a model that ships in a library's jar.
   *
   * @param resource the absolute name without a leading slash
   */
  public static FrozenModel openResource(String resource, ModelOptions options) {
    ClassLoader loader = FrozenModel.class.getClassLoader();
    byte[] bytes;
    try (InputStream in = loader.getResourceAsStream(resource)) {
      if (in == null) {
        throw new AcclimateException("ONNX model not found on the class path: " + resource);
      }
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new AcclimateException("cannot read ONNX model from class path: " + resource, e);
    }
    return open(resource.substring(resource.lastIndexOf('/') + 1), bytes, options);
  }

  /**
   * Opens a model that is in memory.
   *
   * @param name what errors call it
   * @param bytes an ONNX file's bytes, which must not change afterwards
   */
  public static FrozenModel open(String name, byte[] bytes, ModelOptions options) {
    return new FrozenModel(
        name,
        ContentHash.sha256(bytes),
        OrtSessions.open(name, bytes, options),
        options.threads(),
        () -> new ByteArrayInputStream(bytes));
  }

  /** The version of the ONNX Runtime that runs the models. */
  public static String onnxRuntimeVersion() {
    return OrtSessions.version();
  }

  /** The file's name without its folder. */
  public String name() {
    return name;
  }

  /** The SHA-256 of the model's bytes, in lower-case hexadecimal. */
  public String sha256() {
    return sha256;
  }

  /** Where the model really runs: never {@link Device.Kind#AUTO}. */
  public Device device() {
    return options.device();
  }

  /** How the model runs: the device that was really taken, and the threads asked for. */
  public ModelOptions options() {
    return options;
  }

  /** The inputs by name, in the graph's order. */
  public Map<String, TensorSpec> inputs() {
    return inputs;
  }

  /** The outputs by name, in the graph's order. */
  public Map<String, TensorSpec> outputs() {
    return outputs;
  }

  /**
   * The output with this name.
   *
   * @throws AcclimateException when the model has none; the message lists those it has
   */
  public TensorSpec requireOutput(String output) {
    TensorSpec spec = outputs.get(output);
    if (spec == null) {
      throw new AcclimateException(
          "model %s has no output '%s'; it has %s".formatted(name, output, outputs.keySet()));
    }
    return spec;
  }

  /** The only input of the model; an error when it has several. */
  public TensorSpec singleInput() {
    if (inputs.size() != 1) {
      throw new AcclimateException(
          "model %s: expected one input, found %s".formatted(name, inputs.keySet()));
    }
    return inputs.values().iterator().next();
  }

  /**
   * The model's last linear layer, read from its bytes.
   *
   * @param logits the output with the logits
   * @param features the output with the features
   * @return empty when the logits are not a linear layer of the features with float32 weights
   * @throws AcclimateException when the bytes are no longer those that were opened
   */
  public Optional<LinearHead> linearHead(String logits, String features) {
    byte[] bytes = bytes();
    try {
      OnnxMl.GraphProto graph = OnnxMl.ModelProto.parseFrom(bytes).getGraph();
      return LinearHead.find(graph, logits, features);
    } catch (InvalidProtocolBufferException e) {
      throw new AcclimateException("model " + name + " is no ONNX model: " + e.getMessage(), e);
    }
  }

  /**
   * The model's bytes, read again.
   *
   * @throws AcclimateException when they are no longer those that were opened
   */
  public byte[] bytes() {
    byte[] bytes;
    try (InputStream in = source.open()) {
      bytes = in.readAllBytes();
    } catch (IOException e) {
      throw new AcclimateException("cannot read model " + name + " again: " + e.getMessage(), e);
    }
    if (!ContentHash.sha256(bytes).equals(sha256)) {
      throw new AcclimateException(
          "model %s: expected SHA-256 %s as when it was opened, found another"
              .formatted(name, sha256));
    }
    return bytes;
  }

  /** Where the bytes can be read again. */
  @FunctionalInterface
  private interface Source {
    InputStream open() throws IOException;
  }

  /**
   * Makes a runner for one thread.
   *
   * @param wanted the outputs to compute, in the order in which they are asked for
   */
  public ModelRunner newRunner(Collection<String> wanted) {
    List<TensorSpec> specs = new ArrayList<>();
    for (String output : wanted) {
      specs.add(requireOutput(output));
    }
    return new ModelRunner(this, specs);
  }

  /** Calls the session while it cannot be closed. */
  OrtSession.Result call(SessionCall call) throws OrtException {
    Lock reading = lifecycle.readLock();
    reading.lock();
    try {
      if (closed) {
        throw new IllegalStateException("model " + name + " is closed");
      }
      return call.on(session);
    } finally {
      reading.unlock();
    }
  }

  /** One call of a session. */
  @FunctionalInterface
  interface SessionCall {
    OrtSession.Result on(OrtSession session) throws OrtException;
  }

  /** Waits for calls under way and frees the session. Closing twice does nothing. */
  @Override
  public void close() {
    Lock writing = lifecycle.writeLock();
    writing.lock();
    try {
      if (!closed) {
        closed = true;
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException("cannot close model " + name, e);
    } finally {
      writing.unlock();
    }
  }

  private static Map<String, TensorSpec> specs(Map<String, NodeInfo> nodes) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    nodes.forEach(
        (key, node) -> {
          if (node.getInfo() instanceof TensorInfo info) {
            List<Long> shape = Arrays.stream(info.getShape()).boxed().toList();
            specs.put(
                key,
                new TensorSpec(
                    key, info.type.toString(), shape, List.of(info.getDimensionNames())));
          }
        });
    return Collections.unmodifiableMap(specs);
  }

  @Override
  public String toString() {
    return name + " on " + device();
  }
}
