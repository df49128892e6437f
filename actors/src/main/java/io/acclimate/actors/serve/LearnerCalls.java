package io.acclimate.actors.serve;

import static org.eclipse.jetty.http.HttpMethod.GET;
import static org.eclipse.jetty.http.HttpMethod.POST;

import io.acclimate.actors.learn.BackgroundLearner;
import io.acclimate.actors.learn.LearnerStatus;
import io.acclimate.actors.learn.PublishedVersion;
import io.acclimate.actors.learn.TaskDecision;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.text.Names;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The protocol's extension for the learner in the background and the adapters that it publishes.
 */
final class LearnerCalls {
  private static final String LEARNER = "/v2/models/{model}/learner";
  private static final String ADAPTERS = "/v2/models/{model}/adapters";
  private static final int MAX_VERSIONS = 50;

  private final ProtocolCalls protocol;
  private final BackgroundLearner learner;
  private final JsonBodies bodies;

  /**
   * What to go back to.
   *
   * @param version the number of a version of the bank
   */
  private record Rollback(Long version) {}

  /**
   * The end of the open task.
   *
   * @param name what reports call it
   */
  private record TaskEnd(String name) {}

  LearnerCalls(ProtocolCalls protocol, BackgroundLearner learner, int jsonDepth) {
    this.protocol = protocol;
    this.learner = learner;
    this.bodies = new JsonBodies(jsonDepth);
  }

  void register(Router router) {
    router
        .add(GET, LEARNER, protocol.onModel(this::status))
        .add(POST, LEARNER + "/end-task", protocol.onModel(e -> e.body(body -> endTask(e, body))))
        .add(GET, ADAPTERS, protocol.onModel(this::versions))
        .add(POST, ADAPTERS + "/rollback", protocol.onModel(e -> e.body(b -> rollback(e, b))));
  }

  private void status(Exchange exchange) {
    exchange.whenDone(learner.status(), status -> exchange.json(view(status)));
  }

  private void endTask(Exchange exchange, byte[] body) {
    String name = bodies.read(body, TaskEnd.class, "end-task").name();
    if (name == null || !StreamCatalog.isId(name)) {
      throw new AcclimateException(
          "end-task: expected a name of 1 to 128 letters, digits, '.', '_', ':' or '-'");
    }
    exchange.whenDone(learner.endTask(name), task -> exchange.json(Map.of("task", task)));
  }

  private void versions(Exchange exchange) {
    List<Map<String, Object>> versions =
        learner.versions(MAX_VERSIONS).stream().map(LearnerCalls::view).toList();
    exchange.json(Map.of("versions", versions));
  }

  private void rollback(Exchange exchange, byte[] body) {
    Long version = bodies.read(body, Rollback.class, "rollback").version();
    if (version == null) {
      throw new AcclimateException("rollback: expected the number of a version");
    }
    exchange.whenDone(learner.rollback(version), now -> exchange.json(view(now)));
  }

  private static Map<String, Object> view(PublishedVersion version) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("version", version.version());
    view.put("note", version.note());
    view.put("current", version.current());
    view.put("adapter", version.adapter().map(AdapterRef::toString).orElse(null));
    view.put("task", version.task().orElse(null));
    view.put("accuracy", version.accuracy().isPresent() ? version.accuracy().getAsDouble() : null);
    return view;
  }

  private static Map<String, Object> view(LearnerStatus status) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("task", status.task());
    view.put("step", status.step());
    view.put("steps", status.steps());
    view.put("waiting_samples", status.waitingSamples());
    view.put("serves", status.served().map(AdapterRef::toString).orElse(null));
    view.put("last", status.last().map(LearnerCalls::view).orElse(null));
    return view;
  }

  private static Map<String, Object> view(TaskDecision decision) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("task", decision.task());
    view.put("name", decision.name());
    view.put("verdict", Names.kebab(decision.verdict()));
    view.put("reason", decision.reason());
    view.put("accuracy", decision.measured() ? decision.accuracy() : null);
    view.put("baseline", decision.measured() ? decision.baseline() : null);
    view.put("forgetting", decision.forgetting());
    return view;
  }
}
