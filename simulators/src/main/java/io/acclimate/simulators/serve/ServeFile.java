package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.RuntimeSettings;
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
 * @param runtime settings of the runtime
 * @param streams streams that are open from the start
 * @param journal the journal's folder
 * @param journalSettings the journal's settings
 * @param learner what is learned in the background; empty: nothing
 * @param adapters what streams are served with
 * @param http how it is served
 */
public record ServeFile(
    Path file,
    Path model,
    ModelOptions modelOptions,
    RuntimeSettings runtime,
    List<Stream> streams,
    Optional<Path> journal,
    JournalSettings journalSettings,
    Optional<ServeLearner> learner,
    ServeAdapters adapters,
    HttpFront http) {

  /**
   * A stream that is open from the start.
   *
   * @param settings settings over the method's defaults
   */
  public record Stream(String id, String method, Config settings) {}
}
