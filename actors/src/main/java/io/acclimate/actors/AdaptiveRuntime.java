package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.TensorSpec;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Serves many streams from one frozen model; the way to embed Acclimate.
 *
 * <p>Thread-safe. Bounded everywhere: a batch that does not fit is rejected with an {@link
 * OverCapacityException}. Closing stops the intake, waits for batches under way and ends the
 * actors; the model stays open and belongs to the caller.
 */
public final class AdaptiveRuntime implements AutoCloseable {
  private final RuntimeSettings settings;
  private final ServedModel model;
  private final ActorSystem<Guardian.OpenStream> system;
  private final Map<String, AdaptiveStream> streams = new ConcurrentHashMap<>();
  private final Set<CompletableFuture<Prediction>> underWay = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private AdaptiveRuntime(FrozenModel model, RuntimeSettings settings) {
    this.settings = settings;
    this.model = new ServedModel(model, settings);
    ClassLoader loader = AdaptiveRuntime.class.getClassLoader();
    Config all = ConfigFactory.load(loader);
    Config actorSystem = all.getConfig("acclimate.actor-system").withFallback(all);
    this.system =
        ActorSystem.create(Guardian.create(this.model, settings), "acclimate", actorSystem);
  }

  /** Starts a runtime with default settings. */
  public static AdaptiveRuntime start(FrozenModel model) {
    return start(model, RuntimeSettings.defaults());
  }

  /**
   * Starts a runtime.
   *
   * @throws AcclimateException when the model lacks the outputs that the settings name
   */
  public static AdaptiveRuntime start(FrozenModel model, RuntimeSettings settings) {
    return new AdaptiveRuntime(model, settings);
  }

  /** Opens a stream with a method and its default settings. */
  public AdaptiveStream stream(String id, String method) {
    return stream(id, method, ConfigFactory.empty());
  }

  /**
   * Opens a stream.
   *
   * @param id a name of the caller's, not in use by another open stream
   * @param method the name of a registered method
   * @param methodSettings settings over the method's defaults
   * @throws AcclimateException for an unknown method, bad settings, an id in use, or when the model
   *     gives less than the method needs
   */
  public AdaptiveStream stream(String id, String method, Config methodSettings) {
    AdaptationFactory factory = AdaptationFactory.of(method, methodSettings);
    MethodDescriptor descriptor = factory.descriptor();
    if (descriptor.needsFeatures() && !model.hasFeatures()) {
      throw new AcclimateException(
          "method %s needs features, but model %s has no output '%s' (outputs.features); it has %s"
              .formatted(
                  method,
                  model.model().name(),
                  settings.featuresOutput(),
                  model.model().outputs().keySet()));
    }
    MethodContext context = model.context(descriptor, id);
    Supplier<Adaptation> adaptation = () -> factory.create(context);
    adaptation.get();
    synchronized (this) {
      requireOpen();
      if (streams.containsKey(id)) {
        throw new AcclimateException("stream '" + id + "' is open already");
      }
      StreamCounters counters = new StreamCounters();
      CompletableFuture<ActorRef<StreamAgent.Command>> opened = new CompletableFuture<>();
      system.tell(new Guardian.OpenStream(id, method, adaptation, counters, opened));
      AdaptiveStream stream =
          new AdaptiveStream(
              id,
              descriptor.needsLabels(),
              this,
              opened.join(),
              counters,
              settings.streamCapacity());
      streams.put(id, stream);
      return stream;
    }
  }

  /** Closes one stream; its id can be used again. Batches under way are still answered. */
  public synchronized void closeStream(String id) {
    AdaptiveStream stream = streams.remove(id);
    if (stream != null) {
      stream.close();
    }
  }

  /** Takes a batch in; null when it may enter, else why not. */
  synchronized RuntimeException enter(CompletableFuture<Prediction> answer) {
    if (closed) {
      return new IllegalStateException("the runtime is closed");
    }
    if (underWay.size() >= settings.capacity()) {
      return new OverCapacityException(
          settings.capacity() + " batches are under way in the runtime, no more fit (capacity)");
    }
    underWay.add(answer);
    answer.whenComplete((prediction, error) -> underWay.remove(answer));
    return null;
  }

  TensorSpec inputSpec() {
    return model.model().singleInput();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the runtime is closed");
    }
  }

  /** Stops the intake, waits for batches under way, ends the actors. Closing twice does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    CompletableFuture<Void> drained =
        CompletableFuture.allOf(underWay.toArray(CompletableFuture[]::new));
    try {
      drained.exceptionally(error -> null).get(settings.drain().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      underWay.forEach(
          answer ->
              answer.completeExceptionally(
                  new IllegalStateException("the runtime was closed before this batch was done")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
