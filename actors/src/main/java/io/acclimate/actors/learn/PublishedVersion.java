package io.acclimate.actors.learn;

import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.store.BankEntry;
import io.acclimate.bank.store.BankView;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What serves in one version of the bank.
 *
 * @param version the version's number
 * @param note why it was made
 * @param current whether it is the current one
 * @param adapter the adapter that serves in it; empty for the frozen model
 * @param task the task that the adapter was learned on last; empty for the frozen model
 * @param accuracy of the adapter on held-out samples of that task before it served, 0 to 1
 */
public record PublishedVersion(
    long version,
    String note,
    boolean current,
    Optional<AdapterRef> adapter,
    Optional<String> task,
    OptionalDouble accuracy) {

  static PublishedVersion of(BankView view, String adapter, boolean current) {
    Optional<BankEntry> entry = view.find(adapter);
    Optional<AdapterCard> card = entry.map(found -> view.card(adapter));
    Double accuracy =
        card.map(found -> found.metrics().get(AdapterPublisher.ACCURACY)).orElse(null);
    return new PublishedVersion(
        view.version(),
        view.note(),
        current,
        entry.map(BankEntry::ref),
        entry.map(BankEntry::task),
        accuracy == null ? OptionalDouble.empty() : OptionalDouble.of(accuracy));
  }
}
