package io.acclimate.actors.metrics;

import java.util.List;
import java.util.Locale;

/**
 * Every meter there is. A meter is registered by what feeds it, so one that nothing feeds is not
 * there. {@code docs/metrics.md} has the same table.
 */
public enum RuntimeMeter {
  /** Batches that were answered. */
  BATCHES(
      Kind.COUNTER,
      "batches",
      "batches answered; learned says whether the method was shown them",
      "more traffic",
      "stream",
      "learned"),
  /** Samples that were answered. */
  SAMPLES(Kind.COUNTER, "samples", "samples answered", "more traffic", "stream"),
  /** Time from hop to hop. */
  LATENCY(
      Kind.TIMER,
      "seconds",
      "time of a batch by hop: waiting (how old the message is when the model takes it), inference,"
          + " correction, total",
      "waiting: more comes in than the model can take; inference: larger batches or a busy machine;"
          + " correction: a costly method",
      "hop"),
  /** Model passes. */
  PASSES(
      Kind.COUNTER,
      "passes",
      "runs of the model by direction: forward, and backward for methods that learn by gradients",
      "backward: methods learn more often",
      "stream",
      "direction"),
  /** Calls of the model. */
  CALLS(
      Kind.COUNTER,
      "calls",
      "calls of the model; one may serve the batches of several streams",
      "more traffic; more calls for as many batches: streams share fewer of them"),
  /** Rows of the calls. */
  CALL_ROWS(
      Kind.COUNTER,
      "rows",
      "rows that went through the model: of requests, or only filling a call up; requests over both"
          + " is how full the calls are",
      "filling: batches do not fit the sizes that the model is called with",
      "kind"),
  /** Rejections. */
  REJECTED(
      Kind.COUNTER,
      "batches",
      "batches refused at the door by reason: capacity, or closed",
      "capacity: clients send faster than the model answers; nothing of such a batch is kept",
      "stream",
      "reason"),
  /** Failures. */
  FAILED(
      Kind.COUNTER,
      "batches",
      "batches that were taken in and ended with an error",
      "the model cannot be run, or answers what is no number",
      "stream"),
  /** Fallbacks. */
  FALLBACKS(
      Kind.COUNTER,
      "batches",
      "batches answered with the frozen output in the method's place",
      "the method fails or its guard raises alarms; see the resets",
      "stream"),
  /** Quarantined batches. */
  QUARANTINED(
      Kind.COUNTER,
      "batches",
      "batches set aside because model or method failed on them twice",
      "poisoned input, or a broken method",
      "stream"),
  /** Resets. */
  RESETS(
      Kind.COUNTER,
      "resets",
      "times the method was made new or set back, by cause: caller, protocol, method, guard,"
          + " failure",
      "guard: the method collapses again and again; failure: it throws",
      "stream",
      "cause"),
  /** Restarts of agents. */
  RESTARTS(
      Kind.COUNTER,
      "restarts",
      "times a stream's agent failed and was started anew from its latest good state",
      "a defect: see the log",
      "stream"),
  /** Passivation and revival. */
  PASSIVATIONS(
      Kind.COUNTER,
      "changes",
      "times an idle stream's state went to disk, or came back into memory, by direction: out, in",
      "both alike: runtime.passivation.idle-seconds is too short for the traffic",
      "stream",
      "direction"),
  /** Choices of the gate. */
  CHOICES(
      Kind.COUNTER,
      "changes",
      "times another of several methods began to speak, by the method chosen",
      "the stream's regime changes, or is hard to tell",
      "stream",
      "choice"),
  /** Feedback. */
  FEEDBACK(
      Kind.COUNTER,
      "calls",
      "labels that came in, by outcome: accepted, duplicate, unknown, expired",
      "expired: labels come later than feedback-predictions allows",
      "stream",
      "outcome"),
  /** Accuracy of late. */
  ACCURACY(
      Kind.GAUGE,
      "ratio",
      "share of recent labelled samples that were predicted right; absent without labels",
      "better",
      "stream"),
  /** Entropy of late. */
  ENTROPY(
      Kind.GAUGE,
      "nats",
      "mean entropy of recent answers",
      "the stream moves away from what the model knows; near 0 with wrong answers is collapse",
      "stream"),
  /** Disagreement with the frozen model. */
  DISAGREEMENT(
      Kind.GAUGE,
      "ratio",
      "share of recent answers whose label is not the frozen model's",
      "the method changes more; near 1 it has left the model",
      "stream"),
  /** Estimated label distribution. */
  LABEL_SHARE(
      Kind.GAUGE,
      "ratio",
      "estimate of how often each class comes: the mean of recent answered probabilities",
      "the class comes more often, or the method leans to it",
      "stream",
      "class"),
  /** Drift of the label distribution. */
  LABEL_DRIFT(
      Kind.GAUGE,
      "ratio",
      "total variation between the label distributions of the latest and of the last ten times as"
          + " many samples, 0 to 1",
      "classes come in other shares than before",
      "stream"),
  /** Frozen or not. */
  FROZEN(Kind.GAUGE, "flag", "1 while the stream is told to learn no more", "frozen", "stream"),
  /** The adapter that answers. */
  ADAPTER_VERSION(
      Kind.GAUGE,
      "version",
      "version of the adapter that the latest batch was answered with, 0 for the frozen model;"
          + " there from a stream's first answer with an adapter on",
      "a newer adapter serves; a fall is one that was taken back",
      "stream"),
  /** Adapters taken back. */
  ADAPTER_REVERTS(
      Kind.COUNTER,
      "reverts",
      "times the learner took its adapter back because live predictions fell",
      "what passes the gate does not hold on live samples: see the gate's settings and the probes"),
  /** Steps of the learner. */
  LEARNER_STEPS(
      Kind.COUNTER,
      "steps",
      "steps of the learner in the background by result: learned, or refused because a number was"
          + " not finite",
      "learned: more labels come in; refused: the rate is too high or the samples are wild",
      "result"),
  /** Loss of the learner. */
  LEARNER_LOSS(
      Kind.GAUGE,
      "loss",
      "loss of the latest batch that the learner learned, before its step; its scale is the"
          + " method's",
      "a new task has begun, or learning diverges"),
  /** Decisions on tasks. */
  LEARNER_DECISIONS(
      Kind.COUNTER,
      "decisions",
      "tasks decided on, by verdict (promoted, shadow, refused, diverged, failed) and cause"
          + " (passed, least-accuracy, least-gain, most-forgetting, not-finite, not-learned)",
      "promoted: new adapters serve; refused: the gate keeps candidates out, the cause says by"
          + " which check",
      "verdict",
      "cause"),
  /** Accuracy of candidates. */
  LEARNER_ACCURACY(
      Kind.GAUGE,
      "ratio",
      "accuracy on the held-out samples of the task that the gate decided on last, by model:"
          + " candidate, or served before it",
      "better",
      "model"),
  /** Forgetting on the probes of earlier tasks. */
  LEARNER_FORGETTING(
      Kind.GAUGE,
      "ratio",
      "the most that the accuracy on the probes of an earlier task had lost when the gate decided"
          + " last, below 0 when all of them gained; absent while there are no earlier tasks",
      "learning a task harms earlier ones; above gate.most-forgetting the candidate is refused"),
  /** Open streams. */
  STREAMS(Kind.GAUGE, "streams", "open streams", "more clients"),
  /** Bytes of the journal. */
  JOURNAL_BYTES(
      Kind.GAUGE,
      "bytes",
      "size of the journal's files",
      "without end: no retention is set, or a stream's snapshots do not come"),
  /** Refused requests. */
  HTTP_REFUSED(
      Kind.COUNTER,
      "requests",
      "HTTP requests that were refused, by status",
      "401, 403: somebody without the token; 429, 503: overload; 400, 413: a wrong client",
      "status"),
  /** Open event streams. */
  HTTP_WATCHERS(Kind.GAUGE, "connections", "live pages that are open", "more are watching"),
  /** Direct memory. */
  MEMORY_DIRECT(
      Kind.GAUGE,
      "bytes",
      "memory of direct buffers, where tensors are",
      "without end: tensors are held on to"),
  /** Resident memory. */
  MEMORY_RESIDENT(
      Kind.GAUGE,
      "bytes",
      "memory of the whole process as the system counts it, native memory of ONNX Runtime included;"
          + " Linux only",
      "without end while heap and direct memory are flat: a native leak"),
  /** Open handles. */
  OPEN_HANDLES(
      Kind.GAUGE,
      "handles",
      "open files and connections of the process; Unix only",
      "without end: clients or files are not closed");

  /** How a meter counts. */
  public enum Kind {
    /** Only rises. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** Durations: how many, how long together, and how many under each bound. */
    TIMER
  }

  private final Kind kind;
  private final String unit;
  private final String meaning;
  private final String rise;
  private final List<String> tags;

  RuntimeMeter(Kind kind, String unit, String meaning, String rise, String... tags) {
    this.kind = kind;
    this.unit = unit;
    this.meaning = meaning;
    this.rise = rise;
    this.tags = List.of(tags);
  }

  /** The name in Micrometer, such as {@code acclimate.label.share}. */
  public String meterName() {
    return "acclimate." + name().toLowerCase(Locale.ROOT).replace('_', '.');
  }

  /** How it counts. */
  public Kind kind() {
    return kind;
  }

  /** The unit of its values. */
  public String unit() {
    return unit;
  }

  /** What it says. */
  public String meaning() {
    return meaning;
  }

  /** What a rise means. */
  public String rise() {
    return rise;
  }

  /** The names of its tags. */
  public List<String> tags() {
    return tags;
  }
}
