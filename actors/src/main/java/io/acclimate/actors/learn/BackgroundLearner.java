package io.acclimate.actors.learn;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.OverCapacityException;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.store.BankView;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.FolderLock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from labelled samples in the background and lets what it learned serve once it has passed
 * the {@link PromotionGate}: the bank's adapter of the settings' name is then the new one, and
 * whoever serves with it takes it from the next batch on.
 *
 * <p>Thread-safe. Works on threads of its own, within the budget of its settings; a prediction
 * never waits for it. Samples are on the disk once they are acknowledged, and a learner that was
 * killed goes on where it was. Closing saves the state.
 */
public final class BackgroundLearner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundLearner.class);
  private static final int MOST_CALLS = 256;
  private static final long CLOSE_SECONDS = 60;

  private final LearnerParts parts;
  private final LearnerSettings settings;
  private final ActorSystem<Void> system;
  private final ActorRef<LearnerActor.Command> learner;
  private final Semaphore calls = new Semaphore(MOST_CALLS);
  private final Set<CompletableFuture<?>> underWay = ConcurrentHashMap.newKeySet();
  private final CompletableFuture<Void> ended;
  private volatile boolean closed;

  /** Why the learner is being opened anew; null while it is open. */
  private volatile RuntimeException failure;

  /**
   * @param locks given back when the learner's threads have ended
   */
  private BackgroundLearner(
      LearnerParts parts, LearnerSettings settings, BooleanSupplier idle, List<FolderLock> locks) {
    this.parts = parts;
    this.settings = settings;
    CompletableFuture<ActorRef<LearnerActor.Command>> started = new CompletableFuture<>();
    LearnerParts guarded = parts.withListener(event -> tell(parts.listener(), event));
    this.system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  ActorRef<BankKeeper.Publish> keeper =
                      context.spawn(
                          BankKeeper.create(parts.bank(), settings.adapter()),
                          "bank-keeper",
                          BankKeeper.props());
                  Supplier<LearnerCore> core =
                      () -> {
                        LearnerCore opened =
                            new LearnerCore(
                                guarded, settings, publisher(guarded, settings, keeper));
                        failure = null;
                        return opened;
                      };
                  BooleanSupplier mayWork = settings.onlyWhenIdle() ? idle : () -> true;
                  started.complete(
                      context.spawn(
                          LearnerActor.create(core, settings.cpuShare(), mayWork, this::failed),
                          "learner",
                          LearnerActor.props()));
                  return Behaviors.empty();
                }),
            "acclimate-learner",
            actorSystem());
    this.ended =
        system
            .getWhenTerminated()
            .toCompletableFuture()
            .thenRun(() -> locks.forEach(FolderLock::close));
    this.learner = started.join();
  }

  private static Config actorSystem() {
    Config all = ConfigFactory.load(BackgroundLearner.class.getClassLoader());
    return all.getConfig("acclimate.actor-system").withFallback(all);
  }

  private static AdapterPublisher publisher(
      LearnerParts parts, LearnerSettings settings, ActorRef<BankKeeper.Publish> keeper) {
    return new AdapterPublisher(
        parts.bank(),
        settings,
        parts.modelSha256(),
        change -> {
          BankKeeper.Publish message = new BankKeeper.Publish(change, new CompletableFuture<>());
          keeper.tell(message);
          return join(message.published());
        });
  }

  private static <T> T join(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static void tell(LearnerListener listener, LearnerEvent event) {
    try {
      listener.on(event);
    } catch (RuntimeException | Error e) {
      LOG.warn("a listener of the learner failed on {}", event, e);
    }
  }

  /**
   * Starts a learner that goes on where the one before in the same folder has stopped.
   *
   * @throws io.acclimate.runtime.AcclimateException when the folder or the bank belongs to another
   *     method or model, another learner is at work in the folder or publishes the same adapter, or
   *     the method cannot learn in the background
   */
  public static BackgroundLearner start(LearnerParts parts, LearnerSettings settings) {
    return start(parts, settings, () -> true);
  }

  /**
   * Starts a learner.
   *
   * @param idle whether no prediction is under way, for {@code only-when-idle}; asked on the
   *     learner's thread
   */
  public static BackgroundLearner start(
      LearnerParts parts, LearnerSettings settings, BooleanSupplier idle) {
    List<FolderLock> locks = locks(parts, settings);
    try {
      AdapterPublisher check =
          new AdapterPublisher(parts.bank(), settings, parts.modelSha256(), parts.bank()::publish);
      LearnerParts silent = parts.withListener(LearnerListener.NONE);
      new LearnerCore(silent, settings, check).close();
      return new BackgroundLearner(parts, settings, idle, locks);
    } catch (RuntimeException e) {
      locks.forEach(FolderLock::close);
      throw e;
    }
  }

  /** Nobody else learns in the folder, or publishes the adapter. */
  private static List<FolderLock> locks(LearnerParts parts, LearnerSettings settings) {
    FolderLock folder = FolderLock.take("learner", parts.folder());
    if (settings.shadow()) {
      return List.of(folder);
    }
    try {
      return List.of(folder, parts.bank().claim(settings.adapter()));
    } catch (RuntimeException e) {
      folder.close();
      throw e;
    }
  }

  /**
   * Hands labelled samples in for the open task.
   *
   * @param inputs a tensor for each input of the model, {@code [rows, ...]}; must not be changed
   *     until they are acknowledged
   * @param labels the class of each row, from 0
   * @return the number of the task, once the samples are on the disk; or, as the stage's failure,
   *     {@link io.acclimate.runtime.AcclimateException} for samples that do not fit, {@link
   *     OverCapacityException} when too many wait, {@link IllegalStateException} after close
   */
  public CompletionStage<Long> offer(Map<String, Tensor> inputs, int[] labels) {
    LabelledBatch batch;
    try {
      batch = new LabelledBatch(inputs, labels);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
    return call(core -> core.intake().offer(batch));
  }

  /**
   * Ends the open task: it gets no more samples and is learned.
   *
   * @param name what reports call it
   * @return the number of the task, once that is on the disk
   */
  public CompletionStage<Long> endTask(String name) {
    return call(core -> core.intake().endTask(name));
  }

  /** Where the learner stands. */
  public CompletionStage<LearnerStatus> status() {
    return call(LearnerCore::status);
  }

  /**
   * Says whether predictions that were made with an adapter were right; when too many of the last
   * ones were not, the adapter is taken back.
   *
   * @return completed when it is taken in
   */
  public CompletionStage<Void> feedback(AdapterRef adapter, boolean[] correct) {
    return call(
        core -> {
          core.feedback(adapter, correct);
          return null;
        });
  }

  /**
   * Lets what served in a version of the bank serve again, older or newer than the current one, as
   * a new version. The learner is what it was then; a task under way is begun anew.
   *
   * @return what serves from now on, once that is on the disk; or, as the stage's failure, {@link
   *     io.acclimate.runtime.AcclimateException} when the bank has no such version, or in shadow
   *     mode
   */
  public CompletionStage<PublishedVersion> rollback(long version) {
    return call(
        core -> {
          core.rollback(version);
          return current();
        });
  }

  /** The current version of the bank. */
  public PublishedVersion current() {
    BankView view = parts.bank().current();
    return version(view, view.version());
  }

  /**
   * The versions of the bank with what serves in each, the newest first.
   *
   * @param most how many at most
   */
  public List<PublishedVersion> versions(int most) {
    long current = parts.bank().current().version();
    List<Long> numbers = new ArrayList<>(parts.bank().versions());
    Collections.reverse(numbers);
    return numbers.stream()
        .limit(most)
        .map(number -> version(parts.bank().view(number), current))
        .toList();
  }

  private PublishedVersion version(BankView view, long current) {
    return PublishedVersion.of(view, settings.adapter(), view.version() == current);
  }

  /** Nobody waits for a learner that may be opened anew at a late time: callers hear of it. */
  private void failed(RuntimeException cause) {
    failure = cause;
    underWay.forEach(answer -> answer.completeExceptionally(beingOpened()));
  }

  private IllegalStateException beingOpened() {
    return new IllegalStateException("the learner has failed and is being opened anew", failure);
  }

  private <T> CompletionStage<T> call(Function<LearnerCore, T> question) {
    if (closed) {
      return CompletableFuture.failedFuture(new IllegalStateException("the learner is closed"));
    }
    if (failure != null) {
      return CompletableFuture.failedFuture(beingOpened());
    }
    if (!calls.tryAcquire()) {
      return CompletableFuture.failedFuture(
          new OverCapacityException(
              MOST_CALLS + " calls of the learner are under way, no more fit"));
    }
    CompletableFuture<T> answer = new CompletableFuture<>();
    underWay.add(answer);
    answer.whenComplete(
        (value, error) -> {
          underWay.remove(answer);
          calls.release();
        });
    learner.tell(new LearnerActor.Call(core -> answer(core, question, answer)));
    if (failure != null) { // it has failed while the call was on its way
      answer.completeExceptionally(beingOpened());
    }
    return answer;
  }

  private static <T> void answer(
      LearnerCore core, Function<LearnerCore, T> question, CompletableFuture<T> answer) {
    if (answer.isDone()) {
      return; // the caller was told that nothing comes of it
    }
    try {
      answer.complete(question.apply(core));
    } catch (RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  /** Saves the state in mid-task and ends the threads. Closing twice does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    system.terminate();
    try {
      ended.get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.error("the learner did not end as it should; it goes on from its last snapshot", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    underWay.forEach(
        answer ->
            answer.completeExceptionally(
                new IllegalStateException("the learner was closed before this was done")));
  }
}
