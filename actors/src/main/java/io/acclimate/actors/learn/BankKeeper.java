package io.acclimate.actors.learn;

import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankChange;
import io.acclimate.bank.store.BankView;
import java.util.concurrent.CompletableFuture;

/**
 * The one who changes the bank, on a thread of its own. A change is answered when it is on the
 * disk; a change that fails leaves the bank as it was, and says why.
 */
final class BankKeeper {
  /** Makes a new version of the bank. */
  record Publish(BankChange change, CompletableFuture<BankView> published) {}

  private BankKeeper() {}

  static Props props() {
    return DispatcherSelector.fromConfig("bank-dispatcher");
  }

  /**
   * Creates the keeper.
   *
   * @param adapter the adapter that is loaded after each change, so that the next batch that is
   *     served with it does not wait for the disk
   */
  static Behavior<Publish> create(AdapterBank bank, String adapter) {
    return Behaviors.receive(Publish.class)
        .onMessage(
            Publish.class,
            message -> {
              publish(bank, adapter, message);
              return Behaviors.same();
            })
        .build();
  }

  private static void publish(AdapterBank bank, String adapter, Publish message) {
    try {
      BankView view = bank.publish(message.change());
      if (view.find(adapter).isPresent()) {
        view.load(adapter);
      }
      message.published().complete(view);
    } catch (RuntimeException e) {
      message.published().completeExceptionally(e);
    }
  }
}
