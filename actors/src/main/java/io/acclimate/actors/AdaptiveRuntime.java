package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves many streams from one frozen model; the way to embed Acclimate.
 *
 * <p>Thread-safe. Bounded everywhere: a batch that does not fit is rejected with an {@link
 * OverCapacityException}. Closing stops the intake, waits for batches under way and ends the
 * actors; the model stays open and belongs to the caller.
 */
public final class AdaptiveRuntime implements StreamHost, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdaptiveRuntime.class);

  /** What the journal may take to reach the disk when it is closed. */
  private static final long JOURNAL_CLOSE_MILLIS = 60_000;

  /** How often idle streams are looked for in the time after which a stream counts as idle. */
  private static final int LOOKS_PER_IDLE_TIME = 4;

  private final RuntimeSettings settings;
  private final ServedModel model;
  private final ActorSystem<Guardian.OpenStream> system;
  private final Map<String, AdaptiveStream> streams = new ConcurrentHashMap<>();
  private final Set<CompletableFuture<Prediction>> underWay = ConcurrentHashMap.newKeySet();
  private final Set<CompletableFuture<?>> commands = ConcurrentHashMap.newKeySet();
  private final Listeners listeners = new Listeners();
  private final Optional<RuntimeJournal> journal;
  private final LearnerHost learning;
  private final Set<CompletableFuture<Void>> ending = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private AdaptiveRuntime(
      FrozenModel model,
      RuntimeSettings settings,
      Optional<RuntimeJournal> journal,
      Optional<AdapterServing> serving) {
    this.settings = settings;
    this.journal = journal;
    this.model = new ServedModel(model, settings);
    this.learning = new LearnerHost(this.model, settings, serving, journal, listeners);
    serving.ifPresent(with -> new ModelCalls(this.model, Optional.of(with)).close());
    ClassLoader loader = AdaptiveRuntime.class.getClassLoader();
    Config all = ConfigFactory.load(loader);
    Config actorSystem = all.getConfig("acclimate.actor-system").withFallback(all);
    this.system =
        ActorSystem.create(
            Guardian.create(this.model, settings, listeners, journal, serving),
            "acclimate",
            actorSystem);
    if (settings.passivation().folder().isPresent()) {
      Duration interval = settings.passivation().idle().dividedBy(LOOKS_PER_IDLE_TIME);
      system
          .scheduler()
          .scheduleAtFixedRate(interval, interval, this::passivateIdle, system.executionContext());
    }
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
    return new AdaptiveRuntime(model, settings, Optional.empty(), Optional.empty());
  }

  /**
   * Starts a runtime that records what happens in a journal, and whose streams go on from what was
   * brought back from it: a stream opened under the id of one that was open when the journal ended
   * has its state.
   *
   * @param journal opened for this model and these settings; closed with the runtime
   * @throws AcclimateException when the model lacks the outputs that the settings name
   */
  public static AdaptiveRuntime start(
      FrozenModel model, RuntimeSettings settings, RuntimeJournal journal) {
    return new AdaptiveRuntime(model, settings, Optional.of(journal), Optional.empty());
  }

  /**
   * Starts a runtime whose streams may be served with adapters of a bank.
   *
   * @param journal where it is recorded what happens, as for {@link #start(FrozenModel,
   *     RuntimeSettings, RuntimeJournal)}; empty for nowhere
   * @throws AcclimateException when the model lacks the outputs that the settings name, or has no
   *     place for adapters
   */
  public static AdaptiveRuntime start(
      FrozenModel model,
      RuntimeSettings settings,
      Optional<RuntimeJournal> journal,
      AdapterServing serving) {
    return new AdaptiveRuntime(model, settings, journal, Optional.of(serving));
  }

  /**
   * Starts learning in the background: from labels that come in for predictions ({@link
   * AdaptiveStream#feedback}), and from samples that are handed to the learner. What it learns
   * serves the streams that ask for its adapter ({@link AdaptiveStream#serveWith}). The learner is
   * closed with the runtime.
   *
   * @param folder what the learner keeps between two lives
   * @throws AcclimateException when the runtime was started without a bank or has a learner
   *     already, or the folder belongs to another learner
   */
  public BackgroundLearner startLearner(LearnerSettings settings, Path folder) {
    return learning.start(settings, folder, underWay::isEmpty);
  }

  LearnerHost learning() {
    return learning;
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
  @Override
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
    adaptation.get().close();
    StreamOpened identity =
        new StreamOpened(
            id,
            method,
            methodSettings.root().render(ConfigRenderOptions.concise()),
            model.model().sha256());
    synchronized (this) {
      requireOpen();
      if (streams.containsKey(id)) {
        throw new AcclimateException("stream '" + id + "' is open already");
      }
      Optional<RuntimeState.Restored> restored =
          journal.flatMap(from -> from.state().take(identity));
      AtomicReference<Adaptation> first =
          new AtomicReference<>(restored.map(RuntimeState.Restored::adaptation).orElse(null));
      Supplier<Adaptation> next =
          () -> Optional.ofNullable(first.getAndSet(null)).orElseGet(adaptation);
      AdaptiveStream stream = open(identity, descriptor, next, restored);
      streams.put(id, stream);
      listeners.tell(listener -> listener.opened(stream));
      return stream;
    }
  }

  private AdaptiveStream open(
      StreamOpened identity,
      MethodDescriptor descriptor,
      Supplier<Adaptation> adaptation,
      Optional<RuntimeState.Restored> restored) {
    String id = identity.stream();
    long nextBatch = restored.map(RuntimeState.Restored::nextBatch).orElse(0L);
    StreamMonitor monitor = new StreamMonitor(model.classes(), settings.recentSamples());
    monitor.freeze(restored.map(RuntimeState.Restored::frozen).orElse(false));
    StreamRecorder recorder =
        new StreamRecorder(journal, identity, descriptor.runsModel(), restored);
    PendingFeedback pending = new PendingFeedback(settings.feedbackPredictions(), nextBatch);
    CompletableFuture<ActorRef<StreamAgent.Command>> opened = new CompletableFuture<>();
    system.tell(
        new Guardian.OpenStream(
            server ->
                new StreamSetup(
                    id,
                    identity.method(),
                    adaptation,
                    model,
                    server,
                    monitor,
                    pending,
                    recorder,
                    listeners,
                    learning.feed(),
                    settings.passivation().folder().map(folder -> new StreamStore(folder, id)),
                    new AtomicReference<>()),
            opened));
    return new AdaptiveStream(
        this,
        opened.join(),
        monitor,
        new InputCheck(id, model.model().singleInput(), model.classes()),
        identity.method(),
        descriptor.needsLabels(),
        descriptor.runsModel(),
        settings.streamCapacity(),
        nextBatch,
        restored.map(RuntimeState.Restored::domains).orElse(0));
  }

  private void passivateIdle() {
    long idle = settings.passivation().idle().toNanos();
    streams.values().forEach(stream -> stream.passivateWhenIdle(idle));
  }

  /** The open stream of this id. */
  public Optional<AdaptiveStream> find(String id) {
    return Optional.ofNullable(streams.get(id));
  }

  /** Always false: a runtime alone shares its streams with nobody. */
  @Override
  public boolean sharesStream(String id) {
    return false;
  }

  /** The open streams, sorted by id. */
  @Override
  public List<AdaptiveStream> streams() {
    return streams.values().stream().sorted(Comparator.comparing(AdaptiveStream::id)).toList();
  }

  /** From here on the listener is told what happens. */
  @Override
  public void addListener(RuntimeListener listener) {
    listeners.add(listener);
  }

  /** The listener is told no more; nothing happens when it is not known. */
  @Override
  public void removeListener(RuntimeListener listener) {
    listeners.remove(listener);
  }

  Listeners listeners() {
    return listeners;
  }

  /** Closes one stream; its id can be used again. Batches under way are still answered. */
  public synchronized void closeStream(String id) {
    AdaptiveStream stream = streams.remove(id);
    if (stream != null) {
      CompletableFuture<Void> stopped = stream.close();
      ending.add(stopped);
      stopped.whenComplete((done, error) -> ending.remove(stopped));
    }
  }

  /** Takes a batch in; null when it may enter, else why not. */
  synchronized RuntimeException enter(CompletableFuture<Prediction> answer) {
    RuntimeException refusal = refusal();
    if (refusal != null) {
      return refusal;
    }
    if (underWay.size() >= settings.capacity()) {
      return new OverCapacityException(
          settings.capacity() + " batches are under way in the runtime, no more fit (capacity)");
    }
    underWay.add(answer);
    return null;
  }

  /** A batch that was taken in is answered. */
  void leave(CompletableFuture<Prediction> answer) {
    underWay.remove(answer);
  }

  /** Takes in what an agent does between two batches; null when it may enter, else why not. */
  synchronized RuntimeException enterCommand(CompletableFuture<?> done) {
    RuntimeException refusal = refusal();
    if (refusal == null) {
      commands.add(done);
      done.whenComplete((value, error) -> commands.remove(done));
    }
    return refusal;
  }

  private RuntimeException refusal() {
    return closed
        ? new IllegalStateException("the runtime is closed")
        : journal.map(to -> to.port().refusal()).orElse(null);
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
    learning.close();
    List<CompletableFuture<?>> last = new ArrayList<>(underWay);
    last.addAll(commands);
    try {
      CompletableFuture.allOf(last.toArray(CompletableFuture[]::new))
          .exceptionally(error -> null)
          .get(settings.drain().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      last.forEach(
          answer ->
              answer.completeExceptionally(
                  new IllegalStateException("the runtime was closed before this was done")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    journal.ifPresent(this::close);
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }

  /** Saves the state of every open stream and closes the journal. */
  private void close(RuntimeJournal to) {
    List<CompletableFuture<Void>> last = new ArrayList<>(ending);
    streams.values().forEach(stream -> last.add(stream.save()));
    try {
      CompletableFuture.allOf(last.toArray(CompletableFuture[]::new))
          .thenCompose(done -> to.port().close())
          .get(settings.drain().toMillis() + JOURNAL_CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.error("the journal was not closed as it should be; it can be resumed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
