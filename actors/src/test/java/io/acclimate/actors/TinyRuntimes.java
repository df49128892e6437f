package io.acclimate.actors;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.cluster.Nodes;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.FrozenModel;
import java.io.IOException;
import java.nio.file.Path;

/** The tiny model of three classes, and runtimes of it that write to one journal in turn. */
final class TinyRuntimes implements AutoCloseable {
  final FrozenModel model;

  /** The journal's folder. */
  final Path place;

  TinyRuntimes(Path folder) throws IOException {
    model = Nodes.model(folder);
    place = folder.resolve("journal");
  }

  /**
   * Settings of a journal that is forced to the disk at its end.
   *
   * @param more further settings
   */
  static JournalSettings settings(String more) {
    return JournalSettings.of(ConfigFactory.parseString("durability = none\n" + more));
  }

  /** The journal, with what is in it. */
  RuntimeJournal journal(String more) {
    return RuntimeJournal.open(place, settings(more), model, RuntimeSettings.defaults());
  }

  /** A runtime that goes on with the journal. */
  AdaptiveRuntime start() {
    return start(journal(""));
  }

  AdaptiveRuntime start(RuntimeJournal journal) {
    return AdaptiveRuntime.start(model, RuntimeSettings.defaults(), journal);
  }

  @Override
  public void close() {
    model.close();
  }
}
