package io.acclimate.bank.merge;

import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.TensorMaps;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes one adapter of several by a {@link MergeRule}, with a card that says of which ones and how.
 * The adapters have to belong together: one module with equal settings, one model, tensors of equal
 * names and shapes. Stateless, safe for all threads.
 */
public final class AdapterMerge {
  private AdapterMerge() {}

  /**
   * Merges; the adapters stay as they are.
   *
   * @param id the name of the result, whose version is 0: it is not published
   * @param adapters at least one, in the order that the rule reads
   * @param base what the rule starts from, where it is an adapter; a parent like the others
   * @param provenance how it was made, for the card
   * @return an adapter of the settings and model of the others, of their tasks joined by {@code +},
   *     and without metrics, since none were measured
   * @throws AcclimateException when the adapters do not belong together, or do not suit the rule
   */
  public static Adapter merge(
      String id,
      List<Adapter> adapters,
      Optional<Adapter> base,
      MergeRule rule,
      Map<String, String> provenance) {
    List<Adapter> parents = new ArrayList<>(adapters);
    base.ifPresent(parents::add);
    String model = "";
    for (Adapter parent : parents) {
      requireAlike(parent, parents.get(0));
      if (model.isEmpty()) {
        model = parent.card().modelSha256();
      }
      parent.card().requireModel(model);
    }
    Map<String, Tensor> merged = rule.merge(adapters.stream().map(Adapter::tensors).toList());
    AdapterCard first = adapters.get(0).card();
    List<AdapterRef> refs = parents.stream().map(parent -> parent.card().ref()).toList();
    AdapterCard card =
        AdapterCard.of(id, tasks(adapters), first.module(), model)
            .withSettings(first.settings())
            .withParents(refs)
            .withProvenance(provenance);
    return new Adapter(card, merged);
  }

  private static String tasks(List<Adapter> adapters) {
    return adapters.stream()
        .map(adapter -> adapter.card().task())
        .distinct()
        .collect(Collectors.joining("+"));
  }

  private static void requireAlike(Adapter adapter, Adapter first) {
    AdapterCard card = adapter.card();
    String expected = first.card().module() + " " + settings(first.card());
    String found = card.module() + " " + settings(card);
    if (!expected.equals(found)) {
      throw new AcclimateException(
          "adapter %s: expected %s as in %s, found %s"
              .formatted(card.ref(), expected, first.card().ref(), found));
    }
    try {
      TensorMaps.requireSameLayout(adapter.tensors(), first.tensors());
    } catch (AcclimateException e) {
      throw new AcclimateException(
          "adapter %s does not fit %s: %s"
              .formatted(card.ref(), first.card().ref(), e.getMessage()),
          e);
    }
  }

  private static String settings(AdapterCard card) {
    return card.settings().root().render(ConfigRenderOptions.concise());
  }
}
