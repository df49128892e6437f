package io.acclimate.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.settings.SettingsException;
import io.acclimate.runtime.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The settings of a {@link ClusterRuntime}; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.cluster}.
 *
 * @param host the name or address at which other nodes reach this one
 * @param port its port; 0: any that is free
 * @param seeds nodes that are asked to let this one in, each {@code host:port}; empty: this node
 *     begins a cluster of its own
 * @param folder where the streams' records lie, the same for all nodes
 * @param snapshotEvery batches of a stream after which its record is written
 * @param idle how long a stream must have had nothing to do before it leaves the memory
 * @param messageBytes the most bytes of a message
 * @param request how long a call may take, with all its repetitions
 * @param retry after how long without an answer a call is sent again
 * @param join how long joining may take
 * @param lostAfter how long a node must have been out of reach before it counts as lost
 * @param shards the groups in which streams move, the same for all nodes
 */
public record ClusterSettings(
    String host,
    int port,
    List<String> seeds,
    Path folder,
    int snapshotEvery,
    Duration idle,
    int messageBytes,
    Duration request,
    Duration retry,
    Duration join,
    Duration lostAfter,
    int shards) {
  private static final Pattern SEED = Pattern.compile("[A-Za-z0-9._-]+:[0-9]{1,5}");
  private static final int MAX_SECONDS = 3600;

  /**
   * Reads settings over the defaults.
   *
   * @throws SettingsException when there are mistakes; it lists all
   */
  public static ClusterSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "cluster");
    ClusterSettings settings = read(reader);
    reader.throwIfAny("cluster settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(ClusterSettings.class.getClassLoader())
        .getConfig("acclimate.cluster");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static ClusterSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    String folder = reader.text("folder");
    if (folder.isEmpty()) {
      reader.problem("folder", "expected a folder that all nodes share, found none");
    }
    String host = reader.text("host");
    if (host.isEmpty()) {
      reader.problem("host", "expected a name or address, found none");
    }
    return new ClusterSettings(
        host,
        reader.integer("port", 0, 65_535),
        seeds(reader),
        Path.of(folder),
        reader.integer("snapshot-every", 1, 1_000_000),
        seconds(reader, "idle-seconds"),
        reader.integer("message-bytes", 32_768, 64 << 20),
        seconds(reader, "request-seconds"),
        Duration.ofMillis(reader.integer("retry-millis", 100, 600_000)),
        seconds(reader, "join-seconds"),
        seconds(reader, "lost-after-seconds"),
        reader.integer("shards", 1, 10_000));
  }

  private static Duration seconds(SettingsReader reader, String key) {
    return Duration.ofSeconds(reader.integer(key, 1, MAX_SECONDS));
  }

  private static List<String> seeds(SettingsReader reader) {
    List<String> seeds = new ArrayList<>();
    for (ConfigValue value : reader.list("seeds")) {
      String seed = String.valueOf(value.unwrapped());
      if (!SEED.matcher(seed).matches()) {
        reader.problem(value.origin(), "seeds", "expected host:port, found " + seed);
      }
      seeds.add(seed);
    }
    return List.copyOf(seeds);
  }
}
