package io.acclimate.continual.hft;

import io.acclimate.bank.pet.PatchedGraph;
import io.acclimate.runtime.SeedTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.ListSampler;

/** Draws which parameters of a model's modules learn: half of every category. Stateless. */
final class HalfMask {
  private HalfMask() {}

  /**
   * Draws the parameters that keep their values. Of a category with an odd number of units, the odd
   * one out goes to either half by chance.
   *
   * @param units the modules at each of their sites
   * @param seeds those of the task; equal ones draw equally
   */
  static Set<String> resting(List<PatchedGraph.Unit> units, HftSettings.Unit unit, SeedTree seeds) {
    Map<String, List<Collection<String>>> categories = new TreeMap<>();
    for (PatchedGraph.Unit one : units) {
      if (unit == HftSettings.Unit.SITE) {
        add(categories, one.module() + "/" + one.site().kind(), one.parameters().values());
      } else {
        one.parameters()
            .forEach((name, full) -> add(categories, one.module() + "/" + name, List.of(full)));
      }
    }
    Set<String> resting = new TreeSet<>();
    categories.forEach(
        (category, members) -> {
          UniformRandomProvider random = seeds.child(category).generator();
          int half = (members.size() + random.nextInt(2)) / 2;
          ListSampler.shuffle(random, members);
          members.subList(0, half).forEach(resting::addAll);
        });
    return resting;
  }

  private static void add(
      Map<String, List<Collection<String>>> categories,
      String category,
      Collection<String> parameters) {
    categories.computeIfAbsent(category, unseen -> new ArrayList<>()).add(parameters);
  }
}
