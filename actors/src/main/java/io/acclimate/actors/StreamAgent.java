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
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationEvent;
import io.acclimate.tta.OutputBatch;
import io.acclimate.tta.Passes;
import io.acclimate.tta.Rows;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.event.Level;

/**
 * One stream: sends its batches to the model, corrects what comes back in the stream's order, and
 * owns the method's state.
 *
 * <p>When the method's guard raises an alarm, the batch is answered with the frozen output and the
 * method goes back to a good state. When the method throws, the supervisor starts the agent anew
 * with a fresh method; other streams do not notice.
 */
final class StreamAgent extends AbstractBehavior<StreamAgent.Command> {
  /** What a stream agent understands. */
  sealed interface Command permits Predict, Inferred, Failed, Reset, BeginDomain, Save, Stop {}

  /** A batch from outside. */
  record Predict(Request request) implements Command {}

  /** The model's answer. */
  record Inferred(Request request, ModelOutput output) implements Command {}

  /** The model could not answer. */
  record Failed(Request request, RuntimeException cause) implements Command {}

  /** Forget what the method has learned. */
  record Reset() implements Command {}

  /** A new domain begins. */
  record BeginDomain() implements Command {}

  /** Hand the method's state to the journal. */
  record Save(CompletableFuture<Void> saved) implements Command {}

  /** The stream is closed. */
  record Stop(CompletableFuture<Void> stopped) implements Command {}

  /** What an agent is made of. */
  record Setup(
      String id,
      String method,
      Supplier<Adaptation> adaptation,
      ServedModel model,
      ActorRef<ModelServer.Infer> server,
      StreamCounters counters,
      StreamRecorder recorder) {}

  private final Setup setup;
  private final Adaptation adaptation;
  private final CorrectionBuffers buffers;
  private Passes countedPasses = Passes.NONE;
  private Passes ownPasses = Passes.NONE;

  static Behavior<Command> create(Setup setup) {
    Behavior<Command> agent = Behaviors.setup(context -> new StreamAgent(context, setup));
    return Behaviors.supervise(agent)
        .onFailure(SupervisorStrategy.restart().withLogLevel(Level.WARN));
  }

  private StreamAgent(ActorContext<Command> context, Setup setup) {
    super(context);
    this.setup = setup;
    this.adaptation = setup.adaptation().get();
    this.buffers = new CorrectionBuffers(setup.model());
    setup.recorder().begin(adaptation);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Predict.class, this::onPredict)
        .onMessage(Inferred.class, this::onInferred)
        .onMessage(Failed.class, this::onFailed)
        .onMessage(Reset.class, message -> onReset())
        .onMessage(BeginDomain.class, message -> onBeginDomain())
        .onMessage(Save.class, this::onSave)
        .onMessage(Stop.class, this::onStop)
        .onSignal(PostStop.class, signal -> release())
        .onSignal(PreRestart.class, signal -> release())
        .build();
  }

  private Behavior<Command> release() {
    adaptation.close();
    return this;
  }

  private Behavior<Command> onPredict(Predict message) {
    setup.counters().forwards.increment();
    setup.server().tell(new ModelServer.Infer(message.request(), getContext().getSelf()));
    return this;
  }

  private Behavior<Command> onInferred(Inferred message) {
    Request request = message.request();
    ModelOutput output = message.output();
    Optional<FloatArray> input = setup.recorder().input(request);
    long start = System.nanoTime();
    Prediction prediction;
    OutputBatch batch;
    try {
      batch = buffers.load(output, request.input(), request.labels());
    } catch (AcclimateException e) {
      String model = setup.model().model().name();
      fail(request, new AcclimateException("model " + model + " answered: " + e.getMessage(), e));
      return this;
    }
    try {
      Optional<String> alarm = correct(request, batch);
      countPasses();
      prediction =
          answer(request, output, buffers.corrected(), start, alarm, adaptation.drainEvents());
    } catch (RuntimeException e) {
      String reason = setup.method() + ": " + e.getMessage();
      List<AdaptationEvent> events =
          List.of(new AdaptationEvent(AdaptationEvent.Kind.RESET, "", reason));
      Prediction frozen =
          answer(request, output, batch.probabilities(), start, Optional.of(reason), events);
      setup.recorder().failed(frozen, reason);
      throw e;
    } finally {
      if (!request.answer().isDone()) {
        fail(request, new IllegalStateException("stream " + setup.id() + " failed on a batch"));
      }
    }
    setup.recorder().answered(request, output, input, prediction, ownPasses);
    setup.recorder().checkpointWhereDue(adaptation);
    return this;
  }

  /** Counts how often the method has run the model for this batch. */
  private void countPasses() {
    ownPasses = adaptation.passes().since(countedPasses);
    countedPasses = adaptation.passes();
    setup.counters().forwards.add(ownPasses.forwards());
    setup.counters().backwards.add(ownPasses.backwards());
  }

  /** Lets the method answer; returns why the answer is the frozen model's, if it is. */
  private Optional<String> correct(Request request, OutputBatch batch) {
    if (request.learn()) {
      return adaptation
          .step(batch, buffers.corrected())
          .map(alarm -> setup.method() + ": " + alarm);
    }
    adaptation.predict(batch, buffers.corrected());
    buffers.requireProbabilities();
    return Optional.empty();
  }

  private Prediction answer(
      Request request,
      ModelOutput output,
      double[] probabilities,
      long start,
      Optional<String> fallback,
      List<AdaptationEvent> events) {
    if (fallback.isPresent()) {
      setup.counters().fallbacks.increment();
    }
    setup
        .counters()
        .resets
        .add(events.stream().filter(e -> e.kind() != AdaptationEvent.Kind.CHOICE).count());
    int classes = setup.model().classes();
    float[] copied = new float[output.size() * classes];
    for (int k = 0; k < copied.length; k++) {
      copied[k] = (float) probabilities[k];
    }
    long end = System.nanoTime();
    Timings timings =
        new Timings(
            output.startNanos() - request.submittedNanos(),
            output.endNanos() - output.startNanos(),
            end - start,
            end - request.submittedNanos());
    setup.counters().batches.increment();
    setup.counters().samples.add(output.size());
    Prediction prediction =
        new Prediction(
            request.sequence(),
            setup.id(),
            output.size(),
            classes,
            copied,
            Rows.argmax(probabilities, output.size(), classes),
            buffers.frozenLabels(),
            setup.method(),
            setup.model().model().sha256(),
            fallback,
            events,
            timings);
    request.answer().complete(prediction);
    return prediction;
  }

  private Behavior<Command> onFailed(Failed message) {
    fail(message.request(), message.cause());
    return this;
  }

  private void fail(Request request, RuntimeException cause) {
    setup.counters().failed.increment();
    request.answer().completeExceptionally(cause);
  }

  private Behavior<Command> onReset() {
    adaptation.reset("asked for");
    setup.recorder().reset("asked for");
    return this;
  }

  private Behavior<Command> onBeginDomain() {
    adaptation.beginDomain();
    setup.recorder().domainBegun();
    return this;
  }

  private Behavior<Command> onSave(Save message) {
    setup.recorder().checkpoint(adaptation);
    message.saved().complete(null);
    return this;
  }

  private Behavior<Command> onStop(Stop message) {
    setup.recorder().closed(adaptation);
    message.stopped().complete(null);
    return Behaviors.stopped();
  }
}
