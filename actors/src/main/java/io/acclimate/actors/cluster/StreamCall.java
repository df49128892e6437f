package io.acclimate.actors.cluster;

import akka.actor.typed.ActorRef;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;

/**
 * Something asked of a stream, from any node.
 *
 * @param caller who asks: one handle of one node
 * @param number the caller's how many-th call of this stream, from 1; the same when it is sent
 *     again
 * @param method the stream's method
 * @param settings settings over the method's defaults, as HOCON
 * @param work what is asked
 * @param batch the batch of {@link Work#PREDICT} and {@link Work#ADAPT}, the snapshot of {@link
 *     Work#RESTORE}, else null
 * @param labels true labels, or null
 * @param about the id of a prediction for {@link Work#FEEDBACK}, what the stream is to be served
 *     with for {@link Work#SERVE_WITH}, else null
 */
record StreamCall(
    String caller,
    long number,
    String method,
    String settings,
    Work work,
    Batch batch,
    int[] labels,
    String about,
    ActorRef<StreamReply> replyTo)
    implements StreamEntity.Command, ClusterMessage {

  /** What can be asked. */
  enum Work {
    PREDICT,
    ADAPT,
    FEEDBACK,
    FREEZE,
    UNFREEZE,
    RESET,
    SERVE_WITH,
    RESTORE,
    SNAPSHOT,
    CLOSE,
    STATS,
    LOCATE;

    /** Whether it changes nothing, so that it may be done again. */
    boolean reads() {
      return this == SNAPSHOT || this == STATS || this == LOCATE;
    }
  }

  /** A tensor on its way: its raw bytes, little-endian. */
  record Batch(DType type, long[] shape, byte[] bytes) {
    /** The bytes of a snapshot. */
    static Batch ofBytes(byte[] bytes) {
      return new Batch(DType.UINT8, new long[] {bytes.length}, bytes.clone());
    }

    static Batch of(Tensor tensor) {
      return new Batch(tensor.type(), tensor.shape(), tensor.toByteArray());
    }

    Tensor tensor() {
      return Tensor.ofBytes(type, bytes, shape);
    }
  }

  /** A call of the same caller that asks something, without a number yet. */
  StreamCall asking(Work asked, Batch with, int[] withLabels, String subject) {
    return new StreamCall(
        caller, number, method, settings, asked, with, withLabels, subject, replyTo);
  }

  StreamCall numbered(long place) {
    return new StreamCall(caller, place, method, settings, work, batch, labels, about, replyTo);
  }

  StreamCall withReplyTo(ActorRef<StreamReply> to) {
    return new StreamCall(caller, number, method, settings, work, batch, labels, about, to);
  }

  /** About how many bytes it takes as a message, rather too many than too few. */
  long size() {
    long bytes = MessageSize.OVERHEAD + MessageSize.text(method) + MessageSize.text(settings);
    bytes += batch == null ? 0 : batch.bytes().length;
    bytes += labels == null ? 0 : MessageSize.ints(labels.length);
    return bytes + (about == null ? 0 : MessageSize.text(about));
  }
}
