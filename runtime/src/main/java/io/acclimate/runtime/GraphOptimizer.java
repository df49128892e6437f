package io.acclimate.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Lets ONNX Runtime rewrite a model without running it. */
public final class GraphOptimizer {
  /**
   * What would take away weights that methods change: one folds batch normalisation into the
   * convolution before it, the other lets small constants of equal values be one.
   */
  private static final String LEFT_OUT = "ConvBNFusion;ConstantSharing";

  private GraphOptimizer() {}

  /**
   * Folds constants and drops what does nothing; the result has operators of ONNX's own sets only,
   * and its normalisation layers are those of the model.
   *
   * @param name what errors call the model
   * @param model an ONNX file's bytes
   * @return the bytes of the rewritten model
   * @throws AcclimateException when ONNX Runtime refuses the model
   */
  public static byte[] fold(String name, byte[] model) {
    try {
      Path file = Files.createTempFile("acclimate", ".onnx");
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
        options.setOptimizedModelFilePath(file.toString());
        options.addConfigEntry("session.disable_prepacking", "1");
        options.addConfigEntry("optimization.disable_specified_optimizers", LEFT_OUT);
        OrtSessions.environment().createSession(model, options).close();
        return Files.readAllBytes(file);
      } catch (OrtException e) {
        throw new AcclimateException(
            "cannot open ONNX model %s: %s".formatted(name, e.getMessage()), e);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AcclimateException("model " + name + ": no room for a temporary file", e);
    }
  }
}
