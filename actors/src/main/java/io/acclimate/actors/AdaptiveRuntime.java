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
import io.acclimate.runtime.io.FolderLock;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Serves many streams from one frozen model; the way to embed Acclimate.
 *
 * <p>Thread-safe. Bounded everywhere: a batch that does not fit is rejected with an {@link
 * OverCapacityException}. Closing stops the intake, waits for batches under way and ends the
 * actors; the model stays open and belongs to the caller.
 */
public final class AdaptiveRuntime implements StreamHost, AutoCloseable {
  /** How often idle streams are looked for in the time after which a stream counts as idle. */
  private static final int LOOKS_PER_IDLE_TIME = 4;

  /** How often a journal that takes no events is tried again. */
  private static final Duration JOURNAL_RETRY = Duration.ofSeconds(1);

  private final RuntimeSettings settings;
  private final ServedModel model;
  private final ActorSystem<Guardian.OpenStream> system;
  private final Map<String, AdaptiveStream> streams = new ConcurrentHashMap<>();
  private final Intake intake;
  private final Listeners listeners = new Listeners();
  private final Optional<RuntimeJournal> journal;
  private final LearnerHost learning;

  /** Nobody else puts idle streams into their folder. */
  private final Optional<FolderLock> idleFolder;

  /** The ends of streams that were closed and are not at their end, with the streams' ids. */
  private final Map<CompletableFuture<Void>, String> ending = new ConcurrentHashMap<>();

  private AdaptiveRuntime(
      FrozenModel model,
      RuntimeSettings settings,
      Optional<RuntimeJournal> journal,
      Optional<AdapterServing> serving) {
    this.settings = settings;
    this.journal = journal;
    this.intake = new Intake(settings, journal.map(RuntimeJournal::port));
    this.model = new ServedModel(model, settings);
    this.learning = new LearnerHost(this.model, settings, serving, journal, listeners);
    serving.ifPresent(with -> new ModelCalls(this.model, Optional.of(with)).close());
    ClassLoader loader = AdaptiveRuntime.class.getClassLoader();
    Config all = ConfigFactory.load(loader);
    Config actorSystem = all.getConfig("acclimate.actor-system").withFallback(all);
    this.idleFolder =
        settings.passivation().folder().map(folder -> FolderLock.take("passivation", folder));
    try {
      this.system =
          ActorSystem.create(
              Guardian.create(this.model, settings, listeners, journal, serving),
              "acclimate",
              actorSystem);
    } catch (Throwable e) { // Akka throws checked exceptions without declaring them
      idleFolder.ifPresent(FolderLock::close);
      throw e;
    }
    if (idleFolder.isPresent()) {
      every(settings.passivation().idle().dividedBy(LOOKS_PER_IDLE_TIME), this::passivateIdle);
    }
    journal.ifPresent(to -> every(JOURNAL_RETRY, () -> to.retry(this::find)));
  }

  private void every(Duration interval, Runnable action) {
    system.scheduler().scheduleAtFixedRate(interval, interval, action, system.executionContext());
  }

  /** Starts a runtime with default settings. */
  public static AdaptiveRuntime start(FrozenModel model) {
    return start(model, RuntimeSettings.defaults());
  }

