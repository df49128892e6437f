package io.acclimate.replay.codec;

import io.acclimate.replay.event.AdaptationStep;
import io.acclimate.replay.event.AdapterPublished;
import io.acclimate.replay.event.AdapterUsed;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.EventsDropped;
import io.acclimate.replay.event.FeedbackReceived;
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
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How each kind of event is written: its code and its fields in order. Codes are never reused. */
final class EventBodies {
  /** One kind of event. */
  record Kind<E extends JournalEvent>(
      int code, Class<E> type, BiConsumer<BodyWriter, E> writer, Function<BodyReader, E> reader) {
    void write(BodyWriter out, JournalEvent event) {
      writer.accept(out, type.cast(event));
    }
  }

  private static final List<Kind<?>> KINDS =
      List.of(
          new Kind<>(
              1,
              RunStarted.class,
              (out, e) -> out.text(e.name()).text(e.settings()),
              in -> new RunStarted(in.text(), in.text())),
          new Kind<>(
              2,
              StreamOpened.class,
              (out, e) ->
                  out.text(e.stream()).text(e.method()).text(e.settings()).text(e.modelSha256()),
              in -> new StreamOpened(in.text(), in.text(), in.text(), in.text())),
          new Kind<>(
              3,
              StreamClosed.class,
              (out, e) -> out.text(e.stream()),
              in -> new StreamClosed(in.text())),
          new Kind<>(
              4,
              BatchObserved.class,
              (out, e) ->
                  out.text(e.stream())
                      .wholeNumber(e.batch())
                      .integer(e.size())
                      .flag(e.learned())
                      .integers(e.labels())
                      .array(e.input())
                      .array(e.logits())
                      .array(e.features()),
              in ->
                  new BatchObserved(
                      in.text(),
                      in.wholeNumber(),
                      in.integer(),
                      in.flag(),
                      in.integers(),
                      in.array(),
                      in.array(),
                      in.array())),
          new Kind<>(5, Predicted.class, EventBodies::write, EventBodies::readPredicted),
          new Kind<>(
              6,
              FeedbackReceived.class,
              (out, e) -> out.text(e.stream()).wholeNumber(e.batch()).integers(e.labels()),
              in -> new FeedbackReceived(in.text(), in.wholeNumber(), in.integers())),
          new Kind<>(
              7,
              AdaptationStep.class,
              (out, e) ->
                  out.text(e.stream())
                      .text(e.method())
                      .wholeNumber(e.step())
                      .number(e.loss())
                      .text(e.stateHash()),
              in ->
                  new AdaptationStep(
                      in.text(), in.text(), in.wholeNumber(), in.number(), in.text())),
          new Kind<>(
              8,
              MethodReset.class,
              (out, e) -> out.text(e.stream()).text(e.reason()),
              in -> new MethodReset(in.text(), in.text())),
          new Kind<>(
              9,
              TaskBoundary.class,
              (out, e) -> out.text(e.stream()).integer(e.task()).text(e.name()),
              in -> new TaskBoundary(in.text(), in.integer(), in.text())),
          new Kind<>(
              10,
              AdapterPublished.class,
              (out, e) ->
                  out.text(e.adapter()).wholeNumber(e.version()).text(e.task()).text(e.sha256()),
              in -> new AdapterPublished(in.text(), in.wholeNumber(), in.text(), in.text())),
          new Kind<>(
              11,
              SnapshotTaken.class,
              (out, e) -> out.wholeNumber(e.sequence()).text(e.stateHash()),
              in -> new SnapshotTaken(in.wholeNumber(), in.text())),
          new Kind<>(
              12,
              EventsDropped.class,
              (out, e) -> out.wholeNumber(e.count()).text(e.reason()),
              in -> new EventsDropped(in.wholeNumber(), in.text())),
          new Kind<>(
              13,
              RecordsOmitted.class,
              (out, e) -> out.wholeNumber(e.from()).text(e.reason()).flag(e.needed()),
              in -> new RecordsOmitted(in.wholeNumber(), in.text(), in.flag())),
          new Kind<>(
              14,
              StateRestored.class,
              (out, e) -> out.text(e.stream()).text(e.reason()).bytes(e.state()),
              in -> new StateRestored(in.text(), in.text(), in.bytes())),
          new Kind<>(
              15,
              StreamFrozen.class,
              (out, e) -> out.text(e.stream()).flag(e.frozen()),
              in -> new StreamFrozen(in.text(), in.flag())),
          new Kind<>(
              16,
              AdapterUsed.class,
              (out, e) -> out.text(e.stream()).text(e.chosen()).text(e.learned()),
              in -> new AdapterUsed(in.text(), in.text(), in.text())));

  private static final Map<Class<?>, Kind<?>> BY_TYPE =
      KINDS.stream().collect(Collectors.toMap(Kind::type, Function.identity()));
  private static final Map<Integer, Kind<?>> BY_CODE =
      KINDS.stream().collect(Collectors.toMap(Kind::code, Function.identity()));

  private EventBodies() {}

  static Kind<?> of(JournalEvent event) {
    return BY_TYPE.get(event.getClass());
  }

  static Kind<?> of(int code) {
    Kind<?> kind = BY_CODE.get(code);
    if (kind == null) {
      throw new DamagedRecordException(
          "expected a kind of event from 1 to %d, found %d".formatted(KINDS.size(), code));
    }
    return kind;
  }

  private static void write(BodyWriter out, Predicted e) {
    out.text(e.stream())
        .wholeNumber(e.batch())
        .text(e.method())
        .text(e.modelSha256())
        .text(e.adapter())
        .wholeNumber(e.steps())
        .integers(e.labels())
        .integers(e.frozenLabels())
        .array(e.probabilities())
        .text(e.fallback())
        .integer(e.events().size());
    e.events().forEach(event -> out.text(event.kind()).text(event.subject()).text(event.reason()));
    out.integer(e.forwards()).integer(e.backwards()).wholeNumber(e.nanos());
  }

  private static Predicted readPredicted(BodyReader in) {
    return new Predicted(
        in.text(),
        in.wholeNumber(),
        in.text(),
        in.text(),
        in.text(),
        in.wholeNumber(),
        in.integers(),
        in.integers(),
        in.array(),
        in.text(),
        readEvents(in),
        in.integer(),
        in.integer(),
        in.wholeNumber());
  }

  private static List<MethodEvent> readEvents(BodyReader in) {
    int count = in.integer();
    List<MethodEvent> events = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      events.add(new MethodEvent(in.text(), in.text(), in.text()));
    }
    return events;
  }
}
