package io.acclimate.simulators.serve;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the streams of a file of {@code acclimate serve} are served with.
 *
 * @param bank a bank to serve from without learning
 * @param others the choice of streams that have none of their own
 * @param streams the choice of streams by their ids
 */
public record ServeAdapters(
    Optional<ServeBank> bank, AdapterChoice others, Map<String, AdapterChoice> streams) {
  private static final String ADAPTERS = "adapters";

  /** Reads the section {@code adapters} and leaves its mistakes with the reader. */
  static ServeAdapters read(
      SettingsReader file, ScenarioFiles files, Optional<ServeLearner> learner) {
    SettingsReader reader = file.child(ADAPTERS);
    reader.rejectUnknown();
    Optional<ServeBank> bank = ServeBank.read(reader, files);
    if (bank.isPresent() && learner.isPresent()) {
      reader.problem("bank", "expected none beside that of the learner, found one");
    }
    String others = reader.text("default");
    AdapterChoice choice =
        others.isEmpty()
            ? learner.flatMap(ServeLearner::published).orElse(AdapterChoice.FROZEN)
            : parse(reader, null, "default", others);
    Map<String, AdapterChoice> streams = new LinkedHashMap<>();
    for (Map.Entry<String, ConfigValue> entry : reader.object("streams").root().entrySet()) {
      String text = String.valueOf(entry.getValue().unwrapped());
      String key = "streams." + entry.getKey();
      streams.put(entry.getKey(), parse(reader, entry.getValue().origin(), key, text));
    }
    ServeAdapters adapters = new ServeAdapters(bank, choice, streams);
    boolean any = streams.values().stream().anyMatch(ServeAdapters::needsBank) || needsBank(choice);
    if (any && bank.isEmpty() && learner.isEmpty()) {
      reader.problem("bank", "expected the folder of a bank, as streams are served with adapters");
    }
    return adapters;
  }

  private static AdapterChoice parse(
      SettingsReader reader, ConfigOrigin origin, String key, String text) {
    try {
      return AdapterChoice.parse(text);
    } catch (AcclimateException e) {
      String expected =
          "expected frozen, NAME, NAME@VERSION or task:NAME, found '%s'".formatted(text);
      if (origin == null) {
        reader.problem(key, expected);
      } else {
        reader.problem(origin, key, expected);
      }
      return AdapterChoice.FROZEN;
    }
  }

  private static boolean needsBank(AdapterChoice choice) {
    return !choice.equals(AdapterChoice.FROZEN);
  }

  AdapterChoice of(String stream) {
    return streams.getOrDefault(stream, others);
  }

  /** Whether a stream is served with adapters, so that its method must leave the model to them. */
  boolean serves(String stream) {
    return needsBank(of(stream));
  }

  /** The same for streams that have no choice of their own. */
  boolean servesOthers() {
    return needsBank(others);
  }

  /** The adapters of the learner's bank, or of the bank alone; empty without a bank. */
  public Optional<AdapterServing> open(
      Optional<ServeLearner> learner, FrozenModel model, RuntimeSettings runtime) {
    return learner
        .map(with -> with.open(model, runtime))
        .or(() -> bank.map(alone -> alone.open(model, runtime)))
        .map(serving -> serving.withDefaults(this::of));
  }
}
