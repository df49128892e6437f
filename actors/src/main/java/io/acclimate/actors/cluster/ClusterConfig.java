package io.acclimate.actors.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes Akka's settings of a cluster's. */
final class ClusterConfig {
  /** What a frame has beside the message. */
  private static final int FRAME_MARGIN = 65_536;

  /** Shorter pauses are those of a healthy process. */
  private static final long MIN_PAUSE_MILLIS = 3000;

  private ClusterConfig() {}

  static Config of(ClusterSettings settings) {
    Map<String, Object> given = new LinkedHashMap<>();
    given.put("akka.remote.artery.canonical.hostname", settings.host());
    given.put("akka.remote.artery.canonical.port", settings.port());
    given.put(
        "akka.remote.artery.advanced.maximum-frame-size",
        settings.messageBytes() + FRAME_MARGIN + "b");
    given.put("akka.cluster.sharding.number-of-shards", settings.shards());
    given.put(
        "akka.cluster.sharding.passivation.default-idle-strategy.idle-entity.timeout",
        settings.idle().toSeconds() + "s");
    given.put(
        "akka.cluster.failure-detector.acceptable-heartbeat-pause",
        Math.max(MIN_PAUSE_MILLIS, settings.lostAfter().toMillis() / 2) + "ms");
    given.put(
        "akka.cluster.split-brain-resolver.stable-after", settings.lostAfter().toSeconds() + "s");
    Config all = ConfigFactory.load(ClusterConfig.class.getClassLoader());
    return ConfigFactory.parseMap(given)
        .withFallback(all.getConfig("acclimate.cluster-system"))
        .withFallback(all)
        .resolve();
  }
}
