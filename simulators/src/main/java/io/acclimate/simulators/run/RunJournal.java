package io.acclimate.simulators.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.acclimate.actors.RuntimeJournal;
import io.acclimate.replay.codec.JournalRecord;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.RunStarted;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.replay.journal.JournalView;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.scenario.ScenarioLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The journal of a simulation: begun for a new run, or gone on from after a crash.
 *
 * @param folder the journal's folder
 * @param settings the journal's settings
 * @param resume whether a run is gone on from; else the folder must hold none
 */
public record RunJournal(Path folder, JournalSettings settings, boolean resume) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * What a run was started with, as the journal's first record says.
   *
   * @param scenario the scenario file
   * @param overrides settings over it
   */
  public record Origin(String scenario, List<String> overrides) {
    /** Loads the scenario again. */
    public Scenario load() {
      return ScenarioLoader.load(Path.of(scenario), overrides);
    }
  }

  /**
   * Reads what a journal's run was started with.
   *
   * @throws AcclimateException when the journal holds no run of a simulation
   */
  public static Origin origin(Path folder) {
    String found = "none";
    try (JournalView journal = ChronicleJournal.openReadOnly(folder)) {
      try (JournalReader reader = journal.reader(0)) {
        for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
          if (next.get().event() instanceof RunStarted run) {
            found = "one of '" + run.name() + "'";
            Origin origin = JSON.readValue(run.settings(), Origin.class);
            if (origin.scenario() != null && origin.overrides() != null) {
              return origin;
            }
          }
        }
      }
    } catch (JsonProcessingException e) {
      throw new AcclimateException(
          "journal %s: expected the run of a simulation, found another".formatted(folder), e);
    }
    throw new AcclimateException(
        "journal %s: expected the run of a simulation, found %s".formatted(folder, found));
  }

  /** Opens the journal for a scenario; a new one says what the run is. */
  RuntimeJournal open(Scenario scenario, Origin origin, FrozenModel model) {
    if (!resume && Files.exists(folder.resolve("records"))) {
      throw new AcclimateException(
          "journal %s: expected a new folder, found a journal; --resume goes on from it"
              .formatted(folder));
    }
    RuntimeJournal journal = RuntimeJournal.open(folder, settings, model, scenario.runtime());
    if (!resume) {
      try {
        journal.started(new RunStarted(scenario.name(), JSON.writeValueAsString(origin)));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("texts are always JSON", e);
      }
    }
    return journal;
  }

  /**
   * What happened before a run was gone on from.
   *
   * @param answers by stream, in the order of the batches
   * @param closed the streams that were ended
   */
  record Earlier(Map<String, List<Predicted>> answers, Set<String> closed) {
    static final Earlier NOTHING = new Earlier(Map.of(), Set.of());

    List<Predicted> of(String stream) {
      return answers.getOrDefault(stream, List.of());
    }

    static Earlier read(JournalView journal) {
      Earlier earlier = new Earlier(new HashMap<>(), new HashSet<>());
      try (JournalReader reader = journal.reader(0)) {
        for (Optional<JournalRecord> next = reader.next(); next.isPresent(); next = reader.next()) {
          if (next.get().event() instanceof Predicted predicted) {
            earlier
                .answers
                .computeIfAbsent(predicted.stream(), id -> new ArrayList<>())
                .add(predicted);
          } else if (next.get().event() instanceof StreamClosed stream) {
            earlier.closed.add(stream.stream());
          }
        }
      }
      return earlier;
    }
  }
}
