package io.acclimate.actors;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one stream; they outlive restarts of its agent. Thread-safe. */
final class StreamCounters {
  final LongAdder batches = new LongAdder();
  final LongAdder samples = new LongAdder();
  final LongAdder learned = new LongAdder();
  final LongAdder forwards = new LongAdder();
  final LongAdder backwards = new LongAdder();
  final LongAdder resets = new LongAdder();
  final LongAdder fallbacks = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder quarantined = new LongAdder();

  StreamStats.Counts snapshot() {
    return new StreamStats.Counts(
        batches.sum(),
        samples.sum(),
        learned.sum(),
        forwards.sum(),
        backwards.sum(),
        resets.sum(),
        fallbacks.sum(),
        rejected.sum(),
        failed.sum(),
        quarantined.sum());
  }
}
