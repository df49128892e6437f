package io.acclimate.bank;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of an adapter besides its tensors. Immutable.
 *
 * @param ref name and version
 * @param task the task or stream it was learned on
 * @param module the name of the tuning module whose values it holds, such as {@code lora}
 * @param settings the module's settings, all of them
 * @param modelSha256 the hash of the frozen model it belongs to; empty when it fits any
 * @param parents what it was started from or merged of; may be empty
 * @param metrics what was measured, by name; finite
 * @param provenance how it came to be: data, seeds, learner, by name
 */
public record AdapterCard(
    AdapterRef ref,
    String task,
    String module,
    Config settings,
    String modelSha256,
    List<AdapterRef> parents,
    SortedMap<String, Double> metrics,
    SortedMap<String, String> provenance) {

  /** Copies the lists and maps and checks the numbers. */
  public AdapterCard {
    parents = List.copyOf(parents);
    metrics = Collections.unmodifiableSortedMap(new TreeMap<>(metrics));
    provenance = Collections.unmodifiableSortedMap(new TreeMap<>(provenance));
    for (Map.Entry<String, Double> metric : metrics.entrySet()) {
      if (!Double.isFinite(metric.getValue())) {
        throw new AcclimateException(
            "metric '%s' of adapter %s: expected a finite number, found %s"
                .formatted(metric.getKey(), ref, metric.getValue()));
      }
    }
  }

  /** The card of an adapter that is not published yet. */
  public static AdapterCard of(String id, String task, String module, String modelSha256) {
    return new AdapterCard(
        new AdapterRef(id, 0),
        task,
        module,
        ConfigFactory.empty(),
        modelSha256,
        List.of(),
        new TreeMap<>(),
        new TreeMap<>());
  }

  /** The adapter's name. */
  public String id() {
    return ref.id();
  }

  /**
   * Checks that the adapter belongs to a frozen model.
   *
   * @param sha256 the hash of the model's bytes
   * @throws AcclimateException when it belongs to another one
   */
  public void requireModel(String sha256) {
    if (!modelSha256.isEmpty() && !modelSha256.equals(sha256)) {
      throw new AcclimateException(
          "adapter %s: expected the model with SHA-256 %s, found %s"
              .formatted(ref, modelSha256, sha256));
    }
  }

  /** The same card with another name or version. */
  public AdapterCard withRef(AdapterRef other) {
    return new AdapterCard(
        other, task, module, settings, modelSha256, parents, metrics, provenance);
  }

  /** The same card with other settings. */
  public AdapterCard withSettings(Config other) {
    return new AdapterCard(ref, task, module, other, modelSha256, parents, metrics, provenance);
  }

  /** The same card with other parents. */
  public AdapterCard withParents(List<AdapterRef> other) {
    return new AdapterCard(ref, task, module, settings, modelSha256, other, metrics, provenance);
  }

  /** The same card with other measurements. */
  public AdapterCard withMetrics(Map<String, Double> other) {
    return new AdapterCard(
        ref, task, module, settings, modelSha256, parents, new TreeMap<>(other), provenance);
  }

  /** The same card with another history. */
  public AdapterCard withProvenance(Map<String, String> other) {
    return new AdapterCard(
        ref, task, module, settings, modelSha256, parents, metrics, new TreeMap<>(other));
  }
}
