package io.acclimate.bank.retrieval;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Makes a {@link RetrievalStrategy} by name; registered as a {@link java.util.ServiceLoader}. */
public interface RetrievalProvider extends MethodProvider {
  /** What a strategy asks a {@link RetrievalQuery} for. */
  enum Need {
    /** {@link RetrievalQuery#prototypeScores}. */
    PROTOTYPES,
    /** {@link RetrievalQuery#selectorLogits}. */
    SELECTOR,
    /** {@link RetrievalQuery#logits}. */
    LOGITS,
    /** {@link RetrievalQuery#trueTask}. */
    TRUE_TASKS
  }

  /**
   * Makes a strategy.
   *
   * @param settings the strategy's settings; mistakes are reported to it, not thrown
   */
  RetrievalStrategy create(SettingsReader settings);

  /** What the strategy asks for; a learner that cannot answer refuses it before it learns. */
  Set<Need> needs();

  /** All strategies on the class path. */
  static MethodRegistry<RetrievalProvider> registry() {
    return MethodRegistry.load(RetrievalProvider.class);
  }

  /**
   * Reads the setting {@code retrieval} of a learner: the name of one strategy with its settings.
   *
   * @param reader what the setting belongs to; mistakes are reported to it, not thrown
   * @param answers what the learner can be asked for
   * @return the strategy; null after a mistake
   */
  static RetrievalStrategy read(SettingsReader reader, Set<Need> answers) {
    String key = "retrieval";
    Config given = reader.object(key);
    Set<String> names = given.root().keySet();
    if (names.size() != 1) {
      reader.problem(key, "expected one strategy with its settings, found " + new TreeSet<>(names));
      return null;
    }
    String name = names.iterator().next();
    MethodRegistry<RetrievalProvider> registry = registry();
    if (!registry.names().contains(name)) {
      reader.problem(key, "unknown strategy" + Names.suggestion(name, registry.names()));
      return null;
    }
    if (!(given.root().get(name) instanceof ConfigObject settings)) {
      reader.problem(key, "expected an object of settings of " + name);
      return null;
    }
    RetrievalProvider provider = registry.require(name);
    Set<Need> missing = new TreeSet<>(provider.needs());
    missing.removeAll(answers);
    if (!missing.isEmpty()) {
      String needs = missing.stream().map(Names::kebab).collect(Collectors.joining(", "));
      reader.problem(key, name + " needs " + needs + ", which this learner does not have");
    }
    SettingsReader own =
        reader.of(settings.toConfig(), MethodRegistry.defaults(name), key + "." + name);
    own.rejectUnknown();
    return provider.create(own);
  }
}
