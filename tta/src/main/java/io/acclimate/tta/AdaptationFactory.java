package io.acclimate.tta;

import com.typesafe.config.Config;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.method.ModelNeed;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.guard.GuardSettings;
import java.util.Optional;

/**
 * Makes a method with its protocol, its guard, and what it sits on, from settings that were read
 * and checked once. Immutable and safe to share.
 */
public final class AdaptationFactory {
  private final CorrectorFactory corrector;
  private final MethodDescriptor descriptor;
  private final Protocol protocol;
  private final GuardSettings guard;

  private AdaptationFactory(
      CorrectorFactory corrector,
      MethodDescriptor descriptor,
      Protocol protocol,
      GuardSettings guard) {
    this.corrector = corrector;
    this.descriptor = descriptor;
    this.protocol = protocol;
    this.guard = guard;
  }

  /**
   * Reads a method's settings.
   *
   * @param name the method's name
   * @param given settings over its defaults
   * @throws AcclimateException when there is no such method or there are mistakes; all are named
   */
  public static AdaptationFactory of(String name, Config given) {
    MethodRegistry<CorrectorProvider> registry = CorrectorProvider.registry();
    CorrectorProvider provider = registry.require(name);
    SettingsReader reader = new SettingsReader(given, CorrectorProvider.defaults(name), name);
    AdaptationFactory factory = read(registry, provider, reader);
    reader.throwIfAny("settings of method " + name);
    return factory;
  }

  /** Reads a method's settings; mistakes are reported to the reader. */
  public static AdaptationFactory read(
      MethodRegistry<CorrectorProvider> registry,
      CorrectorProvider provider,
      SettingsReader settings) {
    settings.rejectUnknown();
    Protocol protocol = Protocol.read(settings.child("protocol"));
    GuardSettings guard = GuardSettings.read(settings.child("guard"));
    Chain chain = chain(registry, provider, settings);
    return new AdaptationFactory(chain.corrector(), chain.needs(), protocol, guard);
  }

  /** A method on what it sits on, and the needs of both. */
  private record Chain(CorrectorFactory corrector, MethodDescriptor needs) {}

  private static Chain chain(
      MethodRegistry<CorrectorProvider> registry,
      CorrectorProvider provider,
      SettingsReader settings) {
    MethodDescriptor own = provider.descriptor(settings);
    SettingsReader of = settings.child("of");
    of.rejectUnknown();
    String name = of.text("method");
    if (name.isEmpty()) {
      return new Chain(provider.read(settings), own);
    }
    if (!registry.names().contains(name)
        || registry.require(name).descriptor().kind() == MethodKind.CONTROL) {
      of.problem(
          "method", "unknown method '" + name + "'" + Names.suggestion(name, registry.names()));
      return new Chain(provider.read(settings), own);
    }
    SettingsReader innerSettings =
        of.of(of.object("settings"), CorrectorProvider.defaults(name), "settings");
    innerSettings.rejectUnknown();
    Chain inner = chain(registry, registry.require(name), innerSettings);
    return new Chain(provider.readOn(settings, name, inner.corrector()), own.on(inner.needs()));
  }

  /** What the method needs, together with what it sits on. */
  public MethodDescriptor descriptor() {
    return descriptor;
  }

  /**
   * Makes the method for one stream.
   *
   * @throws AcclimateException when the context lacks what the method needs
   */
  public Adaptation create(MethodContext context) {
    String name = descriptor.name();
    if (descriptor.needsFeatures() && context.featureSize() == 0) {
      throw new AcclimateException("method " + name + " needs features, found none");
    }
    if (descriptor.needs(SourceNeed.HEAD) && context.head().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " needs the head's weights, but the logits are not a linear layer of the features");
    }
    requireSource(
        SourceNeed.STATISTICS, context.source(), "source statistics", "source-statistics");
    requireSource(
        SourceNeed.FISHER,
        context.fisher(),
        "the Fisher information of the source",
        "source-fisher");
    requireSource(
        SourceNeed.CONSISTENCY,
        context.consistency(),
        "a consistency loss learned on the source",
        "source-consistency");
    requireSource(
        SourceNeed.LABEL_SHIFT,
        context.labelShift(),
        "a label shift adapter learned on the source",
        "source-label-shift");
    if (descriptor.needsGradients() && context.model().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " changes the model and needs the model itself, found the model's outputs only");
    }
    if (descriptor.model() == ModelNeed.FORWARDS && context.forward().isEmpty()) {
      throw new AcclimateException(
          "method " + name + " runs the model itself, found the model's outputs only");
    }
    BatchForm form =
        new BatchForm(
            context.classes(),
            descriptor.needsFeatures() ? context.featureSize() : 0,
            descriptor.runsModel());
    return new Adaptation(corrector.create(context), protocol, guard, form);
  }

  private void requireSource(SourceNeed need, Optional<?> found, String what, String command) {
    if (descriptor.needs(need) && found.isEmpty()) {
      throw new AcclimateException(
          "method %s needs %s (see 'acclimate %s')".formatted(descriptor.name(), what, command));
    }
  }
}
