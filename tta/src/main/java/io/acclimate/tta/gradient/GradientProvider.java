package io.acclimate.tta.gradient;

import io.acclimate.bank.pet.PetModule;
import io.acclimate.bank.pet.PetModules;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.ParameterGroup;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.tta.CorrectorFactory;
import io.acclimate.tta.CorrectorProvider;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputCorrector;
import java.util.Map;

/** What the providers of gradient methods share: the form of their descriptors and settings. */
abstract class GradientProvider implements CorrectorProvider {
  private final MethodDescriptor descriptor;

  /**
   * A provider.
   *
   * @param changes the parameters that the method changes by default
   * @param forwards forward passes for one batch, that of the frozen model included
   */
  GradientProvider(
      String name,
      String summary,
      String paper,
      SourceNeed source,
      ParameterGroup changes,
      int forwards) {
    descriptor =
        new MethodDescriptor(
            name,
            MethodKind.TEST_TIME_ADAPTER,
            summary,
            paper,
            false,
            false,
            source,
            true,
            changes,
            forwards);
  }

  /** What can be changed. */
  private enum Parameters {
    NORM,
    ALL,
    ADAPTERS
  }

  /** Makes a method with settings that were read before. */
  @FunctionalInterface
  interface Maker {
    /** Makes the method for one stream. */
    OutputCorrector create(MethodContext context, ParameterChoice parameters);
  }

  @Override
  public final MethodDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public final MethodDescriptor descriptor(SettingsReader settings) {
    return descriptor.changing(
        switch (settings.choice("parameters", Parameters.class)) {
          case NORM -> WeightScope.NORM.group();
          case ALL -> WeightScope.ALL.group();
          case ADAPTERS -> ParameterGroup.ADAPTERS;
        });
  }

  @Override
  public final CorrectorFactory read(SettingsReader settings) {
    Maker maker = read(settings, OptimizerSettings.read(settings.child("optimizer")));
    Parameters parameters = settings.choice("parameters", Parameters.class);
    if (parameters == Parameters.ADAPTERS) {
      Map<String, PetModule> modules = modules(settings);
      return context ->
          maker.create(context, new ModuleChoice(modules, context.seeds().child("adapters")));
    }
    if (settings.isGiven(PetModules.KEY)) {
      settings.problem(PetModules.KEY, "has an effect with parameters = adapters only");
    }
    WeightScope scope = parameters == Parameters.NORM ? WeightScope.NORM : WeightScope.ALL;
    return context -> maker.create(context, scope);
  }

  private Map<String, PetModule> modules(SettingsReader settings) {
    if (descriptor.needs(SourceNeed.FISHER)) {
      settings.problem(
          "parameters",
          "expected norm or all: the source's Fisher information is that of the model's weights");
      return Map.of();
    }
    Map<String, PetModule> modules = PetModules.read(settings);
    modules.forEach(
        (name, module) -> {
          if (!module.isIdentityAtStart()) {
            settings.problem(
                PetModules.KEY + "." + name, "expected a module that changes nothing at the start");
          }
        });
    return modules;
  }

  /** Reads the method's own settings. */
  abstract Maker read(SettingsReader settings, OptimizerSettings optimizer);
}
