package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.metrics.MetricsSettings;
import io.acclimate.actors.serve.ServeSettings;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.ModelOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What is served and how.
 *
 * @param file where it was read
 * @param model the ONNX file
 * @param modelOptions where the model runs
 * @param classNames names of the classes; empty: their numbers
 * @param runtime settings of the runtime
 * @param streams streams that are open from the start
 * @param newStreams how further ones come to be
 * @param journal the journal's folder
 * @param journalSettings the journal's settings
 * @param metrics how much the meters tell apart
 * @param serve where to listen and what to allow
 */
public record ServeFile(
    Path file,
    Path model,
    ModelOptions modelOptions,
    List<String> classNames,
    RuntimeSettings runtime,
    List<Stream> streams,
    StreamCatalog.Rules newStreams,
    Optional<Path> journal,
    JournalSettings journalSettings,
    MetricsSettings metrics,
    ServeSettings serve) {

  /**
   * A stream that is open from the start.
   *
   * @param settings settings over the method's defaults
   */
  public record Stream(String id, String method, Config settings) {}
}
