package io.acclimate.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a {@link FrozenModel} for one thread at a time, with output buffers that are reused from
 * call to call.
 *
 * <p>Not thread-safe: make one runner per thread. Inputs are read in place; outputs of known size
 * are written into the runner's own buffers, which the next call overwrites.
 */
public final class ModelRunner implements AutoCloseable {
  private static final int MAX_CACHED_BATCH_SIZES = 8;

  private final FrozenModel model;
  private final List<TensorSpec> outputs;
  private final Set<String> names;
  private final Map<Tensor, OnnxTensor> parameterHandles = new IdentityHashMap<>();
  private final Map<Integer, Map<String, Pinned>> pinned =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Map<String, Pinned>> eldest) {
          if (size() <= MAX_CACHED_BATCH_SIZES) {
            return false;
          }
          free(eldest.getValue());
          return true;
        }
      };

  ModelRunner(FrozenModel model, List<TensorSpec> outputs) {
    this.model = model;
    this.outputs = List.copyOf(outputs);
    this.names = new LinkedHashSet<>(outputs.stream().map(TensorSpec::name).toList());
  }

  /** One output: the buffer it is written into and ONNX Runtime's handle of it. */
  private record Pinned(Tensor buffer, OnnxTensor handle) {}

  /**
   * Runs a model with one input.
   *
   * @param batch {@code [batch, ...]} as the input's specification says, with at least one row
   * @return the wanted outputs by name; valid until the next call
   * @throws AcclimateException when the shape does not fit or the model refuses the input
   * @throws IllegalStateException when the model is closed
   */
  public Map<String, Tensor> run(Tensor batch) {
    return run(Map.of(model.singleInput().name(), batch));
  }

  /**
   * Runs a model.
   *
   * @param inputs a tensor for each input of the model, all with the same number of rows
   * @return the wanted outputs by name; valid until the next call
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    return run(inputs, Map.of());
  }

  /**
   * Runs a model that has parameters among its inputs.
   *
   * @param inputs a tensor for each input that holds samples, all with the same number of rows
   * @param parameters a tensor for each of the other inputs, of any number of rows; always the same
   *     tensors, whose contents may change from call to call
   * @return the wanted outputs by name; valid until the next call
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> parameters) {
    int batch = checkInputs(inputs, parameters);
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    Set<OnnxTensor> own = new LinkedHashSet<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        OnnxTensor handle = handle(input.getValue());
        own.add(handle);
        feeds.put(input.getKey(), handle);
      }
      for (Map.Entry<String, Tensor> parameter : parameters.entrySet()) {
        feeds.put(parameter.getKey(), parameterHandle(parameter.getValue()));
      }
      Map<String, Pinned> targets = pinned.get(batch);
      if (targets == null) {
        targets = pin(batch);
        pinned.put(batch, targets);
      }
      return call(feeds, targets);
    } catch (OrtException e) {
      throw new AcclimateException(
          "model %s failed on %s: %s".formatted(model.name(), inputs, OrtSessions.oneLine(e)), e);
    } finally {
      own.forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor parameterHandle(Tensor parameter) throws OrtException {
    OnnxTensor known = parameterHandles.get(parameter);
    if (known == null) {
      known = handle(parameter);
      parameterHandles.put(parameter, known);
    }
    return known;
  }

  private Map<String, Tensor> call(Map<String, OnnxTensor> feeds, Map<String, Pinned> targets)
      throws OrtException {
    Map<String, OnnxValue> handles = new LinkedHashMap<>();
    targets.forEach((name, target) -> handles.put(name, target.handle()));
    Set<String> open = new LinkedHashSet<>(names);
    open.removeAll(targets.keySet());
    Map<String, Tensor> results = new LinkedHashMap<>();
    try (OrtSession.Result result = model.call(session -> session.run(feeds, open, handles))) {
      for (String name : names) {
        Pinned target = targets.get(name);
        results.put(name, target != null ? target.buffer() : copy(result, name));
      }
    }
    return results;
  }

  private Tensor copy(OrtSession.Result result, String name) {
    OnnxTensor value = (OnnxTensor) result.get(name).orElseThrow();
    FloatBuffer values = value.getFloatBuffer();
    if (values == null) {
      throw new AcclimateException(
          "output '%s' of model %s: expected float32, found %s"
              .formatted(name, model.name(), value.getInfo().type));
    }
    Tensor copy = Tensor.allocate(DType.FLOAT32, value.getInfo().getShape());
    copy.floats().put(values);
    return copy;
  }

  private int checkInputs(Map<String, Tensor> inputs, Map<String, Tensor> parameters) {
    Set<String> given = new LinkedHashSet<>(inputs.keySet());
    given.addAll(parameters.keySet());
    if (!given.equals(model.inputs().keySet())) {
      throw new AcclimateException(
          "model %s: expected inputs %s, found %s"
              .formatted(model.name(), model.inputs().keySet(), given));
    }
    parameters.forEach(this::requireFit);
    long rows = -1;
    for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
      TensorSpec spec = model.inputs().get(input.getKey());
      Tensor tensor = input.getValue();
      requireFit(input.getKey(), tensor);
      long found = tensor.rank() == 0 ? 1 : tensor.dim(0);
      if (found == 0 || (rows >= 0 && rows != found)) {
        throw new AcclimateException(
            "input '%s' of model %s: expected %s rows, found %d"
                .formatted(spec.name(), model.name(), rows < 0 ? "at least 1" : "" + rows, found));
      }
      rows = found;
    }
    return Math.toIntExact(rows);
  }

  private void requireFit(String input, Tensor tensor) {
    TensorSpec spec = model.inputs().get(input);
    if (!spec.accepts(tensor.shape()) || !spec.type().equals(tensor.type().onnx().toString())) {
      throw new AcclimateException(
          "input '%s' of model %s: expected %s %s, found %s"
              .formatted(spec.name(), model.name(), spec.type(), spec.shapeText(), tensor));
    }
  }

  /** Allocates the outputs whose size follows from the batch size. */
  private Map<String, Pinned> pin(int batch) throws OrtException {
    Map<String, Pinned> targets = new LinkedHashMap<>();
    for (TensorSpec spec : outputs) {
      boolean rowsFollowInput = !spec.shape().isEmpty() && spec.shape().get(0) < 0;
      if (!rowsFollowInput || spec.elementsPerRow() < 0 || !spec.type().equals("FLOAT")) {
        continue;
      }
      long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
      shape[0] = batch;
      Tensor buffer = Tensor.allocate(DType.FLOAT32, shape);
      targets.put(spec.name(), new Pinned(buffer, handle(buffer)));
    }
    return targets;
  }

  /** ONNX Runtime's handle of a tensor, on the same memory. */
  static OnnxTensor handle(Tensor tensor) throws OrtException {
    OrtEnvironment environment = OrtSessions.environment();
    long[] shape = tensor.shape();
    return switch (tensor.type()) {
      case BOOL, UINT8, INT8 ->
          OnnxTensor.createTensor(environment, tensor.bytes(), shape, tensor.type().onnx());
      case FLOAT16 ->
          OnnxTensor.createTensor(environment, tensor.halves(), shape, tensor.type().onnx());
      case FLOAT32 -> OnnxTensor.createTensor(environment, tensor.floats(), shape);
      case FLOAT64 -> OnnxTensor.createTensor(environment, tensor.doubles(), shape);
      case INT32 -> OnnxTensor.createTensor(environment, tensor.ints(), shape);
      case INT64 -> OnnxTensor.createTensor(environment, tensor.longs(), shape);
    };
  }

  private static void free(Map<String, Pinned> targets) {
    targets.values().forEach(target -> target.handle().close());
  }

  /** Frees the handles; the model stays open. */
  @Override
  public void close() {
    pinned.values().forEach(ModelRunner::free);
    pinned.clear();
    parameterHandles.values().forEach(OnnxTensor::close);
    parameterHandles.clear();
  }

  @Override
  public String toString() {
    return "runner of " + model.name() + " for " + names;
  }
}
