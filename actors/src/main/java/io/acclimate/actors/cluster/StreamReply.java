package io.acclimate.actors.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.acclimate.actors.FeedbackOutcome;
import io.acclimate.actors.Prediction;

/** What a node answers to a {@link StreamCall}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = StreamReply.Predicted.class, name = "predicted"),
  @JsonSubTypes.Type(value = StreamReply.Judged.class, name = "judged"),
  @JsonSubTypes.Type(value = StreamReply.Done.class, name = "done"),
  @JsonSubTypes.Type(value = StreamReply.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = StreamReply.Later.class, name = "later")
})
sealed interface StreamReply extends ClusterMessage {
  /** The answer to a batch. */
  record Predicted(Prediction prediction) implements StreamReply {}

  /** What became of labels. */
  record Judged(FeedbackOutcome outcome) implements StreamReply {}

  /**
   * Done.
   *
   * @param node where the stream lives
   */
  record Done(String node) implements StreamReply {}

  /** It cannot be done, and asking again would not help. */
  record Failed(String message) implements StreamReply {}

  /** The stream is moving, or has too much to do: to be asked again. */
  record Later(String reason) implements StreamReply {}
}
