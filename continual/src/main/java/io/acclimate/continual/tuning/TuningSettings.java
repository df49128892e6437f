package io.acclimate.continual.tuning;

import io.acclimate.bank.pet.HeadKind;
import io.acclimate.bank.pet.PetModule;
import io.acclimate.bank.pet.PetModules;
import io.acclimate.replay.memory.Curriculum;
import io.acclimate.runtime.settings.SettingsReader;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How modules are tuned in each task; defaults and meanings stand in this module's {@code
 * reference.conf} under {@code acclimate.continual.tuning}.
 *
 * @param modules the modules by name, at least one
 * @param epochs passes over the samples of a task
 * @param rate the learning rate of Adam
 * @param headRateFactor what the head's rate is multiplied by
 * @param clipNorm the largest norm of a gradient; infinite for none
 * @param headInitDeviation the standard deviation of a new class's weights
 * @param head how features become logits
 * @param headScale what the cosines of a cosine head are multiplied by
 * @param imprint whether a pass before the first step gives new classes the mean of their features
 *     as weights
 * @param init the adapter that modules start from; {@code ""} for none
 * @param curriculum which rows of a batch are learned
 */
public record TuningSettings(
    Map<String, PetModule> modules,
    int epochs,
    double rate,
    double headRateFactor,
    double clipNorm,
    double headInitDeviation,
    HeadKind head,
    double headScale,
    boolean imprint,
    String init,
    CurriculumDraw curriculum) {
  /** Copies the modules. */
  public TuningSettings {
    modules = Collections.unmodifiableMap(new LinkedHashMap<>(modules));
  }

  /** Reads the settings of a learner with a linear head; mistakes are left with the reader. */
  public static TuningSettings read(SettingsReader settings) {
    return read(settings, HeadKind.LINEAR, 1, false);
  }

  /** The same for a learner whose head is a matter of settings too. */
  public static TuningSettings readWithHead(SettingsReader settings) {
    HeadKind head = settings.choice("head", HeadKind.class);
    boolean imprint = settings.flag("imprint");
    if (imprint && head != HeadKind.COSINE) {
      settings.problem("imprint", "expected head = cosine, found head = linear");
    }
    return read(settings, head, settings.number("head-scale", 1e-6, 1e6), imprint);
  }

  private static TuningSettings read(
      SettingsReader settings, HeadKind head, double headScale, boolean imprint) {
    double clipNorm = settings.number("clip-norm", 0, 1e9);
    return new TuningSettings(
        PetModules.read(settings),
        settings.integer("epochs", 1, 100_000),
        settings.number("rate", 0, 100),
        settings.number("head-rate-factor", 0, 1e6),
        clipNorm == 0 ? Double.POSITIVE_INFINITY : clipNorm,
        settings.number("head-init-deviation", 0, 1e3),
        head,
        headScale,
        imprint,
        settings.text("init"),
        new CurriculumDraw(
            settings.number("curriculum-share", 1e-6, 1),
            new Curriculum(settings.number("curriculum-width", 1e-9, 1e9))));
  }

  /** Passes over the samples of a task, that of the imprinting included. */
  public int passes() {
    return epochs + (imprint ? 1 : 0);
  }
}
