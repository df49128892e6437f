package io.acclimate.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs ONNX models once, with whatever shapes and types their outputs turn out to have. */
public final class OrtRuns {
  private OrtRuns() {}

  /** The outputs by name, in the model's order. */
  public static Map<String, Tensor> run(byte[] model, Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    try (OrtSession session = OrtSessions.environment().createSession(model)) {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        feeds.put(input.getKey(), ModelRunner.handle(input.getValue()));
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(feeds)) {
        for (Map.Entry<String, OnnxValue> output : result) {
          outputs.put(output.getKey(), copy((OnnxTensor) output.getValue()));
        }
      }
      return outputs;
    } catch (OrtException e) {
      throw new AcclimateException("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      feeds.values().forEach(OnnxTensor::close);
    }
  }

  private static Tensor copy(OnnxTensor value) {
    for (DType type : DType.values()) {
      if (type.onnx() == value.getInfo().type) {
        Tensor copy = Tensor.allocate(type, value.getInfo().getShape());
        copy.bytes().put(value.getByteBuffer());
        return copy;
      }
    }
    throw new AcclimateException("no tensor holds " + value.getInfo());
  }
}
