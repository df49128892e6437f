package io.acclimate.runtime;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs.
 *
 * @param kind the kind of device
 * @param index the number of the CUDA device, 0 for the other kinds
 */
public record Device(Kind kind, int index) {
  /** The kinds of device. */
  public enum Kind {
    /** The CPU. */
    CPU,
    /** One CUDA device; an error when it cannot be used. */
    CUDA,
    /** The first CUDA device where there is one, else the CPU, with one log line. */
    AUTO
  }

  /** The CPU. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** A CUDA device where there is one, else the CPU. */
  public static final Device AUTO = new Device(Kind.AUTO, 0);

  private static final Pattern CUDA = Pattern.compile("cuda:(\\d{1,3})");

  /** Reads {@code cpu}, {@code cuda:N} or {@code auto}. */
  public static Device parse(String text) {
    Matcher cuda = CUDA.matcher(text);
    if (cuda.matches()) {
      return new Device(Kind.CUDA, Integer.parseInt(cuda.group(1)));
    }
    return switch (text) {
      case "cpu" -> CPU;
      case "auto" -> AUTO;
      default ->
          throw new AcclimateException(
              "device: expected cpu, cuda:N or auto, found '" + text + "'");
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case CPU -> "cpu";
      case CUDA -> "cuda:" + index;
      case AUTO -> "auto";
    };
  }
}
