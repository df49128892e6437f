package io.acclimate.actors;

import io.acclimate.replay.codec.BodyReader;
import io.acclimate.replay.codec.BodyWriter;
import io.acclimate.runtime.ContentHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One stream's saved state.
 *
 * @param id the stream
 * @param method its method
 * @param settings the method's settings over its defaults, as JSON
 * @param modelSha256 the frozen model
 * @param nextBatch the number of its next batch
 * @param domains how many domains were begun after the first
 * @param frozen whether it learns no more
 * @param adapters what it is served with and has learned from
 * @param sequence the first record of the journal that is not in the state
 * @param state bytes of the method's state
 */
record StreamState(
    String id,
    String method,
    String settings,
    String modelSha256,
    long nextBatch,
    int domains,
    boolean frozen,
    AdapterUse adapters,
    long sequence,
    byte[] state) {

  /** The same state at another place of the journal. */
  StreamState at(long other) {
    return new StreamState(
        id, method, settings, modelSha256, nextBatch, domains, frozen, adapters, other, state);
  }

  /**
   * All streams as bytes, sorted by id; {@code takenAt} is the place in the journal. What they are
   * served with comes at the end, where snapshots of earlier releases have nothing.
   */
  static byte[] writeAll(List<StreamState> states, long takenAt) {
    BodyWriter out = new BodyWriter().wholeNumber(takenAt).integer(states.size());
    for (StreamState state : sorted(states)) {
      state.write(out.wholeNumber(state.sequence));
    }
    for (StreamState state : sorted(states)) {
      state.writeAdapters(out);
    }
    return out.toBytes();
  }

  private void write(BodyWriter out) {
    out.text(id).text(method).text(settings).text(modelSha256);
    out.wholeNumber(nextBatch).integer(domains).flag(frozen).bytes(state);
  }

  private void writeAdapters(BodyWriter out) {
    out.text(adapters.chosen()).text(adapters.learned());
  }

  private StreamState withAdapters(AdapterUse other) {
    return new StreamState(
        id, method, settings, modelSha256, nextBatch, domains, frozen, other, sequence, state);
  }

  /** Reads the streams that follow {@code takenAt}. */
  static List<StreamState> readAll(BodyReader in) {
    int count = in.integer();
    List<StreamState> states = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long sequence = in.wholeNumber();
      states.add(
          new StreamState(
              in.text(),
              in.text(),
              in.text(),
              in.text(),
              in.wholeNumber(),
              in.integer(),
              in.flag(),
              AdapterUse.NONE,
              sequence,
              in.bytes()));
    }
    if (in.remaining() > 0) {
      states.replaceAll(state -> state.withAdapters(new AdapterUse(in.text(), in.text())));
    }
    return states;
  }

  /**
   * SHA-256 of what the streams are, wherever they stand in the journal. Streams that have nothing
   * to do with adapters have the hash that they had before there were any.
   */
  static String hash(List<StreamState> states) {
    BodyWriter out = new BodyWriter();
    for (StreamState state : sorted(states)) {
      state.write(out);
      if (!state.adapters.equals(AdapterUse.NONE)) {
        state.writeAdapters(out);
      }
    }
    return ContentHash.sha256(out.toBytes());
  }

  private static List<StreamState> sorted(List<StreamState> states) {
    return states.stream().sorted(Comparator.comparing(StreamState::id)).toList();
  }
}
