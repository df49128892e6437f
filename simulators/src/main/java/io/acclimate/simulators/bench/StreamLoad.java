package io.acclimate.simulators.bench;

import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.actors.AdaptiveStream;
import io.acclimate.actors.Prediction;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Many streams on one runtime, each with one request under way: when it is answered, the stream
 * sends the next.
 */
final class StreamLoad {
  private static final int DIGITS = 3;

  private final List<AdaptiveStream> streams = new ArrayList<>();
  private final List<Tensor> inputs;
  private final Histogram nanos = new ConcurrentHistogram(DIGITS);

  /** One stream for each input, all with {@code frozen}. */
  StreamLoad(AdaptiveRuntime runtime, List<Tensor> inputs) {
    this.inputs = inputs;
    for (int s = 0; s < inputs.size(); s++) {
      streams.add(runtime.stream("stream-" + s, "frozen"));
    }
  }

  /**
   * What a time under load came to.
   *
   * @param perSecond answers per second
   * @param fairness answers of the stream that got the fewest, over those of the one with the most
   */
  record Result(double perSecond, double fairness) {}

  /** Keeps all streams busy for a time. */
  Result run(long millis) {
    AtomicIntegerArray answered = new AtomicIntegerArray(streams.size());
    long start = System.nanoTime();
    long end = start + millis * 1_000_000;
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int s = 0; s < streams.size(); s++) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      ends.add(done);
      next(s, answered, end, done);
    }
    CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).join();
    double seconds = (System.nanoTime() - start) / 1e9;
    long sum = 0;
    int fewest = Integer.MAX_VALUE;
    int most = 0;
    for (int s = 0; s < streams.size(); s++) {
      sum += answered.get(s);
      fewest = Math.min(fewest, answered.get(s));
      most = Math.max(most, answered.get(s));
    }
    return new Result(sum / seconds, (double) fewest / most);
  }

  private void next(
      int stream, AtomicIntegerArray answered, long end, CompletableFuture<Void> done) {
    streams
        .get(stream)
        .adapt(inputs.get(stream))
        .whenComplete(
            (prediction, error) -> {
              if (error != null) {
                done.completeExceptionally(error);
                return;
              }
              count(prediction);
              answered.incrementAndGet(stream);
              if (System.nanoTime() < end) {
                next(stream, answered, end, done);
              } else {
                done.complete(null);
              }
            });
  }

  private void count(Prediction prediction) {
    nanos.recordValue(prediction.timings().totalNanos());
  }

  /** Time from request to answer below which so many percent lie, in milliseconds. */
  double millisAt(double percent) {
    return nanos.getValueAtPercentile(percent) / 1e6;
  }

  /** Forgets the times so far. */
  void forgetTimes() {
    nanos.reset();
  }
}
