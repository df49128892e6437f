package io.acclimate.actors;

import io.acclimate.replay.event.StreamOpened;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.Adaptation;

/**
 * A stream's learned state together with what it belongs to: loading it under another model, method
 * or settings is refused. Of which adapter's outputs it is is told to the stream's recorder.
 */
record StreamSnapshot(StreamRecorder recorder, Adaptation adaptation) implements Stateful {
  private static final String FORMAT = "stream-snapshot";
  private static final int VERSION = 1;

  /** Snapshots of earlier releases have none: they are of the frozen model's outputs. */
  private static final String ADAPTER = "adapter";

  @Override
  public void save(StateWriter out) {
    StreamOpened stream = recorder.identity();
    out.putInt(FORMAT, VERSION);
    out.putText("method", stream.method());
    out.putText("settings", stream.settings());
    out.putText("model-sha256", stream.modelSha256());
    out.putText(ADAPTER, recorder.learnedFrom());
    out.put("adaptation", adaptation);
  }

  @Override
  public void load(StateReader in) {
    if (!in.has(FORMAT)) {
      throw new AcclimateException("expected the snapshot of a stream, found another state");
    }
    StreamOpened stream = recorder.identity();
    require("version", Integer.toString(VERSION), Integer.toString(in.getInt(FORMAT)));
    require("method", stream.method(), in.getText("method"));
    require("settings", stream.settings(), in.getText("settings"));
    require("model", stream.modelSha256(), in.getText("model-sha256"));
    in.get("adaptation", adaptation);
    recorder.learnsFrom(in.has(ADAPTER) ? in.getText(ADAPTER) : "");
  }

  private static void require(String what, String expected, String found) {
    if (!expected.equals(found)) {
      throw new AcclimateException(
          "snapshot of a stream: expected %s %s, found %s".formatted(what, expected, found));
    }
  }
}
