package io.acclimate.actors.learn;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankChange;
import io.acclimate.bank.store.BankEntry;
import io.acclimate.bank.store.BankView;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a learner says to the bank: an adapter goes in together with the learner's state, so that
 * both can be taken back together. Belongs to the learner's thread.
 */
final class AdapterPublisher {
  static final String ACCURACY = "heldOutAccuracy";

  private final AdapterBank bank;
  private final LearnerSettings settings;
  private final String modelSha256;
  private final Function<BankChange, BankView> keeper;

  /** The adapter that serves and what was measured before it did. */
  record Served(AdapterRef ref, double heldOutAccuracy) {}

  /**
   * A publisher to a bank.
   *
   * @param keeper makes the changes
   */
  AdapterPublisher(
      AdapterBank bank,
      LearnerSettings settings,
      String modelSha256,
      Function<BankChange, BankView> keeper) {
    this.bank = bank;
    this.settings = settings;
    this.modelSha256 = modelSha256;
    this.keeper = keeper;
  }

  private String stateName() {
    return settings.adapter() + "-learner";
  }

  long version() {
    return bank.current().version();
  }

  /** What serves; empty when it is the frozen model. */
  Optional<Served> served() {
    BankView view = bank.current();
    return view.find(settings.adapter())
        .map(
            entry ->
                new Served(
                    entry.ref(),
                    view.card(settings.adapter()).metrics().getOrDefault(ACCURACY, 0.0)));
  }

  /** The state of the learner when it last published or was taken back. */
  Optional<State> learnerState() {
    return state(bank.current());
  }

  private Optional<State> state(BankView view) {
    return view.states().containsKey(stateName())
        ? Optional.of(view.state(stateName()))
        : Optional.empty();
  }

  /** Publishes an adapter; it serves from the next batch on. */
  AdapterRef publish(
      TaskDecision decision, Map<String, Tensor> tensors, State learner, int samples) {
    Map<String, Double> metrics = new TreeMap<>();
    metrics.put(ACCURACY, decision.accuracy());
    metrics.put("baselineAccuracy", decision.baseline());
    decision.mostForgetting().ifPresent(most -> metrics.put("mostForgetting", most));
    Map<String, String> provenance = new TreeMap<>();
    provenance.put("learner", settings.method());
    provenance.put("task-number", Long.toString(decision.task()));
    provenance.put("training-samples", Integer.toString(samples));
    provenance.put("seed", Long.toString(settings.seed()));
    String modules = String.join("+", settings.moduleSettings().root().keySet());
    AdapterCard card =
        AdapterCard.of(settings.adapter(), decision.name(), modules, modelSha256)
            .withSettings(settings.moduleSettings())
            .withParents(served().map(Served::ref).map(List::of).orElse(List.of()))
            .withMetrics(metrics)
            .withProvenance(provenance);
    BankChange change =
        new BankChange(note(decision))
            .put(new Adapter(card, tensors))
            .putState(stateName(), learner);
    return keeper.apply(change).require(settings.adapter()).ref();
  }

  private static String note(TaskDecision decision) {
    String name = decision.name().isEmpty() ? "" : " " + decision.name();
    return "task %d%s learned".formatted(decision.task(), name);
  }

  /** The version of the adapter before the one that serves, where the bank still has it. */
  private Optional<AdapterRef> before() {
    List<AdapterRef> parents = bank.current().card(settings.adapter()).parents();
    return parents.stream()
        .filter(parent -> parent.id().equals(settings.adapter()))
        .filter(parent -> bank.versions().contains(parent.version()))
        .findFirst();
  }

  /** The state of the learner when it published the version before the one that serves. */
  Optional<State> learnerStateBefore() {
    return before().flatMap(ref -> state(bank.view(ref.version())));
  }

  /**
   * The state of the learner in a version of the bank.
   *
   * @throws AcclimateException when the bank has no such version, or what served in it was learned
   *     for another model
   */
  Optional<State> learnerStateAt(long version) {
    BankView view = bank.view(version);
    requireModel(view);
    return state(view);
  }

  /**
   * Brings back what served in a version of the bank, or the frozen model where nothing did.
   *
   * @param learner the learner's state from now on
   * @throws AcclimateException when the bank has no such version
   */
  void rollback(long version, State learner) {
    Optional<AdapterRef> then = bank.view(version).find(settings.adapter()).map(BankEntry::ref);
    bringBack(then, "rolled back to version %d".formatted(version), learner);
  }

  /**
   * Brings the version before back, or the frozen model where there is none.
   *
   * @param learner the learner's state from now on
   */
  void revert(String reason, State learner) {
    bringBack(before(), "taken back: " + reason, learner);
  }

  private void bringBack(Optional<AdapterRef> adapter, String note, State learner) {
    BankChange change = new BankChange(note).putState(stateName(), learner);
    if (adapter.isPresent()) {
      change.restore(adapter.get());
    } else if (served().isPresent()) {
      change.remove(settings.adapter());
    }
    keeper.apply(change);
  }

  /**
   * Checks that the bank's adapter of this name may be replaced by the learner's.
   *
   * @throws AcclimateException when it was learned for another model
   */
  void requireModel() {
    requireModel(bank.current());
  }

  private void requireModel(BankView view) {
    if (view.find(settings.adapter()).isPresent()) {
      view.card(settings.adapter()).requireModel(modelSha256);
    }
  }
}