  /**
   * Starts a runtime.
   *
   * @throws AcclimateException when the model lacks the outputs that the settings name, or another
   *     runtime has the passivation's folder, or it cannot be written to
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
    return learning.start(settings, folder, intake::isIdle);
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
    journal.ifPresent(to -> to.requireReplayable(id, descriptor));
    AdapterChoice byDefault = learning.byDefault(id, descriptor.runsModel());
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
      intake.requireOpen();
      if (streams.containsKey(id)) {
        throw new AcclimateException("stream '" + id + "' is open already");
      }
      Optional<RuntimeState.Restored> restored = journal.flatMap(from -> from.take(identity));
      AtomicReference<Adaptation> first =
          new AtomicReference<>(restored.map(RuntimeState.Restored::adaptation).orElse(null));
      Supplier<Adaptation> next =
          () -> Optional.ofNullable(first.getAndSet(null)).orElseGet(adaptation);
      AdaptiveStream stream = open(identity, descriptor, next, restored, byDefault);
      streams.put(id, stream);
      listeners.tell(listener -> listener.opened(stream));
      return stream;
    }
  }

  private AdaptiveStream open(
      StreamOpened identity,
      MethodDescriptor descriptor,
      Supplier<Adaptation> adaptation,
      Optional<RuntimeState.Restored> restored,
      AdapterChoice byDefault) {
    String id = identity.stream();
    long nextBatch = restored.map(RuntimeState.Restored::nextBatch).orElse(0L);
    StreamMonitor monitor = new StreamMonitor(model.classes(), settings.recentSamples());
    monitor.freeze(restored.map(RuntimeState.Restored::frozen).orElse(false));
    monitor.serveWith(
        restored
            .map(RuntimeState.Restored::adapters)
            .flatMap(saved -> learning.chosenBefore(id, saved, descriptor.runsModel()))
            .orElse(byDefault));
    StreamRecorder recorder =
        new StreamRecorder(journal, identity, descriptor.runsModel(), restored);
    PendingFeedback pending = new PendingFeedback(settings.feedbackPredictions(), nextBatch);
    CompletableFuture<ActorRef<StreamCommand>> opened = new CompletableFuture<>();
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
                    new AtomicReference<>(),
                    new RestartLimit(settings.restarts())),
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

  /** Always false: nobody else closes streams of a runtime alone. */
  @Override
  public boolean forgetClosed(String id) {
    return false;
  }

  /** The open streams, sorted by id. */
  @Override
  public List<AdaptiveStream> streams() {
    return streams.values().stream().sorted(Comparator.comparing(AdaptiveStream::id)).toList();
  }

  @Override
  public boolean isReady() {
    return intake.isReady();
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

  Intake intake() {
    return intake;
  }

  Listeners listeners() {
    return listeners;
  }

  /** Closes one stream; its id can be used again. Batches under way are still answered. */
  @Override
  public synchronized CompletionStage<Void> closeStream(String id) {
    AdaptiveStream stream = streams.remove(id);
    if (stream != null) {
      CompletableFuture<Void> stopped = stream.close();
      ending.put(stopped, id);
      stopped.whenComplete((done, error) -> ending.remove(stopped));
    }
    CompletableFuture<?>[] ends =
        ending.entrySet().stream()
            .filter(entry -> entry.getValue().equals(id))
            .map(Map.Entry::getKey)
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(ends).minimalCompletionStage();
  }

  /**
   * Stops the intake, waits for batches under way, saves the state of every open stream where there
   * is a journal, ends the actors. Closing twice does nothing.
   *
   * @throws RuntimeException the first failure, such as that of a state that cannot be saved or of
   *     the journal's disk; the others are suppressed by it. All the rest is closed all the same
   */
  @Override
  public void close() {
    synchronized (this) { // no stream is opened while the door closes
      if (!intake.close()) {
        return;
      }
    }
    Closing closing = new Closing();
    closing.attempt(learning::close);
    closing.attempt(intake::drain);
    boolean interrupted = Thread.interrupted(); // an interrupted thread's messages are lost
    journal.ifPresent(to -> closing.attempt(() -> to.close(lastStates(), settings.drain())));
    closing.attempt(
        () -> {
          system.terminate();
          system.getWhenTerminated().toCompletableFuture().join();
        });
    idleFolder.ifPresent(lock -> closing.attempt(lock::close));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    closing.finish();
  }

  /** Asks every stream that is open, or was closed just now, for its last state. */
  private Map<CompletableFuture<Void>, String> lastStates() {
    Map<CompletableFuture<Void>, String> last = new LinkedHashMap<>(ending);
    streams().forEach(stream -> last.put(stream.save(), stream.id()));
    return last;
  }
}
