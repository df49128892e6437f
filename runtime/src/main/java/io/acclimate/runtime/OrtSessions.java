package io.acclimate.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens ONNX Runtime sessions on a device, deterministic, with clear errors. */
final class OrtSessions {
  private static final Logger LOG = LoggerFactory.getLogger(FrozenModel.class);
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  private OrtSessions() {}

  /** A session and the device it really runs on. */
  record Opened(OrtSession session, Device device) {}

  /** Loads the native libraries at its first use. */
  private static final class Loaded {
    static final OrtEnvironment ENVIRONMENT =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "acclimate");

    static {
      NativeFolder.removeAtExit();
    }
  }

  static OrtEnvironment environment() {
    return Loaded.ENVIRONMENT;
  }

  /** The version of the native library. */
  static String version() {
    return Loaded.ENVIRONMENT.getVersion();
  }

  static Opened open(Path file, ModelOptions options) {
    return open(
        file.toString(),
        options,
        settings -> environment().createSession(file.toString(), settings));
  }

  static Opened open(String name, byte[] bytes, ModelOptions options) {
    return open(name, options, settings -> environment().createSession(bytes, settings));
  }

  static void close(String name, OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("cannot close graph " + name, e);
    }
  }

  /** ONNX Runtime breaks the lines of some messages. */
  static String oneLine(OrtException e) {
    return e.getMessage().strip().replaceAll("\\s+", " ");
  }

  private interface Opener {
    OrtSession open(OrtSession.SessionOptions settings) throws OrtException;
  }

  private static Opened open(String name, ModelOptions options, Opener opener) {
    return switch (options.device().kind()) {
      case CPU -> openOn(name, Device.CPU, options, opener);
      case CUDA -> openOn(name, options.device(), options, opener);
      case AUTO -> openOnBest(name, options, opener);
    };
  }

  private static Opened openOnBest(String name, ModelOptions options, Opener opener) {
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      sayOnce("device auto: this build of ONNX Runtime has no CUDA, using the CPU");
      return openOn(name, Device.CPU, options, opener);
    }
    try {
      return openOn(name, new Device(Device.Kind.CUDA, 0), options, opener);
    } catch (AcclimateException e) {
      sayOnce("device auto: CUDA cannot be used, using the CPU (" + e.getMessage() + ")");
      return openOn(name, Device.CPU, options, opener);
    }
  }

  /** Every model of a process has the same to say. */
  private static void sayOnce(String line) {
    if (SAID.add(line)) {
      LOG.info(line);
    }
  }

  private static Opened openOn(String name, Device device, ModelOptions options, Opener opener) {
    environment(); // a CUDA provider cannot be added before there is an environment
    try (OrtSession.SessionOptions settings = new OrtSession.SessionOptions()) {
      settings.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      settings.setDeterministicCompute(true);
      if (options.threads() > 0) {
        settings.setIntraOpNumThreads(options.threads());
      }
      if (device.kind() == Device.Kind.CUDA) {
        settings.addCUDA(device.index());
      }
      return new Opened(opener.open(settings), device);
    } catch (OrtException e) {
      throw new AcclimateException(
          "cannot open ONNX model %s on %s: %s".formatted(name, device, oneLine(e)), e);
    }
  }
}
