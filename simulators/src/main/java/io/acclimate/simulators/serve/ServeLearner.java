package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The learner in the background of a file of {@code acclimate serve}.
 *
 * @param bank its bank of adapters
 * @param folder where it keeps samples and state
 * @param settings the learner's settings
 */
public record ServeLearner(ServeBank bank, Path folder, LearnerSettings settings) {
  private static final String LEARNER = "learner";
  private static final String BANK = "bank";
  private static final String FOLDER = "folder";
  private static final String SETTINGS = "settings";

  /** The one module that adapters may have that are served. */
  private static final String MODULE = "lora";

  /**
   * Reads the section {@code learner} and leaves its mistakes with the reader.
   *
   * @return empty when the file has no learner
   */
  static Optional<ServeLearner> read(SettingsReader file, ScenarioFiles files, Config defaults) {
    Config given = file.isGiven(LEARNER) ? file.object(LEARNER) : ConfigFactory.empty();
    ConfigObject own = given.root();
    ConfigObject learners = given.root();
    for (String key : given.root().keySet()) {
      boolean isOwn = defaults.root().containsKey(key);
      own = isOwn ? own : own.withoutKey(key);
      learners = isOwn ? learners.withoutKey(key) : learners;
    }
    SettingsReader reader = file.of(own.toConfig(), defaults, LEARNER);
    LearnerSettings settings =
        LearnerSettings.read(
            file.of(learners.toConfig(), LearnerSettings.defaultConfig(), LEARNER));
    Optional<ServeBank> bank = ServeBank.read(reader, files);
    if (bank.isEmpty()) {
      if (!given.isEmpty()) {
        reader.problem(BANK, "expected the folder of a bank, as other keys are given");
      }
      return Optional.empty();
    }
    if (reader.text(FOLDER).isEmpty()) {
      reader.problem(FOLDER, "expected where the learner keeps its samples, found none");
    }
    requireMethod(reader, settings);
    return Optional.of(new ServeLearner(bank.get(), files.resolve(reader.text(FOLDER)), settings));
  }

  private static void requireMethod(SettingsReader reader, LearnerSettings settings) {
    if (!LearnerProvider.registry().names().contains(settings.method())) {
      return; // the learner's settings have said so
    }
    try {
      SettingsReader own =
          reader.of(
              settings.methodSettings(), MethodRegistry.defaults(settings.method()), SETTINGS);
      LearnerProvider.registry().require(settings.method()).read(own);
      own.rejectUnknown();
    } catch (AcclimateException e) {
      reader.problem(settings.methodSettings().origin(), SETTINGS, e.getMessage());
      return;
    }
    Set<String> modules = settings.moduleSettings().root().keySet();
    if (!settings.shadow() && !modules.equals(Set.of(MODULE))) {
      reader.problem(
          settings.methodSettings().origin(),
          SETTINGS,
          "expected the module lora alone, as adapters that serve can have no other, found %s; or shadow = true"
              .formatted(modules));
    }
  }

  /**
   * Opens the bank, or makes it where there is none.
   *
   * @throws AcclimateException when it is damaged or its folder cannot be written
   */
  AdapterServing open(FrozenModel model, RuntimeSettings runtime) {
    Config places = ConfigFactory.empty();
    if (settings.moduleSettings().hasPath(MODULE)) {
      places = places.withValue(MODULE, settings.moduleSettings().getValue(MODULE));
    }
    return bank.openOrCreate(model, runtime, places);
  }

  /** What it publishes; empty in shadow mode. */
  Optional<AdapterChoice> published() {
    return settings.shadow()
        ? Optional.empty()
        : Optional.of(new AdapterChoice.Latest(settings.adapter()));
  }

  /**
   * Starts the learner.
   *
   * @param runtime started with {@link #open}
   * @throws AcclimateException when the folder or the bank belongs to another method or model
   */
  public BackgroundLearner start(AdaptiveRuntime runtime) {
    return runtime.startLearner(settings, folder);
  }
}
