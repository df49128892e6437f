package io.acclimate.simulators.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.cluster.ClusterSettings;
import io.acclimate.actors.serve.StreamCatalog;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.scenario.DataSource;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.ScenarioFiles;
import io.acclimate.simulators.serve.HttpFront;
import io.acclimate.simulators.serve.StreamMethods;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A node of a cluster and what it asks.
 *
 * @param model the ONNX file
 * @param modelOptions where the model runs
 * @param runtime settings of the node's runtime
 * @param cluster settings of the node
 * @param data where samples come from; empty when nothing is asked
 * @param nodes how many nodes the file has
 * @param node which of them this is, from 1
 * @param load what is asked
 * @param http how the node serves over HTTP, where it does
 * @param httpPort the port of this node for HTTP; empty: the file has none
 */
public record ClusterFile(
    Path model,
    ModelOptions modelOptions,
    RuntimeSettings runtime,
    ClusterSettings cluster,
    Optional<DataSource> data,
    int nodes,
    int node,
    Load load,
    HttpFront http,
    OptionalInt httpPort) {
  private static final int MAX_PORT = 65_535;

  /**
   * What all nodes ask together.
   *
   * @param streams the number of streams; 0: nothing is asked
   * @param method the method of all of them
   * @param batchSize samples of a batch
   * @param intervalMillis the time between two batches of a stream
   */
  public record Load(int streams, String method, int batchSize, int intervalMillis) {
    /** The id of a stream, from 0. */
    String stream(int number) {
      return "stream-" + (number + 1);
    }
  }

  /** What clients can reach over HTTP: the streams of the load, and those that they open. */
  public StreamCatalog catalog(ClusterRuntime node) {
    StreamCatalog streams = http.catalog(node);
    for (int i = 0; i < load.streams(); i++) {
      streams.open(load.stream(i), load.method(), ConfigFactory.empty());
    }
    return streams;
  }

  /**
   * Reads a file.
   *
   * @param overrides settings from the command line, each {@code key=value}
   * @param node which of the file's nodes it is read for, from 1
   * @throws AcclimateException when the file cannot be read or parsed, or has mistakes
   */
  public static ClusterFile load(Path file, List<String> overrides, int node) {
    Config parsed = Overrides.read("cluster file", file, overrides);
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
    Load load = load(reader.child("load"));
    return new ClusterFile(
        files.required(model, "path"),
        ScenarioFiles.modelOptions(model),
        runtime(model, files),
        cluster(reader, files, nodes, node),
        load.streams() == 0 ? Optional.empty() : Optional.of(files.data(reader.child("data"))),
        nodes.size(),
        node,
        load,
        http(reader),
        httpPort(reader, nodes, node));
  }

  private static Load load(SettingsReader load) {
    load.rejectUnknown();
    String method = load.text("method");
    StreamMethods.require(load, "method", method);
    return new Load(
        load.integer("streams", 0, 100_000),
        method,
        load.integer("batch-size", 1, 4096),
        load.integer("interval-millis", 10, 3_600_000));
  }

  private static HttpFront http(SettingsReader reader) {
    Config serve = reader.object("serve");
    if (serve.hasPath("port")) {
      reader.problem(serve.getValue("port").origin(), "serve.port", "stands in http-ports");
    }
    return HttpFront.read(reader);
  }

  /** The port of this node; empty where the file has none. */
  private static OptionalInt httpPort(SettingsReader reader, List<String> nodes, int node) {
    List<Integer> ports = new ArrayList<>();
    for (ConfigValue value : reader.list("http-ports")) {
      boolean port =
          value.unwrapped() instanceof Integer number && number >= 0 && number <= MAX_PORT;
      if (!port) {
        reader.problem(value.origin(), "http-ports", "expected ports, found " + value.unwrapped());
      }
      ports.add(port ? (Integer) value.unwrapped() : 0);
    }
    if (ports.isEmpty()) {
      return OptionalInt.empty();
    }
    if (ports.size() != nodes.size()) {
      reader.problem(
          "http-ports",
          "expected one for each of the %d nodes, found %s".formatted(nodes.size(), ports));
      return OptionalInt.empty();
    }
    return node < 1 || node > ports.size()
        ? OptionalInt.empty()
        : OptionalInt.of(ports.get(node - 1));
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
    // A node that the file does not have is a mistake of its own, and its address none.
    String own = node >= 1 && node <= nodes.size() ? nodes.get(node - 1) : "localhost:0";
    int colon = Math.max(own.lastIndexOf(':'), 0);
    given =
        given
            .withValue("host", ConfigValueFactory.fromAnyRef(own.substring(0, colon)))
            .withValue("port", ConfigValueFactory.fromAnyRef(own.substring(colon).replace(":", "")))
            .withValue("seeds", ConfigValueFactory.fromIterable(nodes));
    return ClusterSettings.read(reader.of(given, ClusterSettings.defaultConfig(), "cluster"));
  }
}
