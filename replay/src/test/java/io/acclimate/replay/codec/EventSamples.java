package io.acclimate.replay.codec;

import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.AdapterPublished;
import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.FeedbackReceived;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.event.JournalEvent;
import io.acclimate.replay.event.MethodEvent;
import io.acclimate.replay.event.MethodReset;
import io.acclimate.replay.event.Predicted;
import io.acclimate.replay.event.RecordsOmitted;
import io.acclimate.replay.event.RunStarted;
import io.acclimate.replay.event.SnapshotTaken;
import io.acclimate.replay.event.StateRestored;
import io.acclimate.replay.event.StreamClosed;
import io.acclimate.replay.event.StreamFrozen;
import io.acclimate.replay.event.StreamOpened;
import io.acclimate.replay.event.TaskBoundary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One event of each kind. */
public final class EventSamples {
  private EventSamples() {}

  /** The events by rising code. */
  public static List<JournalEvent> all() {
    List<JournalEvent> events = new ArrayList<>(stored());
    events.add(new StateRestored("camera", "asked for", new byte[] {1, -2, 3}));
    events.add(new StreamFrozen("camera", true));
    events.add(new AdapterUsed("camera", "night", "night@3"));
    return events;
  }

  /** Those that stand in the stored file of version 1. */
  static List<JournalEvent> stored() {
    return List.of(
        new RunStarted("drift", "{\"seed\":1}"),
        new StreamOpened("camera-ä", "lame", "{}", "ab12"),
        new StreamClosed("camera-ä"),
        observed(3),
        new Predicted(
            "camera",
            3,
            "lame",
            "ab12",
            "lora@7",
            42,
            new int[] {1, 2},
            new int[] {1, 0},
            Optional.of(FloatArray.of(new float[] {0.25f, 0.75f, 0.5f, 0.5f}, 2, 2)),
            "lame: 3 is no probability",
            List.of(new MethodEvent("reset", "", "collapse"), new MethodEvent("choice", "a", "b")),
            2,
            1,
            1_234_567),
        new FeedbackReceived("camera", 3, new int[] {1, -1}),
        new AdaptationStep("camera", "tent", 9, 0.1 + 0.2, "cd34"),
        new MethodReset("camera", "collapse"),
        new TaskBoundary("camera", 2, "winter"),
        new AdapterPublished("lora", 7, "winter", "ef56"),
        new SnapshotTaken(11, "0123"),
        new EventsDropped(5, "the disk was full"),
        new RecordsOmitted(2, "expired", true));
  }

  /** A batch of two samples. */
  public static BatchObserved observed(long batch) {
    return new BatchObserved(
        "camera",
        batch,
        2,
        true,
        new int[] {4, 5},
        Optional.of(FloatArray.of(new float[] {1, -0f, Float.MIN_VALUE, 4, 5, 6}, 2, 1, 3)),
        Optional.empty(),
        Optional.of(FloatArray.of(new float[] {7, 8}, 2, 1)));
  }
}
