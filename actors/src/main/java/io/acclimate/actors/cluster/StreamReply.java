package io.acclimate.actors.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.Prediction;
import io.acclimate.actors.ServedAdapter;
import io.acclimate.actors.StreamStats;
import io.acclimate.actors.Timings;
import io.acclimate.tta.AdaptationEvent;
import java.util.List;
import java.util.Optional;

/** What a node answers to a {@link StreamCall}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = StreamReply.Predicted.class, name = "predicted"),
  @JsonSubTypes.Type(value = StreamReply.Judged.class, name = "judged"),
  @JsonSubTypes.Type(value = StreamReply.Snapshot.class, name = "snapshot"),
  @JsonSubTypes.Type(value = StreamReply.Stats.class, name = "stats"),
  @JsonSubTypes.Type(value = StreamReply.Done.class, name = "done"),
  @JsonSubTypes.Type(value = StreamReply.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = StreamReply.Stopped.class, name = "stopped"),
  @JsonSubTypes.Type(value = StreamReply.Later.class, name = "later")
})
sealed interface StreamReply extends ClusterMessage {
  /** The answer to a batch. */
  record Predicted(
      long sequence,
      String stream,
      int size,
      int classes,
      float[] probabilities,
      int[] labels,
      int[] frozenLabels,
      String method,
      String modelSha256,
      ServedAdapter adapter,
      String fallback,
      List<AdaptationEvent> events,
      Timings timings)
      implements StreamReply {

    /**
     * An answer under the number that the batch has over all nodes.
     *
     * @param number the number
     */
    static Predicted of(Prediction answer, long number) {
      return new Predicted(
          number,
          answer.stream(),
          answer.size(),
          answer.classes(),
          answer.probabilities(),
          answer.labels(),
          answer.frozenLabels(),
          answer.method(),
          answer.modelSha256(),
          answer.adapter().orElse(null),
          answer.fallback().orElse(null),
          answer.events(),
          answer.timings());
    }

    Prediction prediction() {
      return new Prediction(
          sequence,
          stream,
          size,
          classes,
          probabilities,
          labels,
          frozenLabels,
          method,
          modelSha256,
          Optional.ofNullable(adapter),
          Optional.ofNullable(fallback),
          events,
          timings);
    }
  }

  /** What became of labels. */
  record Judged(FeedbackOutcome outcome) implements StreamReply {}

  /** What the stream has learned. */
  record Snapshot(byte[] bytes) implements StreamReply {}

  /** How the stream stands. */
  record Stats(StreamStats stats) implements StreamReply {}

  /**
   * Done.
   *
   * @param node where the stream lives
   */
  record Done(String node) implements StreamReply {}

  /** It cannot be done, and asking again would not help. */
  record Failed(String message) implements StreamReply {}

  /** The stream has failed too often and refuses all calls while it is on its node. */
  record Stopped(String message) implements StreamReply {}

  /** The stream is moving, or has too much to do: to be asked again. */
  record Later(String reason) implements StreamReply {}
}
