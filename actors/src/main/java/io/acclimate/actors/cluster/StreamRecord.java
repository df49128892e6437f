package io.acclimate.actors.cluster;

import io.acclimate.actors.AdapterChoice;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Optional;

/** What of a stream lies in the cluster's folder: all that the node needs that has it next. */
final class StreamRecord implements Stateful {
  private static final String FORMAT = "cluster-stream";
  private static final String ADAPTER = "adapter";
  private static final int VERSION = 1;

  private String owner = "";
  private long nextBatch;
  private boolean frozen;
  private Optional<AdapterChoice> adapter = Optional.empty();
  private byte[] snapshot = {};
  private byte[] answers = {};

  /**
   * @param owner the incarnation of the stream that may write
   * @param nextBatch the number of the next batch
   * @param frozen whether the stream learns nothing
   * @param adapter what somebody has chosen that the stream is served with
   * @param snapshot what the stream has learned
   * @param answers the last answer to each caller, as bytes of {@link KeptAnswers}
   */
  static State of(
      String owner,
      long nextBatch,
      boolean frozen,
      Optional<AdapterChoice> adapter,
      byte[] snapshot,
      byte[] answers) {
    StreamRecord record = new StreamRecord();
    record.owner = owner;
    record.nextBatch = nextBatch;
    record.frozen = frozen;
    record.adapter = adapter;
    record.snapshot = snapshot;
    record.answers = answers;
    return State.of(record);
  }

  /**
   * Reads a record.
   *
   * @throws AcclimateException when the state is none
   */
  static StreamRecord read(State state) {
    StreamRecord record = new StreamRecord();
    state.restore(record);
    return record;
  }

  String owner() {
    return owner;
  }

  long nextBatch() {
    return nextBatch;
  }

  boolean frozen() {
    return frozen;
  }

  Optional<AdapterChoice> adapter() {
    return adapter;
  }

  byte[] snapshot() {
    return snapshot;
  }

  byte[] answers() {
    return answers;
  }

  @Override
  public void save(StateWriter out) {
    out.putInt(FORMAT, VERSION);
    out.putText("owner", owner);
    out.putLong("next-batch", nextBatch);
    out.putInt("frozen", frozen ? 1 : 0);
    adapter.ifPresent(choice -> out.putText(ADAPTER, choice.text()));
    out.putTensor("snapshot", Tensor.ofBytes(DType.UINT8, snapshot, snapshot.length));
    out.putTensor("answers", Tensor.ofBytes(DType.UINT8, answers, answers.length));
  }

  @Override
  public void load(StateReader in) {
    if (!in.has(FORMAT) || in.getInt(FORMAT) != VERSION) {
      throw new AcclimateException(
          "expected the record of a cluster's stream, version %d, found another state"
              .formatted(VERSION));
    }
    owner = in.getText("owner");
    nextBatch = in.getLong("next-batch");
    frozen = in.getInt("frozen") != 0;
    adapter =
        in.has(ADAPTER) ? Optional.of(AdapterChoice.parse(in.getText(ADAPTER))) : Optional.empty();
    snapshot = in.getTensor("snapshot").toByteArray();
    answers = in.getTensor("answers").toByteArray();
  }
}
