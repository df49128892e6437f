package io.acclimate.actors.cluster;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.FrozenModel;
import java.nio.file.Path;

/** A node in a process of its own: it lives until its standard input ends. */
final class ClusterChild {
  private ClusterChild() {}

  /** Takes the model's file and the cluster's settings. */
  public static void main(String[] args) throws Exception {
    ClusterSettings settings = ClusterSettings.of(ConfigFactory.parseString(args[1]));
    try (FrozenModel model = FrozenModel.open(Path.of(args[0]));
        ClusterRuntime node = ClusterRuntime.start(model, RuntimeSettings.defaults(), settings)) {
      System.out.println("up " + node.address());
      while (System.in.read() >= 0) {
        // nothing is sent
      }
    }
    System.out.println("left");
  }
}
