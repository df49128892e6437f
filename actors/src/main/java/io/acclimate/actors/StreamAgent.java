package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.OutputBatch;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.event.Level;

/**
 * One stream: sends its batches to the model, corrects what comes back in the stream's order, and
 * owns the method's state.
 *
 * <p>When the method's guard raises an alarm, the batch is answered with the frozen output and the
 * method goes back to a good state; see {@link StreamMethod} for a method that throws. Should the
 * agent itself fail, the supervisor starts it anew, but not for ever (see {@link RestartLimit});
 * other streams do not notice.
 */
final class StreamAgent extends AbstractBehavior<StreamCommand> {
  /** Why a stream goes on from its last good state. */
  static final String FAILED = "the stream's agent failed";

  private static final String ANOTHER_ADAPTER = "another adapter serves";

  private final StreamSetup setup;
  private final ResidentMethod method;

  /** Null while the stream is idle. */
  private CorrectionBuffers buffers;

  private final Answers answers;

  static Behavior<StreamCommand> create(StreamSetup setup) {
    Behavior<StreamCommand> agent =
        Behaviors.setup(
            context ->
                setup.restarts().begin()
                    ? new StreamAgent(context, setup)
                    : new StoppedStream(context, setup));
    // without a limit Akka does not restart an agent that fails as it begins
    SupervisorStrategy restart =
        SupervisorStrategy.restart()
            .withLimit(Integer.MAX_VALUE, Duration.ofDays(1))
            .withLoggingEnabled(true)
            .withLogLevel(Level.WARN);
    return Behaviors.supervise(agent).onFailure(restart);
  }

  private StreamAgent(ActorContext<StreamCommand> context, StreamSetup setup) {
    super(context);
    this.setup = setup;
    this.method = new ResidentMethod(setup);
    this.answers = new Answers(setup);
  }

