package io.acclimate.actors.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.testing.TinyModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFeedTest {
  @TempDir Path folder;

  /** A second without a message is followed by the next second. */
  @Test
  void goesOnAfterAFailure() throws IOException {
    FailingHost host = new FailingHost();
    Clock clock = new Clock();
    try (FrozenModel model =
        FrozenModel.open(
            TinyModels.linear(folder.resolve("tiny.onnx"), 3, 3, TinyModels.identity(3)))) {
      StreamCatalog streams =
          new StreamCatalog(
              host, new StreamCatalog.Rules("default", true, 4, "frozen", ConfigFactory.empty()));
      LiveFeed feed = new LiveFeed(ModelFace.of(model, "logits", List.of()), streams, 4);
      feed.start(clock);
      for (int second = 1; second <= 4; second++) {
        assertEquals(second, host.asked);
        assertEquals(1, clock.tasks.size(), "the next second is waited for");
        clock.tasks.remove().run();
      }
      feed.close();
      clock.tasks.remove().run();
      assertEquals(0, clock.tasks.size());
    }
  }

  /** Its streams cannot be listed every other time. */
  private static final class FailingHost extends FakeHost {
    private int asked;

    FailingHost() {
      super(null);
    }

    @Override
    public List<AdaptiveStream> streams() {
      asked++;
      if (asked % 2 == 1) {
        throw new IllegalStateException("a stream that fails in test number " + asked);
      }
      return List.of();
    }
  }

  /** Time passes when the test says so. */
  private static final class Clock extends AbstractLifeCycle implements Scheduler {
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    @Override
    public Task schedule(Runnable task, long delay, TimeUnit units) {
      tasks.add(task);
      return () -> tasks.remove(task);
    }
  }
}
