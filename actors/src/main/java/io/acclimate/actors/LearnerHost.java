package io.acclimate.actors;

import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.LearnerParts;
import io.acclimate.actors.learn.LearnerSettings;
import io.acclimate.bank.AdapterRef;
import io.acclimate.replay.event.AdapterPublished;
import io.acclimate.runtime.AcclimateException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a runtime has of adapters and learning: the bank, the learner and its feed. Thread-safe. */
final class LearnerHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerHost.class);

  private final ServedModel model;
  private final RuntimeSettings settings;
  private final Optional<AdapterServing> serving;
  private final Optional<RuntimeJournal> journal;
  private final Listeners listeners;
  private final LearnerFeed feed;
  private Optional<BackgroundLearner> learner = Optional.empty();
  private boolean closed;

  LearnerHost(
      ServedModel model,
      RuntimeSettings settings,
      Optional<AdapterServing> serving,
      Optional<RuntimeJournal> journal,
      Listeners listeners) {
    this.model = model;
    this.settings = settings;
    this.serving = serving;
    this.journal = journal;
    this.listeners = listeners;
    this.feed = new LearnerFeed(model.model().singleInput().name());
  }

  /** Joins labels with inputs for the learner. */
  LearnerFeed feed() {
    return feed;
  }

  /**
   * Starts the learner.
   *
   * @throws AcclimateException when there is no bank, or a learner already
   * @throws IllegalStateException after close
   */
  synchronized BackgroundLearner start(
      LearnerSettings learning, Path folder, BooleanSupplier idle) {
    if (closed) {
      throw new IllegalStateException("the runtime is closed");
    }
    if (serving.isEmpty() || learner.isPresent()) {
      throw new AcclimateException(
          serving.isEmpty()
              ? "expected a runtime that was started with a bank, found one without"
              : "expected a runtime without a learner, found one that has one");
    }
    LearnerParts parts =
        LearnerParts.of(
                model.model(),
                settings.logitsOutput(),
                settings.featuresOutput(),
                learning,
                serving.get().bank(),
                folder)
            .withListener(this::tell);
    BackgroundLearner started = BackgroundLearner.start(parts, learning, idle);
    feed.attach(started, learning.feedbackSamples());
    learner = Optional.of(started);
    return started;
  }

  private void tell(LearnerEvent event) {
    if (event instanceof LearnerEvent.Decided one) {
      one.decision().adapter().ifPresent(ref -> record(ref, one.decision().name()));
    }
    listeners.tell(listener -> listener.learner(event));
  }

  private void record(AdapterRef ref, String task) {
    journal.ifPresent(
        to -> {
          String hash = serving.orElseThrow().bank().view(ref.version()).require(ref.id()).sha256();
          to.port().record(new AdapterPublished(ref.id(), ref.version(), task, hash));
        });
  }

  /**
   * Checks that a stream can be served so.
   *
   * @param runsModel whether the stream's method runs the frozen model itself
   * @throws AcclimateException when it cannot
   */
  void requireServable(String stream, AdapterChoice choice, boolean runsModel) {
    if (choice instanceof AdapterChoice.Frozen) {
      return;
    }
    if (serving.isEmpty() || runsModel) {
      throw new AcclimateException(
          "stream %s cannot be served with %s: %s"
              .formatted(
                  stream,
                  choice,
                  runsModel
                      ? "its method runs the frozen model itself"
                      : "the runtime was started without a bank"));
    }
  }

  /**
   * What a stream is served with while nobody has chosen for it.
   *
   * @throws AcclimateException when it cannot be served so
   */
  AdapterChoice byDefault(String stream, boolean runsModel) {
    AdapterChoice choice =
        serving.map(with -> with.defaults().apply(stream)).orElse(AdapterChoice.FROZEN);
    requireServable(stream, choice, runsModel);
    return choice;
  }

  /** What was chosen for a stream in an earlier life; empty where it cannot be served so now. */
  Optional<AdapterChoice> chosenBefore(String stream, AdapterUse saved, boolean runsModel) {
    try {
      saved.choice().ifPresent(choice -> requireServable(stream, choice, runsModel));
      return saved.choice();
    } catch (AcclimateException e) {
      LOG.warn(e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    feed.attach(null, 0);
    learner.ifPresent(BackgroundLearner::close);
  }
}