  @Override
  public Receive<StreamCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(StreamCommand.Predict.class, this::onPredict)
        .onMessage(StreamCommand.Inferred.class, this::onInferred)
        .onMessage(StreamCommand.Failed.class, this::onFailed)
        .onMessage(StreamCommand.Feedback.class, this::onFeedback)
        .onMessage(StreamCommand.Recorded.class, this::onRecorded)
        .onMessage(
            StreamCommand.Reset.class,
            message -> answer(message.done(), () -> reset(message.reason())))
        .onMessage(
            StreamCommand.BeginDomain.class, message -> answer(message.done(), this::beginDomain))
        .onMessage(
            StreamCommand.Freeze.class,
            message -> answer(message.done(), () -> freeze(message.frozen())))
        .onMessage(
            StreamCommand.ServeWith.class,
            message -> answer(message.done(), () -> setup.recorder().chosen(message.choice())))
        .onMessage(StreamCommand.TakeSnapshot.class, this::onTakeSnapshot)
        .onMessage(
            StreamCommand.Restore.class, message -> answer(message.done(), () -> restore(message)))
        .onMessage(StreamCommand.Save.class, message -> answer(message.done(), method::save))
        .onMessage(
            StreamCommand.Passivate.class, message -> answer(message.done(), this::passivate))
        .onMessage(StreamCommand.CatchUp.class, message -> answer(message.done(), method::catchUp))
        .onMessage(StreamCommand.Stop.class, this::onStop)
        .onSignal(PreRestart.class, signal -> onRestart())
        .onSignal(PostStop.class, signal -> release())
        .build();
  }

  private Behavior<StreamCommand> onPredict(StreamCommand.Predict message) {
    setup.monitor().counters.forwards.increment();
    setup.server().tell(new ModelServer.Infer(message.request(), getContext().getSelf()));
    return this;
  }

  private Behavior<StreamCommand> onInferred(StreamCommand.Inferred message) {
    Request request = message.request();
    ModelOutput output = message.output();
    Optional<FloatArray> input = setup.recorder().input(request);
    long start = System.nanoTime();
    if (buffers == null) {
      buffers = new CorrectionBuffers(setup.model());
    }
    OutputBatch batch;
    try {
      Tensor shown = setup.recorder().needsInput() ? request.input() : null;
      batch = buffers.load(output, shown, request.labels());
    } catch (AcclimateException e) {
      String model = setup.model().model().name();
      return fail(
          request, new AcclimateException("model " + model + " answered: " + e.getMessage(), e));
    }
    boolean learn = request.learn() && !setup.monitor().isFrozen();
    try {
      followAdapter(output, learn);
      StreamMethod.Outcome outcome = method.get().run(batch, buffers, learn);
      Prediction prediction =
          answers.make(request, output, batch, buffers, start, outcome, adaptation());
      setup.pending().add(request.sequence(), prediction.labels(), prediction.frozenLabels());
      answers.count(prediction, learn, outcome, adaptation());
      setup.feed().answered(request.input(), prediction);
      request.answer().complete(prediction);
      record(new Answered(request, output, input, prediction, outcome, learn));
      setup.restarts().passed();
    } catch (RuntimeException | Error e) {
      setup.restarts().failed(e);
      if (!request.answer().isDone()) {
        fail(request, new IllegalStateException("stream " + setup.id() + " failed on a batch", e));
      }
      // an error that is no exception would end the agent without a word, and its callers would
      // hang
      throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
    return this;
  }

  /** What a method has learned of one adapter's output is not of another's. */
  private void followAdapter(ModelOutput output, boolean learn) {
    String adapter = output.served().map(served -> served.ref().toString()).orElse("");
    if (setup.recorder().hasLearnedFromOther(adapter)) {
      reset(ANOTHER_ADAPTER);
    }
    if (learn) {
      setup.recorder().learnsFrom(adapter);
    }
  }

  private record Answered(
      Request request,
      ModelOutput output,
      Optional<FloatArray> input,
      Prediction prediction,
      StreamMethod.Outcome outcome,
      boolean learned) {}

  private void record(Answered answered) {
    StreamRecorder recorder = setup.recorder();
    StreamMethod.Outcome outcome = answered.outcome();
    Prediction prediction = answered.prediction();
    if (outcome.renewed().isPresent()) {
      recorder.setAside(prediction);
      recorder.restored(adaptation(), outcome.renewed().get());
    } else {
      recorder.answered(
          answered.request(),
          answered.learned(),
          answered.output(),
          answered.input(),
          prediction,
          outcome.passes());
    }
    answers.tell(prediction, answered.learned(), outcome);
    recorder.checkpointWhereDue(adaptation());
  }

  private Behavior<StreamCommand> onFailed(StreamCommand.Failed message) {
    Request request = message.request();
    if (message.setAside()) {
      answers.setAside(
          new QuarantinedBatch(setup.id(), request.sequence(), message.cause().getMessage()));
    }
    return fail(request, message.cause());
  }

  private Behavior<StreamCommand> fail(Request request, RuntimeException cause) {
    setup.refuse(request, cause);
    return this;
  }

  /** Carries out what somebody waits for; failing is the caller's business, not the agent's. */
  private Behavior<StreamCommand> answer(CompletableFuture<?> done, Runnable action) {
    try {
      action.run();
      done.complete(null);
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
    return this;
  }

  private Behavior<StreamCommand> onFeedback(StreamCommand.Feedback message) {
    try {
      feedback(message);
    } catch (RuntimeException e) {
      message.done().completeExceptionally(e);
    }
    return this;
  }

  /** Labels are acknowledged when they are where a killed process finds them again. */
  private void feedback(StreamCommand.Feedback message) {
    PendingFeedback.Taken taken = setup.pending().take(message.sequence(), spread(message));
    CompletableFuture<Void> recorded =
        switch (taken.outcome()) {
          case ACCEPTED -> setup.recorder().feedback(message.sequence(), taken.labels());
          case DUPLICATE -> setup.recorder().labels(); // the first ones may be under way still
          default -> CompletableFuture.completedFuture(null);
        };
    ActorRef<StreamCommand> self = getContext().getSelf();
    recorded.whenComplete(
        (done, refusal) -> self.tell(new StreamCommand.Recorded(message, taken, refusal)));
  }

  /** Labels that the journal has refused are new when they come again. */
  private Behavior<StreamCommand> onRecorded(StreamCommand.Recorded message) {
    StreamCommand.Feedback feedback = message.feedback();
    PendingFeedback.Taken taken = message.taken();
    if (message.refusal() != null) {
      setup.pending().giveBack(feedback.sequence(), taken);
      feedback.done().completeExceptionally(message.refusal());
      return this;
    }
    setup.monitor().feedback(taken);
    CompletionStage<FeedbackOutcome> outcome =
        taken.outcome() == FeedbackOutcome.ACCEPTED
            ? setup.feed().labelled(setup.id(), feedback.sequence(), taken.labels())
            : CompletableFuture.completedFuture(taken.outcome());
    String prediction = Prediction.id(setup.id(), feedback.sequence());
    outcome.thenAccept(
        known -> {
          setup.listeners().tell(listener -> listener.feedback(setup.id(), prediction, known));
          feedback.done().complete(known);
        });
    return this;
  }

  /** The labels for all samples of a batch; checked against its size. */
  private int[] spread(StreamCommand.Feedback message) {
    int size = setup.pending().size(message.sequence());
    boolean whole = message.row() < 0;
    if (size < 0 || (whole && message.labels().length == size)) {
      return message.labels();
    }
    if (whole || message.row() >= size) {
      throw new AcclimateException(
          whole
              ? "stream %s, batch %d: expected %d labels, found %d"
                  .formatted(setup.id(), message.sequence(), size, message.labels().length)
              : "stream %s, batch %d: expected a row from 0 to %d, found %d"
                  .formatted(setup.id(), message.sequence(), size - 1, message.row()));
    }
    int[] labels = new int[size];
    Arrays.fill(labels, PendingFeedback.UNKNOWN_LABEL);
    labels[message.row()] = message.labels()[0];
    return labels;
  }

  private void reset(String reason) {
    adaptation().reset(reason);
    setup.recorder().reset(reason);
    setup.listeners().tell(listener -> listener.reset(setup.id(), reason));
  }

  private void beginDomain() {
    if (!setup.monitor().isFrozen()) {
      adaptation().beginDomain();
    }
    setup.recorder().domainBegun();
  }

  private void freeze(boolean frozen) {
    if (setup.monitor().isFrozen() == frozen) {
      return;
    }
    setup.monitor().freeze(frozen);
    setup.recorder().frozen(frozen);
    setup.listeners().tell(listener -> listener.frozen(setup.id(), frozen));
  }

  private Behavior<StreamCommand> onTakeSnapshot(StreamCommand.TakeSnapshot message) {
    try {
      message.done().complete(State.of(method.snapshot()).toBytes());
    } catch (RuntimeException e) {
      message.done().completeExceptionally(e);
    }
    return this;
  }

  private void passivate() {
    method.putAway();
    buffers = null;
  }

  private Adaptation adaptation() {
    return method.get().adaptation();
  }

  private void restore(StreamCommand.Restore message) {
    message.state().restore(method.snapshot());
    String reason = "restored from a snapshot";
    setup.recorder().restored(adaptation(), reason);
    setup.listeners().tell(listener -> listener.reset(setup.id(), reason));
  }

  private Behavior<StreamCommand> onRestart() {
    method.leaveBehind();
    setup.listeners().tell(listener -> listener.restarted(setup.id(), FAILED));
    return this;
  }

  private Behavior<StreamCommand> release() {
    method.close();
    return this;
  }

  private Behavior<StreamCommand> onStop(StreamCommand.Stop message) {
    answer(message.done(), method::end);
    setup.listeners().tell(listener -> listener.closed(setup.id()));
    return Behaviors.stopped();
  }
}
