package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.acclimate.actors.AdapterServing;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.bank.serving.ServingSettings;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The bank whose adapters streams are served with.
 *
 * @param folder where it lies
 * @param settings its settings
 * @param serving places of adapters that differ from what follows from the model
 */
record ServeBank(Path folder, BankSettings settings, Config serving) {
  private static final String BANK = "bank";
  private static final String BANK_SETTINGS = "bank-settings";
  private static final String SERVING = "serving";

  /**
   * Reads the keys of a bank in a section and leaves their mistakes with the reader.
   *
   * @return empty when the section names none
   */
  static Optional<ServeBank> read(SettingsReader section, ScenarioFiles files) {
    BankSettings bankSettings =
        BankSettings.read(section.child(BANK_SETTINGS, BankSettings.defaultConfig()));
    ServingSettings.read(section.child(SERVING, ServingSettings.defaultConfig()));
    String bank = section.text(BANK);
    return bank.isEmpty()
        ? Optional.empty()
        : Optional.of(new ServeBank(files.resolve(bank), bankSettings, section.object(SERVING)));
  }

  /**
   * Opens a bank that is there.
   *
   * @throws io.acclimate.runtime.AcclimateException when it is not, or is damaged
   */
  AdapterServing open(FrozenModel model, RuntimeSettings runtime) {
    ServingSettings places = places(model, runtime, ConfigFactory.empty());
    return new AdapterServing(AdapterBank.open(folder, settings), places);
  }

  /**
   * Opens the bank, or makes it where there is none.
   *
   * @param modules the places that a learner tunes
   * @throws io.acclimate.runtime.AcclimateException when it is damaged or its folder cannot be
   *     written
   */
  AdapterServing openOrCreate(FrozenModel model, RuntimeSettings runtime, Config modules) {
    ServingSettings places = places(model, runtime, modules);
    return new AdapterServing(AdapterBank.openOrCreate(folder, settings), places);
  }

  private ServingSettings places(FrozenModel model, RuntimeSettings runtime, Config modules) {
    long classes = model.requireOutput(runtime.logitsOutput()).elementsPerRow();
    Config places =
        modules
            .withValue("head.classes", ConfigValueFactory.fromAnyRef(classes))
            .withValue("head.logits", ConfigValueFactory.fromAnyRef(runtime.logitsOutput()))
            .withValue("head.features", ConfigValueFactory.fromAnyRef(runtime.featuresOutput()));
    return ServingSettings.of(serving.withFallback(places));
  }
}
