package io.acclimate.actors.learn;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.AdapterRef;
import io.acclimate.continual.LearnerFactory;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/**
 * The settings of a {@link BackgroundLearner}; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.learner}.
 *
 * @param adapter the name under which what is learned is published
 * @param method the name of the continual learner
 * @param methodSettings its settings that differ from the defaults
 * @param batchSize the samples of a step
 * @param threads the threads of a step, 0 for one per core
 * @param taskSamples the samples after which a task ends by itself; 0: only when told so
 * @param mostSamples the samples that may wait to be learned
 * @param feedbackSamples the samples of predictions whose inputs are kept until labels come
 * @param heldOutEvery every so many samples of a task one is held out
 * @param cpuShare the share of one thread's time for learning, above 0, at most 1
 * @param onlyWhenIdle whether nothing is learned while predictions are under way
 * @param snapshotSteps the steps after which the state in mid-task is saved
 * @param mostRefused the batches in a row whose numbers may be not finite before the task is given
 *     up
 * @param shadow whether what is learned is measured and reported, but never serves
 * @param gate the check before an adapter serves
 * @param probes what is kept of accepted tasks to measure forgetting on
 * @param revert when an adapter is taken back
 * @param seed the root of the learner's random choices
 */
public record LearnerSettings(
    String adapter,
    String method,
    Config methodSettings,
    int batchSize,
    int threads,
    int taskSamples,
    int mostSamples,
    int feedbackSamples,
    int heldOutEvery,
    double cpuShare,
    boolean onlyWhenIdle,
    int snapshotSteps,
    int mostRefused,
    boolean shadow,
    PromotionGate gate,
    ProbeLimits probes,
    RevertRule revert,
    long seed) {

  private static final String MODULES = "modules";
  private static final long MAX_SEED = 1L << 53;

  /** The defaults. */
  public static LearnerSettings defaults() {
    return of(ConfigFactory.empty());
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when there are mistakes; it lists all
   */
  public static LearnerSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "learner");
    LearnerSettings settings = read(reader);
    reader.throwIfAny("learner settings");
    return settings;
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(LearnerSettings.class.getClassLoader())
        .getConfig("acclimate.learner");
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static LearnerSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    String method = reader.text("method");
    if (!LearnerProvider.registry().names().contains(method)) {
      reader.problem(
          "method", "expected one of " + LearnerProvider.registry().names() + ", found " + method);
    }
    String adapter = reader.text("adapter");
    try {
      AdapterRef.requireName(adapter);
    } catch (AcclimateException e) {
      reader.problem("adapter", e.getMessage());
    }
    return new LearnerSettings(
        adapter,
        method,
        reader.object("settings"),
        reader.integer("batch-size", 1, 65_536),
        reader.integer("threads", 0, 1024),
        reader.integer("task-samples", 0, 10_000_000),
        reader.integer("most-samples", 1, 10_000_000),
        reader.integer("feedback-samples", 0, 10_000_000),
        reader.integer("held-out-every", 2, 1000),
        reader.number("cpu-share", 0.001, 1),
        reader.flag("only-when-idle"),
        reader.integer("snapshot-steps", 1, 1_000_000),
        reader.integer("most-refused", 1, 1000),
        reader.flag("shadow"),
        PromotionGate.read(reader.child("gate")),
        ProbeLimits.read(reader.child("probes")),
        RevertRule.read(reader.child("revert")),
        reader.wholeNumber("seed", -MAX_SEED, MAX_SEED));
  }

  /**
   * Makes the learner's factory.
   *
   * @throws io.acclimate.runtime.settings.SettingsException when a setting of the method is wrong
   */
  LearnerFactory factory() {
    return LearnerProvider.read(method, methodSettings);
  }

  /** The settings of the modules that the method tunes; empty when it tunes none. */
  public Config moduleSettings() {
    Config from =
        methodSettings.hasPath(MODULES) ? methodSettings : MethodRegistry.defaults(method);
    return from.hasPath(MODULES) ? from.getConfig(MODULES) : ConfigFactory.empty();
  }
}
