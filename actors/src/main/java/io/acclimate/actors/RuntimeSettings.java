package io.acclimate.actors;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The settings of an {@link AdaptiveRuntime}; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.runtime}.
 *
 * @param logitsOutput the model's output with the logits
 * @param featuresOutput the model's output with the features; may be missing when no method needs
 *     it
 * @param streamCapacity batches a stream may have under way
 * @param capacity batches all streams together may have under way
 * @param microBatch how requests of several streams share a call of the model
 * @param passivation when idle streams are put on disk
 * @param feedbackPredictions how many predictions of a stream labels may still come in for
 * @param recentSamples samples over which {@link RecentStats} are averaged
 * @param restarts how often in a row a stream's agent is started anew before the stream is stopped
 * @param drain how long closing waits for batches under way
 * @param sourceStatistics a file of statistics of the source, for methods that use them
 * @param sourceFisher a file of Fisher information of the source, for methods that need it
 * @param sourceConsistency a file of a consistency loss learned on the source, for ITTA
 * @param sourceLabelShift a file of a label shift adapter learned on the source
 * @param seed the root of the methods' random choices
 */
public record RuntimeSettings(
    String logitsOutput,
    String featuresOutput,
    int streamCapacity,
    int capacity,
    MicroBatch microBatch,
    Passivation passivation,
    int feedbackPredictions,
    int recentSamples,
    int restarts,
    Duration drain,
    Optional<Path> sourceStatistics,
    Optional<Path> sourceFisher,
    Optional<Path> sourceConsistency,
    Optional<Path> sourceLabelShift,
    long seed) {

  /**
   * How requests of several streams share a call of the model.
   *
   * @param maxRows the most rows of a call that is made of several requests; 1 for none
   * @param maxDelay how long a request waits for others at most
   */
  public record MicroBatch(int maxRows, Duration maxDelay) {
    private static final int MAX_MICROS = 1_000_000;

    private static MicroBatch read(SettingsReader reader) {
      reader.rejectUnknown();
      int rows = reader.integer("max-batch", 1, 4096);
      int micros = reader.integer("max-delay-micros", 0, MAX_MICROS);
      return new MicroBatch(rows, Duration.of(micros, ChronoUnit.MICROS));
    }
  }

  /**
   * When idle streams are put on disk.
   *
   * @param folder where their states lie, of one runtime alone, which locks it; empty: they stay in
   *     memory
   * @param idle how long a stream must have had nothing to do
   */
  public record Passivation(Optional<Path> folder, Duration idle) {
    private static final int MAX_SECONDS = 100_000_000;

    private static Passivation read(SettingsReader reader) {
      reader.rejectUnknown();
      return new Passivation(
          file(reader.text("folder")),
          Duration.ofSeconds(reader.integer("idle-seconds", 1, MAX_SECONDS)));
    }
  }

  /** Larger numbers lose digits in a settings file. */
  private static final long MAX_SEED = 1L << 53;

  /** The defaults. */
  public static RuntimeSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static RuntimeSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "runtime");
    RuntimeSettings settings = read(reader);
    reader.throwIfAny("runtime settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(RuntimeSettings.class.getClassLoader())
        .getConfig("acclimate.runtime");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static RuntimeSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    SettingsReader outputs = reader.child("outputs");
    outputs.rejectUnknown();
    return new RuntimeSettings(
        outputs.text("logits"),
        outputs.text("features"),
        reader.integer("stream-capacity", 1, 10_000),
        reader.integer("capacity", 1, 1_000_000),
        MicroBatch.read(reader.child("micro-batch")),
        Passivation.read(reader.child("passivation")),
        reader.integer("feedback-predictions", 1, 10_000_000),
        reader.integer("recent-samples", 1, 100_000_000),
        reader.integer("restarts", 0, 10_000),
        Duration.ofSeconds(reader.integer("drain-seconds", 0, 3600)),
        file(reader.text("source-statistics")),
        file(reader.text("source-fisher")),
        file(reader.text("source-consistency")),
        file(reader.text("source-label-shift")),
        reader.wholeNumber("seed", -MAX_SEED, MAX_SEED));
  }

  /** The same bounds for another model. */
  public RuntimeSettings forModel(
      String logits,
      String features,
      Optional<Path> statistics,
      Optional<Path> fisher,
      Optional<Path> consistency,
      Optional<Path> labelShift) {
    return new RuntimeSettings(
        logits,
        features,
        streamCapacity,
        capacity,
        microBatch,
        passivation,
        feedbackPredictions,
        recentSamples,
        restarts,
        drain,
        statistics,
        fisher,
        consistency,
        labelShift,
        seed);
  }

  private static Optional<Path> file(String name) {
    return name.isEmpty() ? Optional.empty() : Optional.of(Path.of(name));
  }
}
