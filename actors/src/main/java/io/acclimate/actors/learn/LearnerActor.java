package io.acclimate.actors.learn;

import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.TimerScheduler;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Gives a {@link LearnerCore} its thread and its budget: between two steps it takes samples in.
 * When the core fails, for instance because the disk is full, it is opened anew from what is on the
 * disk.
 */
final class LearnerActor extends AbstractBehavior<LearnerActor.Command> {
  /** What the learner understands. */
  sealed interface Command permits Call, Work {}

  /** Asks the core for something; must not throw. */
  record Call(Consumer<LearnerCore> question) implements Command {}

  /** Make the next step. */
  record Work() implements Command {}

  private static final Duration IDLE_POLL = Duration.ofMillis(10);
  private static final Duration NOTHING_TO_DO_POLL = Duration.ofMillis(50);
  private static final long SHORTEST_REST_NANOS = 1_000_000;
  private static final Duration FIRST_RESTART = Duration.ofMillis(200);
  private static final Duration LAST_RESTART = Duration.ofSeconds(30);

  private final TimerScheduler<Command> timers;
  private final LearnerCore core;
  private final StepBudget budget;
  private final BooleanSupplier mayWork;
  private final Consumer<RuntimeException> onFailure;
  private long owedNanos;

  static Props props() {
    return DispatcherSelector.fromConfig("learner-dispatcher");
  }

  /**
   * Creates the learner.
   *
   * @param core opens it, also anew
   * @param onFailure is told when it has failed and is to be opened anew
   */
  static Behavior<Command> create(
      Supplier<LearnerCore> core,
      double cpuShare,
      BooleanSupplier mayWork,
      Consumer<RuntimeException> onFailure) {
    Behavior<Command> learner =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers ->
                        new LearnerActor(
                            context,
                            timers,
                            core.get(),
                            new StepBudget(cpuShare),
                            mayWork,
                            onFailure)));
    return Behaviors.supervise(learner)
        .onFailure(SupervisorStrategy.restartWithBackoff(FIRST_RESTART, LAST_RESTART, 0));
  }

  private LearnerActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      LearnerCore core,
      StepBudget budget,
      BooleanSupplier mayWork,
      Consumer<RuntimeException> onFailure) {
    super(context);
    this.timers = timers;
    this.core = core;
    this.budget = budget;
    this.mayWork = mayWork;
    this.onFailure = onFailure;
    context.getSelf().tell(new Work());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Call.class, this::onCall)
        .onMessage(Work.class, work -> onWork())
        .onSignal(PostStop.class, signal -> release())
        .onSignal(PreRestart.class, signal -> release())
        .build();
  }

  private Behavior<Command> onCall(Call call) {
    call.question().accept(core);
    return this;
  }

  private Behavior<Command> onWork() {
    if (!mayWork.getAsBoolean()) {
      timers.startSingleTimer(new Work(), IDLE_POLL);
      return this;
    }
    long start = System.nanoTime();
    boolean worked = step();
    if (!worked) {
      timers.startSingleTimer(new Work(), NOTHING_TO_DO_POLL);
      return this;
    }
    owedNanos += budget.restNanos(System.nanoTime() - start);
    if (owedNanos < SHORTEST_REST_NANOS) {
      getContext().getSelf().tell(new Work());
    } else {
      timers.startSingleTimer(new Work(), Duration.ofNanos(owedNanos));
      owedNanos = 0;
    }
    return this;
  }

  private boolean step() {
    try {
      return core.step();
    } catch (RuntimeException | Error e) {
      // an error that is no exception would end the learner without a word
      RuntimeException failure =
          e instanceof RuntimeException known ? known : new IllegalStateException(e);
      onFailure.accept(failure);
      throw failure;
    }
  }

  private Behavior<Command> release() {
    core.close();
    return this;
  }
}
