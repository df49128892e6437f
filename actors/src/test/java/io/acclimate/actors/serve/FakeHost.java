package io.acclimate.actors.serve;

import com.typesafe.config.Config;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.RuntimeListener;
import io.acclimate.actors.ServedStream;
import io.acclimate.actors.StreamHost;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A host that knows one stream under every id. */
class FakeHost implements StreamHost {
  private final ServedStream stream;

  FakeHost(ServedStream stream) {
    this.stream = stream;
  }

  @Override
  public ServedStream stream(String id, String method, Config methodSettings) {
    return stream;
  }

  @Override
  public CompletionStage<Void> closeStream(String id) {
    return CompletableFuture.completedStage(null);
  }

  @Override
  public List<AdaptiveStream> streams() {
    return List.of();
  }

  @Override
  public boolean sharesStream(String id) {
    return false;
  }

  @Override
  public boolean forgetClosed(String id) {
    return false;
  }

  @Override
  public boolean isReady() {
    return false;
  }

  @Override
  public void addListener(RuntimeListener listener) {}

  @Override
  public void removeListener(RuntimeListener listener) {}
}
