package io.acclimate.bank.pet;

import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.sites.Site;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.text.Names;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which sites of a model are meant: those of some kinds in some blocks.
 *
 * @param kinds the kinds, at least one
 * @param layers the numbers of blocks from 0 on, -1 for the last one; empty for all sites, also
 *     those outside of blocks
 */
public record SiteSelection(List<SiteKind> kinds, List<Integer> layers) {
  private static final int MOST_LAYERS = 10_000;

  /** Copies the lists. */
  public SiteSelection {
    kinds = List.copyOf(kinds);
    layers = List.copyOf(layers);
  }

  /** All sites of some kinds. */
  public static SiteSelection of(SiteKind... kinds) {
    return new SiteSelection(List.of(kinds), List.of());
  }

  /** Reads the settings {@code sites} and {@code layers}. */
  static SiteSelection read(SettingsReader settings) {
    return new SiteSelection(kinds(settings), layers(settings));
  }

  /** Reports the kinds that a module cannot attach to and leaves them out. */
  SiteSelection require(SettingsReader settings, Predicate<SiteKind> fits) {
    List<SiteKind> others = kinds.stream().filter(fits.negate()).toList();
    if (!others.isEmpty()) {
      settings.problem(
          "sites",
          "expected kinds that the module can attach to, found "
              + others.stream().map(Names::kebab).collect(Collectors.joining(", ")));
    }
    return new SiteSelection(kinds.stream().filter(fits).toList(), layers);
  }

  private static List<SiteKind> kinds(SettingsReader settings) {
    List<String> names = Arrays.stream(SiteKind.values()).map(Names::kebab).toList();
    List<SiteKind> kinds = new ArrayList<>();
    for (ConfigValue value : settings.list("sites")) {
      int index = names.indexOf(String.valueOf(value.unwrapped()));
      if (index >= 0) {
        kinds.add(SiteKind.values()[index]);
      } else {
        settings.problem(
            value.origin(),
            "sites",
            "expected kinds of sites, any of %s, found %s"
                .formatted(String.join(" | ", names), value.unwrapped()));
      }
    }
    if (settings.list("sites").isEmpty()) {
      settings.problem("sites", "expected at least one kind of site, found none");
    }
    return kinds;
  }

  static List<Integer> layers(SettingsReader settings) {
    List<Integer> layers = new ArrayList<>();
    for (ConfigValue value : settings.list("layers")) {
      if (value.unwrapped() instanceof Integer layer && Math.abs(layer) <= MOST_LAYERS) {
        layers.add(layer);
      } else {
        settings.problem(
            value.origin(),
            "layers",
            "expected numbers of blocks, negative ones counted from the last, found "
                + value.unwrapped());
      }
    }
    return layers;
  }

  /** Those of a model's sites that are meant, in their order. */
  public List<Site> select(List<Site> sites) {
    int count = sites.stream().mapToInt(Site::layer).max().orElse(-1) + 1;
    List<Integer> wanted = layers.stream().map(l -> l < 0 ? l + count : l).toList();
    return sites.stream()
        .filter(site -> kinds.stream().anyMatch(kind -> kind.includes(site.kind())))
        .filter(site -> layers.isEmpty() || wanted.contains(site.layer()))
        .toList();
  }
}
