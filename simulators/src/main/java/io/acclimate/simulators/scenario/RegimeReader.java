package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.corruption.Corruptions;
import io.acclimate.simulators.shift.ClassBlocks;
import io.acclimate.simulators.shift.DirichletOrder;
import io.acclimate.simulators.shift.Domain;
import io.acclimate.simulators.shift.DomainOrder;
import io.acclimate.simulators.shift.EvenShuffle;
import io.acclimate.simulators.shift.LabelShift;
import io.acclimate.simulators.shift.LongTailed;
import io.acclimate.simulators.shift.StreamRecipe;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Reads one regime: the scenario's own stream with the regime's settings over it. */
final class RegimeReader {
  private static final List<String> KEYS =
      List.of("domains", "severity", "stream", "label-shift", "protocol");

  private static final Config DOMAIN_DEFAULTS =
      ConfigFactory.parseString("corruption = \"\", severity = 1");

  /** Which kind of label shift each setting belongs to. */
  private static final Map<String, Kind> SHIFT_SETTINGS =
      Map.of(
          "imbalance-factor", Kind.LONG_TAILED,
          "direction", Kind.LONG_TAILED,
          "concentration", Kind.DIRICHLET,
          "block-classes", Kind.BLOCKS);

  private final SettingsReader scenario;
  private final Config base;
  private final Config defaults;

  RegimeReader(SettingsReader scenario, Config base, Config defaults) {
    this.scenario = scenario;
    this.base = base;
    this.defaults = defaults;
  }

  /** The kinds of label shift. */
  enum Kind {
    NONE,
    LONG_TAILED,
    DIRICHLET,
    BLOCKS
  }

  /** How the domains follow each other. */
  enum Order {
    SEQUENTIAL,
    GRADUAL,
    MIXED,
    RECURRING
  }

  Regime read(String name, Config overrides) {
    Config allowed = defaults.withValue("name", defaults.getValue("name"));
    for (String key : defaults.root().keySet()) {
      if (!KEYS.contains(key) && !key.equals("name")) {
        allowed = allowed.withoutPath(key);
      }
    }
    String path = overrides.isEmpty() ? "" : "regimes." + name;
    scenario.of(overrides, allowed, path).rejectUnknown();
    Config merged = overrides;
    for (String key : KEYS) {
      if (base.hasPath(key)) {
        merged = merged.withFallback(base.withOnlyPath(key));
      }
    }
    SettingsReader settings = scenario.of(merged, allowed, path);
    SettingsReader stream = settings.child("stream");
    stream.rejectUnknown();
    Order order = stream.choice("order", Order.class);
    StreamRecipe recipe =
        new StreamRecipe(
            domains(settings, order),
            domainOrder(stream, order),
            stream.integer("samples-per-domain", 0, 10_000_000),
            labelShift(settings.child("label-shift")));
    return new Regime(
        name,
        recipe,
        stream.integer("batch-size", 1, 100_000),
        pace(stream),
        settings.object("protocol"));
  }

  private static Pace pace(SettingsReader stream) {
    double interval = stream.number("interval", 0, 1e9);
    if (interval > 0 && interval < 1) {
      stream.problem("interval", "expected 0 or at least 1, found " + interval);
    }
    if (interval == 0 && stream.isGiven("backward-cost")) {
      stream.problem("backward-cost", "has no effect with interval = 0");
    }
    return new Pace(interval, stream.number("backward-cost", 0.001, 1e6));
  }

  private static DomainOrder domainOrder(SettingsReader stream, Order order) {
    if (order != Order.RECURRING && stream.isGiven("visits")) {
      stream.problem("visits", "has no effect with order = " + Names.kebab(order));
    }
    return switch (order) {
      case SEQUENTIAL -> new DomainOrder.Sequential();
      case GRADUAL -> new DomainOrder.Gradual();
      case MIXED -> new DomainOrder.Mixed();
      case RECURRING -> new DomainOrder.Recurring(stream.integer("visits", 2, 10_000));
    };
  }

  private static LabelShift labelShift(SettingsReader shift) {
    shift.rejectUnknown();
    Kind kind = shift.choice("kind", Kind.class);
    SHIFT_SETTINGS.forEach(
        (key, owner) -> {
          if (owner != kind && shift.isGiven(key)) {
            shift.problem(key, "has no effect with kind = " + Names.kebab(kind));
          }
        });
    return switch (kind) {
      case NONE -> new EvenShuffle();
      case LONG_TAILED ->
          new LongTailed(
              shift.number("imbalance-factor", 1, 1e6),
              shift.choice("direction", LongTailed.Direction.class));
      case DIRICHLET -> new DirichletOrder(shift.number("concentration", 0.001, 1e6));
      case BLOCKS -> new ClassBlocks(shift.integer("block-classes", 1, 100_000));
    };
  }

  private List<Domain> domains(SettingsReader settings, Order order) {
    int severity = settings.integer("severity", 1, Domain.MAX_SEVERITY);
    List<ConfigValue> values = settings.list("domains");
    if (values.isEmpty()) {
      settings.problem("domains", "expected at least one domain");
    }
    return values.stream()
        .map(value -> domain(settings, value, order, severity))
        .filter(Objects::nonNull)
        .toList();
  }

  /** Reads one domain; null after a mistake. */
  private Domain domain(SettingsReader settings, ConfigValue value, Order order, int severity) {
    if (!(value instanceof ConfigObject object)) {
      return named(settings, value, String.valueOf(value.unwrapped()), severity);
    }
    SettingsReader reader = settings.of(object.toConfig(), DOMAIN_DEFAULTS, "domains");
    reader.rejectUnknown();
    boolean given = reader.isGiven("severity");
    int own = reader.integer("severity", 1, Domain.MAX_SEVERITY);
    String corruption = reader.text("corruption");
    if (given && order == Order.GRADUAL) {
      reader.problem("severity", "has no effect with order = gradual, which goes through all");
    }
    if (given && corruption.equals(Domain.CLEAN.corruption())) {
      reader.problem("severity", "clean has none");
    }
    return named(settings, value, corruption, given ? own : severity);
  }

  private static Domain named(
      SettingsReader settings, ConfigValue value, String name, int severity) {
    if (name.equals(Domain.CLEAN.corruption())) {
      return Domain.CLEAN;
    }
    try {
      return new Domain(Corruptions.byName(name).name(), severity);
    } catch (AcclimateException e) {
      settings.problem(value.origin(), "domains", e.getMessage());
      return null;
    }
  }
}
