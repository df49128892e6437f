package io.acclimate.simulators.serve;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads files of {@code acclimate serve}; every mistake is reported at once, with line and key. */
public final class ServeFileLoader {
  /** Settings of the runtime that stand under {@code model}, where scenarios have them too. */
  private static final List<String> SOURCES =
      List.of("source-statistics", "source-fisher", "source-consistency", "source-label-shift");

  private static final String PASSIVATION = "passivation.folder";
  private static final Config STREAM = ConfigFactory.parseString("id = \"\", method = \"\"");

  private final Path file;
  private final SettingsReader reader;
  private final ScenarioFiles files;
  private final Config defaults;

  private ServeFileLoader(Path file, Config given) {
    this.file = file;
    this.files = new ScenarioFiles(file);
    this.defaults =
        ConfigFactory.defaultReference(ServeFileLoader.class.getClassLoader())
            .getConfig("acclimate.serve-file");
    this.reader = new SettingsReader(given, defaults, "");
  }

  /**
   * Reads a file.
   *
   * @param overrides settings from the command line, each {@code key=value}
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static ServeFile load(Path file, List<String> overrides) {
    Config parsed = Overrides.read("serve file", file, overrides);
    return new ServeFileLoader(file, parsed).read();
  }

  private ServeFile read() {
    reader.rejectUnknown();
    SettingsReader model = reader.child("model");
    model.rejectUnknown();
    String journal = reader.text("journal");
    HttpFront http = HttpFront.read(reader);
    List<ServeFile.Stream> streams = streams();
    Optional<ServeLearner> learner =
        ServeLearner.read(reader, files, defaults.getConfig("learner"));
    ServeAdapters adapters = ServeAdapters.read(reader, files, learner);
    JournalSettings journalSettings =
        JournalSettings.read(reader.child("journal-settings", JournalSettings.defaultConfig()));
    if (!reader.hasProblems()) {
      requireServable(adapters, streams, http.newStreams());
      if (!journal.isEmpty() && journalSettings.payload() != JournalSettings.Payload.INPUT) {
        requireReplayable(streams, http.newStreams());
      }
    }
    ServeFile read =
        new ServeFile(
            file,
            files.required(model, "path"),
            ScenarioFiles.modelOptions(model),
            runtime(model),
            streams,
            journal.isEmpty() ? Optional.empty() : Optional.of(files.resolve(journal)),
            journalSettings,
            learner,
            adapters,
            http);
    reader.throwIfAny("serve file " + file);
    return read;
  }

  /** A method that runs the frozen model itself leaves no place for an adapter. */
  private void requireServable(
      ServeAdapters adapters, List<ServeFile.Stream> streams, StreamCatalog.Rules newStreams) {
    Set<String> later = new HashSet<>(adapters.streams().keySet());
    for (ServeFile.Stream stream : streams) {
      later.remove(stream.id());
      if (adapters.serves(stream.id())
          && StreamMethods.runsModel(stream.method(), stream.settings())) {
        reader.problem(
            stream.settings().origin(), "streams." + stream.id(), unservable(stream.method()));
      }
    }
    boolean serves = adapters.servesOthers() || later.stream().anyMatch(adapters::serves);
    if (serves && StreamMethods.runsModel(newStreams.method(), newStreams.methodSettings())) {
      reader.problem("new-streams", unservable(newStreams.method()));
    }
  }

  /** What a method has learned from inputs comes back only from inputs. */
  private void requireReplayable(List<ServeFile.Stream> streams, StreamCatalog.Rules newStreams) {
    boolean any = StreamMethods.runsModel(newStreams.method(), newStreams.methodSettings());
    for (ServeFile.Stream stream : streams) {
      any |= StreamMethods.runsModel(stream.method(), stream.settings());
    }
    if (any) {
      reader.problem(
          "journal-settings",
          "expected payload = input, as methods of streams or new-streams learn from inputs, found features");
    }
  }

  private static String unservable(String method) {
    return "method %s runs the frozen model itself, so that no adapter can serve beside it (adapters, learner.shadow)"
        .formatted(method);
  }

  private RuntimeSettings runtime(SettingsReader model) {
    Config given = reader.object("runtime");
    List<String> elsewhere = new ArrayList<>(SOURCES);
    elsewhere.add("outputs");
    for (String key : elsewhere) {
      if (given.hasPath(key)) {
        reader.problem(given.getValue(key).origin(), "runtime." + key, "stands under model");
      }
    }
    SettingsReader outputs = model.child("outputs");
    outputs.rejectUnknown();
    Config all = with(given, "outputs.logits", outputs.text("logits"));
    all = with(all, "outputs.features", outputs.text("features"));
    for (String key : SOURCES) {
      if (!model.text(key).isEmpty()) {
        all = with(all, key, files.required(model, key).toString());
      }
    }
    if (given.hasPath(PASSIVATION) && !given.getString(PASSIVATION).isEmpty()) {
      all = with(all, PASSIVATION, files.resolve(given.getString(PASSIVATION)).toString());
    }
    return RuntimeSettings.read(reader.of(all, RuntimeSettings.defaultConfig(), "runtime"));
  }

  private static Config with(Config config, String key, String value) {
    return config.withValue(key, ConfigValueFactory.fromAnyRef(value));
  }

  private List<ServeFile.Stream> streams() {
    List<ServeFile.Stream> streams = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (ConfigValue value : reader.list("streams")) {
      if (!(value instanceof ConfigObject object)) {
        reader.problem(value.origin(), "streams", "expected { id = NAME, method = NAME }");
        continue;
      }
      SettingsReader names = reader.of(object.toConfig(), STREAM, "streams");
      String id = names.text("id");
      String method = names.text("method");
      if (!StreamCatalog.isId(id) || !taken.add(id)) {
        reader.problem(
            value.origin(), "streams", "expected an id of its own for each, found '" + id + "'");
      }
      Config settings = object.toConfig().withoutPath("id").withoutPath("method");
      StreamMethods.require(reader, value.origin(), "streams." + id, method, settings);
      streams.add(new ServeFile.Stream(id, method, settings));
    }
    return streams;
  }
}
