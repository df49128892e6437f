package io.acclimate.tta;

import com.typesafe.config.Config;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodKind;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.runtime.text.Names;
import io.acclimate.tta.guard.GuardSettings;

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
    return new AdaptationFactory(
        chain(registry, provider, settings), needs(registry, provider, settings), protocol, guard);
  }

  private static CorrectorFactory chain(
      MethodRegistry<CorrectorProvider> registry,
      CorrectorProvider provider,
      SettingsReader settings) {
    CorrectorFactory outer = provider.read(settings);
    SettingsReader of = settings.child("of");
    of.rejectUnknown();
    String name = of.text("method");
    if (name.isEmpty()) {
      return outer;
    }
    if (!registry.names().contains(name)
        || registry.require(name).descriptor().kind() == MethodKind.CONTROL) {
      of.problem(
          "method", "unknown method '" + name + "'" + Names.suggestion(name, registry.names()));
      return outer;
    }
    SettingsReader innerSettings =
        of.of(of.object("settings"), CorrectorProvider.defaults(name), "settings");
    innerSettings.rejectUnknown();
    CorrectorFactory inner = chain(registry, registry.require(name), innerSettings);
    return context -> new ChainedCorrector(inner.create(context), outer.create(context));
  }

  /** The method's descriptor, with the needs of what it sits on. */
  private static MethodDescriptor needs(
      MethodRegistry<CorrectorProvider> registry,
      CorrectorProvider provider,
      SettingsReader settings) {
    MethodDescriptor own = provider.descriptor();
    String name = settings.child("of").text("method");
    if (!registry.names().contains(name)) {
      return own;
    }
    MethodDescriptor inner = registry.require(name).descriptor();
    return new MethodDescriptor(
        own.name(),
        own.kind(),
        own.summary(),
        own.paper(),
        own.needsFeatures() || inner.needsFeatures(),
        own.needsLabels(),
        own.source().compareTo(inner.source()) >= 0 ? own.source() : inner.source(),
        own.needsGradients() || inner.needsGradients(),
        own.changes(),
        Math.max(own.forwardsPerBatch(), inner.forwardsPerBatch()));
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
    if (descriptor.source() == SourceNeed.HEAD && context.head().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " needs the head's weights, but the logits are not a linear layer of the features");
    }
    if (descriptor.source() == SourceNeed.STATISTICS && context.source().isEmpty()) {
      throw new AcclimateException(
          "method " + name + " needs source statistics (see 'acclimate source-statistics')");
    }
    if (descriptor.source() == SourceNeed.FISHER && context.fisher().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " needs the Fisher information of the source (see 'acclimate source-fisher')");
    }
    if (descriptor.source() == SourceNeed.CONSISTENCY && context.consistency().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " needs a consistency loss learned on the source (see 'acclimate source-consistency')");
    }
    if (descriptor.needsGradients() && context.model().isEmpty()) {
      throw new AcclimateException(
          "method "
              + name
              + " changes the model and needs the model itself, found the model's outputs only");
    }
    return new Adaptation(corrector.create(context), protocol, guard, context.classes());
  }
}
