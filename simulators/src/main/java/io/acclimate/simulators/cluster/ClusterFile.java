package io.acclimate.simulators.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.cluster.ClusterSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.io.InputFiles;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.ScenarioFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A node of a cluster and what it asks.
 *
 * @param model the ONNX file
 * @param modelOptions where the model runs
 * @param runtime settings of the node's runtime
 * @param cluster settings of the node
 * @param data where samples come from
 * @param nodes how many nodes the file has
 * @param node which of them this is, from 1
 * @param load what is asked
 */
public record ClusterFile(
    Path model,
    ModelOptions modelOptions,
    RuntimeSettings runtime,
    ClusterSettings cluster,
    DataSource data,
    int nodes,
    int node,
    Load load) {

  /**
   * What all nodes ask together.
   *
   * @param streams the number of streams
   * @param method the method of all of them
   * @param batchSize samples of a batch
   * @param intervalMillis the time between two batches of a stream
   */
  public record Load(int streams, String method, int batchSize, int intervalMillis) {}

  /**
   * Reads a file.
   *
   * @param overrides settings from the command line, each {@code key=value}
   * @param node which of the file's nodes it is read for, from 1
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static ClusterFile load(Path file, List<String> overrides, int node) {
    InputFiles.requireFile(file);
    Config parsed;
    try {
      parsed = Overrides.apply(ConfigFactory.parseFile(file.toFile()), overrides).resolve();
    } catch (ConfigException e) {
      throw new AcclimateException("cluster file " + file + ": " + e.getMessage(), e);
    }
    Config defaults =
        ConfigFactory.defaultReference(ClusterFile.class.getClassLoader())
            .getConfig("acclimate.clustering");
    SettingsReader reader = new SettingsReader(parsed, defaults, "");
    ClusterFile read = read(reader, new ScenarioFiles(file), node);
    reader.throwIfAny("cluster file " + file);
    return read;
  }

  private static ClusterFile read(SettingsReader reader, ScenarioFiles files, int node) {
    reader.rejectUnknown();
    SettingsReader model = reader.child("model");
    model.rejectUnknown();
    List<String> nodes =
        reader.list("nodes").stream().map(value -> String.valueOf(value.unwrapped())).toList();
    if (node < 1 || node > nodes.size()) {
      reader.problem("nodes", "expected one for --node %d, found %s".formatted(node, nodes));
    }
    SettingsReader load = reader.child("load");
    load.rejectUnknown();
    return new ClusterFile(
        files.required(model, "path"),
        ScenarioFiles.modelOptions(model),
        runtime(model, files),
        cluster(reader, files, nodes, node),
        files.data(reader.child("data")),
        nodes.size(),
        node,
        new Load(
            load.integer("streams", 1, 100_000),
            load.text("method"),
            load.integer("batch-size", 1, 4096),
            load.integer("interval-millis", 10, 3_600_000)));
  }

  private static RuntimeSettings runtime(SettingsReader model, ScenarioFiles files) {
    SettingsReader outputs = model.child("outputs");
    outputs.rejectUnknown();
    return RuntimeSettings.defaults()
        .forModel(
            outputs.text("logits"),
            outputs.text("features"),
            given(model, files, "source-statistics"),
            given(model, files, "source-fisher"),
            given(model, files, "source-consistency"),
            given(model, files, "source-label-shift"));
  }

  private static Optional<Path> given(SettingsReader model, ScenarioFiles files, String key) {
    return model.text(key).isEmpty() ? Optional.empty() : Optional.of(files.required(model, key));
  }

  private static ClusterSettings cluster(
      SettingsReader reader, ScenarioFiles files, List<String> nodes, int node) {
    Config given = reader.object("cluster");
    for (String key : List.of("host", "port", "seeds")) {
      if (given.hasPath(key)) {
        reader.problem(given.getValue(key).origin(), "cluster." + key, "follows from nodes");
      }
    }
    if (given.hasPath("folder") && !given.getString("folder").isEmpty()) {
      String folder = files.resolve(given.getString("folder")).toString();
      given = given.withValue("folder", ConfigValueFactory.fromAnyRef(folder));
    }
    String own = node >= 1 && node <= nodes.size() ? nodes.get(node - 1) : "";
    int colon = Math.max(own.lastIndexOf(':'), 0);
    given =
        given
            .withValue("host", ConfigValueFactory.fromAnyRef(own.substring(0, colon)))
            .withValue("port", ConfigValueFactory.fromAnyRef(own.substring(colon).replace(":", "")))
            .withValue("seeds", ConfigValueFactory.fromIterable(nodes));
    return ClusterSettings.read(reader.of(given, ClusterSettings.defaultConfig(), "cluster"));
  }
}
