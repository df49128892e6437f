package io.acclimate.actors.serve;

import io.acclimate.actors.learn.LearnerEvent;
import io.acclimate.actors.learn.PublishedVersion;
import io.acclimate.actors.learn.TaskDecision;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.text.Names;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the live page shows of the learner in the background: where it stands and what has become of
 * its adapters lately. There is nothing to show before its first event. Thread-safe.
 */
final class LearnerView {
  private static final int MAX_ENTRIES = 20;
  private static final String FROZEN = "frozen model";

  private final Deque<Map<String, Object>> adapters = new ArrayDeque<>();
  private boolean there;
  private long learned;
  private long refused;
  private LearnerEvent.Step latest;
  private Double loss;
  private String serves;

  /** The version of the bank; null where clients cannot ask for its versions. */
  private Long bankVersion;

  /** Shows what serves before the first event; clients can ask for the bank's versions. */
  synchronized void begin(PublishedVersion current) {
    there = true;
    serves = name(current.adapter());
    bankVersion = current.version();
  }

  synchronized void on(LearnerEvent event) {
    there = true;
    if (event instanceof LearnerEvent.Step step) {
      stepped(step);
    } else if (event instanceof LearnerEvent.Decided decided) {
      decided(decided.decision());
    } else if (event instanceof LearnerEvent.Served served) {
      served(served);
    }
  }

  private void served(LearnerEvent.Served served) {
    boolean back =
        served.change() == LearnerEvent.Change.REVERT
            || served.change() == LearnerEvent.Change.ROLLBACK;
    if (back && serves != null) {
      entry("taken back", serves, served.reason());
    }
    serves = name(served.adapter());
    bankVersion = bankVersion == null ? null : Long.valueOf(served.bankVersion());
    entry("served", serves, served.reason());
  }

  private void stepped(LearnerEvent.Step step) {
    latest = step;
    if (step.refusal().isEmpty()) {
      learned++;
      loss = Double.isFinite(step.loss()) ? step.loss() : null;
    } else {
      refused++;
    }
  }

  private void decided(TaskDecision decision) {
    latest = null;
    String task = ("task " + decision.task() + " " + decision.name()).strip();
    String measured =
        decision.measured()
            ? " (accuracy %.3f, before %.3f)".formatted(decision.accuracy(), decision.baseline())
            : "";
    if (decision.verdict() == TaskDecision.Verdict.PROMOTED) {
      entry("published", name(decision.adapter()), task + " " + decision.reason() + measured);
    } else {
      entry(Names.kebab(decision.verdict()), task, decision.reason());
    }
  }

  private static String name(Optional<AdapterRef> adapter) {
    return adapter.map(AdapterRef::toString).orElse(FROZEN);
  }

  private void entry(String kind, String subject, String reason) {
    if (adapters.size() == MAX_ENTRIES) {
      adapters.removeFirst();
    }
    adapters.addLast(
        Map.of(
            "time", System.currentTimeMillis(),
            "kind", kind,
            "subject", subject,
            "reason", reason));
  }

  /** For JSON; empty where no learner was heard of. */
  synchronized Optional<Map<String, Object>> view() {
    if (!there) {
      return Optional.empty();
    }
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("learned", learned);
    view.put("refused", refused);
    view.put("task", latest == null ? null : latest.task());
    view.put("step", latest == null ? null : latest.step());
    view.put("steps", latest == null ? null : latest.steps());
    view.put("loss", loss);
    view.put("serves", serves);
    view.put("bank_version", bankVersion);
    view.put("adapters", List.copyOf(adapters));
    return Optional.of(view);
  }
}
