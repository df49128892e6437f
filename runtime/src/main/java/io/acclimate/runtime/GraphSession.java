package io.acclimate.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A graph of fixed shapes that is run again and again on tensors of the caller's: inputs are read
 * and outputs written in place, without copies.
 *
 * <p>Not thread-safe. The session keeps ONNX Runtime's handle of each tensor it has met (at most
 * {@value #MAX_HANDLES}), so callers should use the same tensors for each call. Parameters are
 * inputs like any other: one session serves many sets of them.
 */
public final class GraphSession implements AutoCloseable {
  private static final int MAX_HANDLES = 4096;

  private final String name;
  private final OrtSession session;
  private final Runnable release;
  private final Map<Tensor, OnnxTensor> handles = new IdentityHashMap<>();
  private boolean closed;

  /**
   * Calls of an open session.
   *
   * @param release called once when this is closed
   */
  GraphSession(String name, OrtSession session, Runnable release) {
    this.name = name;
    this.session = session;
    this.release = release;
  }

  /**
   * Opens a graph, in a session of its own; see {@link SessionPool} for one that is shared.
   *
   * @param name what errors call it
   * @param model an ONNX file's bytes
   * @throws AcclimateException when ONNX Runtime refuses it, or the device cannot be used
   */
  public static GraphSession open(String name, byte[] model, ModelOptions options) {
    OrtSession session = OrtSessions.open(name, model, options).session();
    return new GraphSession(name, session, () -> OrtSessions.close(name, session));
  }

  /**
   * The same graph for another thread: handles of its own on one session of ONNX Runtime. Closing
   * it leaves the session open; it must not be used after the one that was opened is closed.
   */
  public GraphSession another() {
    return new GraphSession(name, session, () -> {});
  }

  /**
   * Runs the graph.
   *
   * @param inputs a tensor for each input
   * @param outputs a tensor of the right type and shape for each wanted output; they are written
   * @throws AcclimateException when names, types or shapes do not fit
   * @throws IllegalStateException after close
   */
  public void run(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    if (closed) {
      throw new IllegalStateException("graph " + name + " is closed");
    }
    if (handles.size() + inputs.size() + outputs.size() > MAX_HANDLES) {
      freeHandles();
    }
    try {
      Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        feeds.put(input.getKey(), handle(input.getValue()));
      }
      Map<String, OnnxValue> targets = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
        targets.put(output.getKey(), handle(output.getValue()));
      }
      session.run(feeds, targets).close();
    } catch (OrtException e) {
      throw new AcclimateException(
          "graph %s failed on %s: %s".formatted(name, inputs, e.getMessage()), e);
    }
  }

  private OnnxTensor handle(Tensor tensor) throws OrtException {
    OnnxTensor handle = handles.get(tensor);
    if (handle == null) {
      handle = ModelRunner.handle(tensor);
      handles.put(tensor, handle);
    }
    return handle;
  }

  /** Frees the handles of all tensors met so far, as callers do who will not use them again. */
  public void freeHandles() {
    handles.values().forEach(OnnxTensor::close);
    handles.clear();
  }

  /**
   * Frees the handles, and the session where it was opened here or nobody else shares it. Closing
   * twice does nothing.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    freeHandles();
    release.run();
  }

  @Override
  public String toString() {
    return "session of " + name;
  }
}
