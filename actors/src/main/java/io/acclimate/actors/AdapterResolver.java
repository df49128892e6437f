package io.acclimate.actors;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.serving.MixedModel;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankEntry;
import io.acclimate.bank.store.BankView;
import io.acclimate.runtime.AcclimateException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the adapters of choices, and remembers them while the bank stays as it is. An adapter that
 * cannot be served is answered with the frozen model and the reason, and looked for again after a
 * number of calls that doubles each time: a disk may fail for a while. Belongs to the thread of the
 * model.
 */
final class AdapterResolver {
  private static final Logger LOG = LoggerFactory.getLogger(AdapterResolver.class);
  private static final int MOST_REMEMBERED = 10_000;

  /** The calls after which an adapter that could not be served is looked for again, at first. */
  static final int FIRST_RETRY = 16;

  private static final int LAST_RETRY = 4096;

  private final AdapterBank bank;
  private final MixedModel model;
  private final int classes;
  private final Map<AdapterChoice, Known> known = new HashMap<>();
  private long knownVersion = -1;

  /** Whether it was said that the bank's head cannot be read. */
  private boolean unreadable;

  /**
   * What a choice stands for now.
   *
   * @param adapter null for the frozen model
   * @param served the adapter's name and version
   * @param problem why the frozen model answers though an adapter was chosen
   */
  record Resolved(Adapter adapter, Optional<ServedAdapter> served, Optional<String> problem) {
    static final Resolved FROZEN = new Resolved(null, Optional.empty(), Optional.empty());
  }

  /** What was found, and how many more calls it counts for where it is a problem. */
  private static final class Known {
    private final Resolved found;
    private final int patience;
    private int callsLeft;

    Known(Resolved found, int patience) {
      this.found = found;
      this.patience = patience;
      this.callsLeft = patience;
    }

    boolean isOver() {
      return found.problem().isPresent() && callsLeft-- == 0;
    }
  }

  /**
   * A resolver.
   *
   * @param classes the classes that streams have
   */
  AdapterResolver(AdapterBank bank, MixedModel model, int classes) {
    this.bank = bank;
    this.model = model;
    this.classes = classes;
  }

  Resolved resolve(AdapterChoice choice) {
    if (choice instanceof AdapterChoice.Frozen) {
      return Resolved.FROZEN;
    }
    BankView view = present();
    if (view.version() != knownVersion || known.size() >= MOST_REMEMBERED) {
      known.clear();
      knownVersion = view.version();
    }
    Known before = known.get(choice);
    if (before == null || before.isOver()) {
      int patience = before == null ? FIRST_RETRY : Math.min(2 * before.patience, LAST_RETRY);
      before = new Known(find(choice, view), patience);
      known.put(choice, before);
    }
    return before.found;
  }

  /** Other processes may change the bank, too. */
  private BankView present() {
    try {
      BankView view = bank.refresh();
      unreadable = false;
      return view;
    } catch (AcclimateException e) {
      if (!unreadable) {
        LOG.warn("{} goes on serving: {}", bank, e.getMessage());
      }
      unreadable = true;
      return bank.current();
    }
  }

  private Resolved find(AdapterChoice choice, BankView view) {
    try {
      Optional<Adapter> found = load(choice, view);
      if (found.isEmpty()) {
        return Resolved.FROZEN;
      }
      if (model.prepare(found.get()) > classes) {
        throw new AcclimateException(
            "adapter %s: expected a head of up to %d classes as the model has, found more"
                .formatted(found.get().card().ref(), classes));
      }
      ServedAdapter served = new ServedAdapter(found.get().card().ref(), view.version());
      return new Resolved(found.get(), Optional.of(served), Optional.empty());
    } catch (AcclimateException e) {
      return new Resolved(null, Optional.empty(), Optional.of(e.getMessage()));
    }
  }

  private Optional<Adapter> load(AdapterChoice choice, BankView view) {
    if (choice instanceof AdapterChoice.Exactly exactly) {
      AdapterRef ref = exactly.ref();
      BankView from =
          view.find(ref.id()).map(BankEntry::ref).filter(ref::equals).isPresent()
              ? view
              : bank.view(ref.version());
      return Optional.of(from.load(ref.id()));
    }
    if (choice instanceof AdapterChoice.LatestOfTask latest) {
      return view.entries().values().stream()
          .filter(entry -> entry.task().equals(latest.task()))
          .max(Comparator.comparingLong((BankEntry entry) -> entry.ref().version()))
          .map(entry -> view.load(entry.ref().id()));
    }
    return view.find(((AdapterChoice.Latest) choice).id())
        .map(entry -> view.load(entry.ref().id()));
  }
}
