package io.acclimate.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.MailboxSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.Props;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.acclimate.runtime.AcclimateException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs the frozen model for all streams, one call after another on a thread of its own. Requests
 * that came in during a call go into the next one together.
 *
 * <p>Its mailbox is the queue. It is bounded by the runtime's capacity: a batch gets a permit
 * before it enters the runtime and gives it back with its answer, so the mailbox cannot overflow.
 *
 * <p>Requests that are served with adapters go into calls of their own, in which each row has its
 * adapter; what is served with the frozen model alone keeps the bits of that.
 *
 * <p>A call that fails is made again for each of its requests alone, so that one bad batch does not
 * take others with it; what then fails again is set aside.
 */
final class ModelServer extends AbstractBehavior<ModelServer.Command> {
  /** How long a wait for more requests lasts before the mailbox is looked at again. */
  private static final long SLICE_NANOS = 50_000;

  /** What the server understands. */
  sealed interface Command permits Infer, Call {}

  /** Asks for one forward pass. */
  record Infer(Request request, ActorRef<StreamCommand> replyTo) implements Command {}

  /** All requests that stood in the mailbox are taken in: time for a call. */
  private record Call() implements Command {}

  private static final Call CALL = new Call();

  private final Listeners listeners;
  private final int maxRows;
  private final int mostAdapters;
  private final long maxDelayNanos;
  private final MicroBatches batches;
  private final WaitingRequests waiting = new WaitingRequests();
  private boolean called;
  private long firstNanos;

  /** Rows that the latest call found waiting: so many may well come again. */
  private int expected;

  static Behavior<Command> create(
      ServedModel model,
      RuntimeSettings settings,
      Listeners listeners,
      Optional<AdapterServing> serving) {
    Behavior<Command> server =
        Behaviors.setup(context -> new ModelServer(context, model, settings, listeners, serving));
    return Behaviors.supervise(server).onFailure(SupervisorStrategy.restart());
  }

  static Props props(int capacity) {
    return DispatcherSelector.fromConfig("inference-dispatcher")
        .withNext(MailboxSelector.bounded(capacity));
  }

  private ModelServer(
      ActorContext<Command> context,
      ServedModel model,
      RuntimeSettings settings,
      Listeners listeners,
      Optional<AdapterServing> serving) {
    super(context);
    this.listeners = listeners;
    this.maxRows = settings.microBatch().maxRows();
    this.maxDelayNanos = settings.microBatch().maxDelay().toNanos();
    this.mostAdapters = serving.map(with -> with.settings().slots()).orElse(0);
    this.batches = new MicroBatches(model, maxRows, serving);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Infer.class, this::onInfer)
        .onMessage(Call.class, message -> onCall())
        .onSignal(PostStop.class, signal -> release())
        .onSignal(PreRestart.class, signal -> giveUp())
        .build();
  }

  private Behavior<Command> onInfer(Infer message) {
    if (waiting.isEmpty()) {
      firstNanos = System.nanoTime();
    }
    waiting.add(message.replyTo(), message);
    callSoon();
    return this;
  }

  /** The call is a message of its own, so that it comes after the requests in the mailbox. */
  private void callSoon() {
    if (!called) {
      called = true;
      getContext().getSelf().tell(CALL);
    }
  }

  private Behavior<Command> onCall() {
    called = false;
    if (waiting.isEmpty()) {
      return this;
    }
    long left = maxDelayNanos - (System.nanoTime() - firstNanos);
    if (waiting.rows() < expected && left > 0) {
      LockSupport.parkNanos(Math.min(left, SLICE_NANOS));
    } else {
      boolean alone = waiting.rows() == waiting.first().request().size();
      expected = alone ? 0 : Math.min(waiting.rows(), maxRows);
      serve();
      firstNanos = System.nanoTime();
    }
    if (!waiting.isEmpty()) {
      callSoon();
    }
    return this;
  }

  private void serve() {
    List<Infer> taken = waiting.take(batches.room(waiting.first().request()), mostAdapters);
    try {
      answer(taken);
    } catch (IllegalStateException e) {
      taken.forEach(message -> fail(message, e, false));
    } catch (RuntimeException | Error e) {
      taken.forEach(this::again);
    }
  }

  private void answer(List<Infer> requests) {
    MicroBatches.Called call = batches.run(requests);
    int rows = 0;
    for (int i = 0; i < requests.size(); i++) {
      Infer message = requests.get(i);
      rows += message.request().size();
      message.replyTo().tell(new StreamCommand.Inferred(message.request(), call.outputs()[i]));
    }
    int filled = rows;
    long nanos = call.outputs()[0].endNanos() - call.outputs()[0].startNanos();
    listeners.tell(
        listener -> listener.inferred(requests.size(), filled, call.rows() - filled, nanos));
  }

  /** The second and last chance of a request whose call has failed. */
  private void again(Infer message) {
    try {
      answer(List.of(message));
    } catch (RuntimeException e) {
      fail(message, e, e instanceof AcclimateException);
    } catch (Error e) { // memory may be short for this call and suffice for the next
      fail(message, new IllegalStateException("the model's call failed: " + e, e), false);
    }
  }

  private static void fail(Infer message, RuntimeException cause, boolean setAside) {
    message.replyTo().tell(new StreamCommand.Failed(message.request(), cause, setAside));
  }

  /** The server that comes next knows nothing of what waits here. */
  private Behavior<Command> giveUp() {
    while (!waiting.isEmpty()) {
      IllegalStateException cause = new IllegalStateException("the model's server failed");
      waiting.take(maxRows, mostAdapters).forEach(message -> fail(message, cause, false));
    }
    return release();
  }

  private Behavior<Command> release() {
    batches.close();
    return this;
  }
}
