package io.acclimate.actors.cluster;

import akka.serialization.Serialization;
import io.acclimate.actors.AdaptiveRuntime;
import io.acclimate.runtime.AcclimateException;
import java.util.concurrent.Executor;

/**
 * What the streams of one node share.
 *
 * @param address the node's host and port
 * @param runtime the node's runtime
 * @param settings the cluster's settings
 * @param io where files are read and written
 * @param serialization how messages become bytes
 */
record ClusterNode(
    String address,
    AdaptiveRuntime runtime,
    ClusterSettings settings,
    Executor io,
    Serialization serialization) {

  byte[] toBytes(KeptAnswers answers) {
    return serialization.serialize(answers).get();
  }

  /**
   * Reads answers that were kept.
   *
   * @throws AcclimateException when the bytes are damaged
   */
  KeptAnswers fromBytes(byte[] bytes) {
    try {
      return serialization.deserialize(bytes, KeptAnswers.class).get();
    } catch (RuntimeException e) {
      throw new AcclimateException(
          "expected kept answers of a stream, found: " + e.getMessage(), e);
    }
  }
}
