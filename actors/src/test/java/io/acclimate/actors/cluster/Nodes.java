package io.acclimate.actors.cluster;

import akka.cluster.sharding.ClusterSharding;
import akka.cluster.sharding.ShardRegion;
import akka.pattern.Patterns;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.commons.rng.UniformRandomProvider;

/** What tests of nodes share. */
public final class Nodes {
  /** Only so that a hang ends. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private Nodes() {}

  /** A tiny model of three classes. */
  public static FrozenModel model(Path folder) throws IOException {
    return FrozenModel.open(
        TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)));
  }

  /** Settings of a node whose records lie in a folder. */
  public static String settings(Path folder, int port, String more) {
    return "folder = \"%s\", port = %d, lost-after-seconds = 4, retry-millis = 1000, shards = 12, %s"
        .formatted(folder.resolve("records"), port, more);
  }

  /** Reads settings. */
  public static ClusterSettings of(String settings) {
    return ClusterSettings.of(ConfigFactory.parseString(settings));
  }

  static Tensor batch(int number) {
    UniformRandomProvider random = SeedTree.of(number).generator();
    float[] values = new float[8 * 3];
    for (int k = 0; k < values.length; k++) {
      values[k] = 3 * random.nextFloat();
    }
    return Tensor.ofFloats(values, 8, 3);
  }

  /** A stream that is put away and asked again has moved, though to the same node. */
  static void move(ClusterRuntime node, String stream) {
    akka.cluster.sharding.typed.javadsl.ClusterSharding.get(node.system())
        .entityRefFor(ClusterRuntime.STREAMS, stream)
        .tell(new StreamEntity.PutAway());
  }

  /** Waits until streams are given to so many nodes: a node is up a little before that. */
  public static void awaitShares(ClusterRuntime node, int count) {
    var region =
        ClusterSharding.get(node.system().classicSystem())
            .shardRegion(ClusterRuntime.STREAMS.name());
    int found = 0;
    while (found < count) {
      found =
          get(Patterns.ask(region, ShardRegion.getCurrentRegionsInstance(), PATIENCE)
                  .thenApply(ShardRegion.CurrentRegions.class::cast))
              .getRegions()
              .size();
    }
  }

  static <T> T get(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }
}
