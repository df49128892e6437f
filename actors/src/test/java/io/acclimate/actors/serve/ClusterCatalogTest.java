package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.cluster.ClusterRuntime;
import io.acclimate.actors.cluster.Nodes;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.testing.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes, at each of which clients may open two streams. */
class ClusterCatalogTest {
  private static final StreamCatalog.Rules RULES =
      new StreamCatalog.Rules("default", true, 2, "label-shift-em", ConfigFactory.empty());

  @TempDir Path folder;

  private static Prediction adapt(ServedStream stream) {
    Tensor batch = Tensor.ofFloats(new float[] {1, 5, 0}, 1, 3);
    return stream.adapt(batch).toCompletableFuture().join();
  }

  private static Prediction infer(StreamCatalog at, String stream) {
    return adapt(at.forInference(Optional.of(stream)));
  }

  private ClusterRuntime node(FrozenModel model, int port, int seed) {
    String more = "seeds = [\"127.0.0.1:%d\"]".formatted(seed);
    return ClusterRuntime.start(
        model, RuntimeSettings.defaults(), Nodes.of(Nodes.settings(folder, port, more)));
  }

  @Test
  void closingGivesThePlaceBackAtEveryNode() throws IOException {
    int port = FreePorts.one();
    try (FrozenModel model = Nodes.model(folder);
        ClusterRuntime one = node(model, port, port);
        ClusterRuntime two = node(model, 0, port)) {
      StreamCatalog first = new StreamCatalog(one, RULES);
      StreamCatalog second = new StreamCatalog(two, RULES);
      for (String stream : new String[] {"a", "b"}) {
        infer(first, stream);
        assertEquals(1, infer(second, stream).sequence());
      }
      assertThrows(RefusedException.class, () -> infer(first, "c"));
      first.close(first.require("a")).toCompletableFuture().join();
      assertThrows(RefusedException.class, () -> second.require("a"));
      assertEquals(0, infer(second, "c").sequence());
      assertEquals(0, infer(first, "d").sequence(), "the node that closed it has room");
      first.close(first.require("b")).toCompletableFuture().join();
      assertEquals(0, infer(second, "e").sequence(), "the other node looks when it is full");
      assertEquals(3, one.streams().size() + two.streams().size());
    }
  }

  /** What waits is done before, and a handle of a closed stream says that it is closed. */
  @Test
  void whatIsUnderWayIsAnswered() throws IOException {
    int port = FreePorts.one();
    try (FrozenModel model = Nodes.model(folder);
        ClusterRuntime node = node(model, port, port)) {
      StreamCatalog catalog = new StreamCatalog(node, RULES);
      ServedStream stream = catalog.forInference(Optional.of("a"));
      var answer = stream.adapt(Tensor.ofFloats(new float[] {1, 5, 0}, 1, 3));
      var closed = catalog.close(stream);
      catalog.close(stream).toCompletableFuture().join();
      assertEquals(0, answer.toCompletableFuture().join().sequence());
      closed.toCompletableFuture().join();
      assertEquals(1, stream.fetchStats().toCompletableFuture().join().counts().batches());
      Exception refused = assertThrows(Exception.class, () -> adapt(stream));
      assertTrue(refused.getMessage().contains("stream a is closed"), refused.getMessage());
      assertEquals(0, infer(catalog, "a").sequence());
    }
  }
}
