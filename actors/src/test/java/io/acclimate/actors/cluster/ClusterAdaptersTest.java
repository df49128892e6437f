package io.acclimate.actors.cluster;

import static io.acclimate.actors.cluster.Nodes.batch;
import static io.acclimate.actors.cluster.Nodes.get;
import static io.acclimate.actors.cluster.Nodes.move;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.actors.AdapterChoice;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.ServedAdapter;
import io.acclimate.actors.TinyAdapters;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What streams of a cluster are served with. */
class ClusterAdaptersTest {
  private static final AdapterChoice NIGHT = new AdapterChoice.Latest("night");

  @TempDir Path folder;

  @Test
  void theChoiceMovesWithTheStream() throws IOException {
    TinyAdapters adapters = TinyAdapters.create(folder.resolve("bank"));
    try (FrozenModel model = Nodes.model(folder)) {
      adapters.publish("night", model.sha256(), 2);
      try (ClusterRuntime node =
          ClusterRuntime.start(
              model,
              RuntimeSettings.defaults(),
              Nodes.of(Nodes.settings(folder, 0, "")),
              adapters.serving())) {
        ClusterStream stream = node.stream("camera", "label-shift-em");
        assertEquals(Optional.empty(), get(stream.adapt(batch(0))).adapter());
        assertEquals(AdapterChoice.FROZEN, get(stream.fetchStats()).adapter());
        get(stream.serveWith(NIGHT));
        for (int round = 1; round < 3; round++) {
          assertEquals(NIGHT, get(stream.fetchStats()).adapter());
          Prediction night = get(stream.adapt(batch(round)));
          assertEquals("camera/" + round, night.predictionId());
          assertEquals(
              Optional.of(new ServedAdapter(new AdapterRef("night", 1), 1)), night.adapter());
          move(node, "camera");
        }
        get(stream.serveWith(AdapterChoice.FROZEN));
        move(node, "camera");
        assertEquals(Optional.empty(), get(stream.adapt(batch(3))).adapter());
      }
    }
  }

  @Test
  void aClusterWithoutABankSaysSo() throws IOException {
    try (FrozenModel model = Nodes.model(folder);
        ClusterRuntime node =
            ClusterRuntime.start(
                model, RuntimeSettings.defaults(), Nodes.of(Nodes.settings(folder, 0, "")))) {
      ClusterStream stream = node.stream("camera", "label-shift-em");
      CompletionException error =
          assertThrows(CompletionException.class, () -> get(stream.serveWith(NIGHT)));
      AcclimateException refused = assertInstanceOf(AcclimateException.class, error.getCause());
      assertTrue(refused.getMessage().contains("started without a bank"), "" + refused);
      get(stream.serveWith(AdapterChoice.FROZEN));
    }
  }
}
