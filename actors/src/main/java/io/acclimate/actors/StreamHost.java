package io.acclimate.actors;

import com.typesafe.config.Config;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Opens streams by their ids: a runtime alone, or the node of a cluster through which all streams
 * of the cluster can be used. Thread-safe.
 */
public interface StreamHost {
  /**
   * A stream with a method.
   *
   * @param id a name of the caller's
   * @param method the name of a registered method
   * @param methodSettings settings over the method's defaults
   * @throws io.acclimate.runtime.AcclimateException for an unknown method, bad settings, or when
   *     the stream cannot be opened with them
   */
  ServedStream stream(String id, String method, Config methodSettings);

  /**
   * Closes a stream and forgets what it has learned. Batches and commands under way are still done,
   * later ones are refused.
   *
   * @return completed when it has ended; at once where this process knows no stream of this id
   */
  CompletionStage<Void> closeStream(String id);

  /** The streams that live in this process, sorted by id. */
  List<AdaptiveStream> streams();

  /**
   * Whether a stream of this id was opened by any of several processes that share their streams;
   * always false where streams are shared with nobody.
   */
  boolean sharesStream(String id);

  /**
   * Forgets a stream that another of the processes has closed with which streams are shared.
   *
   * @return whether one has
   */
  boolean forgetClosed(String id);

  /**
   * Whether batches can be taken in now; not while the disk of the journal is full, and not after
   * close.
   */
  boolean isReady();

  /** From here on the listener is told what happens in this process. */
  void addListener(RuntimeListener listener);

  /** The listener is told no more; nothing happens when it is not known. */
  void removeListener(RuntimeListener listener);
}
