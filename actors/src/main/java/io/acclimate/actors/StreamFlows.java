package io.acclimate.actors;

import akka.NotUsed;
import akka.stream.javadsl.Flow;
import io.acclimate.runtime.Tensor;

/**
 * Streams of data as flows of Akka Streams: a batch in, its prediction out, in order and with
 * back-pressure. The only class of the API that needs Akka; who uses it adds {@code
 * akka-stream-typed} to the dependencies.
 *
 * <p>A flow has as many batches under way as the stream may have ({@code stream-capacity}), so
 * nothing else should use the stream at the same time. A batch that fails, fails the flow; a flow
 * that ends leaves the stream open. Flows are blueprints: thread-safe, but to be run once at a
 * time.
 */
public final class StreamFlows {
  private StreamFlows() {}

  /** A flow of {@link AdaptiveStream#adapt}. */
  public static Flow<Tensor, Prediction, NotUsed> adapt(AdaptiveStream stream) {
    return Flow.of(Tensor.class).mapAsync(stream.capacity(), stream::adapt);
  }

  /** A flow of {@link AdaptiveStream#predict}. */
  public static Flow<Tensor, Prediction, NotUsed> predict(AdaptiveStream stream) {
    return Flow.of(Tensor.class).mapAsync(stream.capacity(), stream::predict);
  }
}
