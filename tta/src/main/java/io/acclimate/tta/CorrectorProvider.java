package io.acclimate.tta;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.settings.SettingsReader;

/** Makes an {@link OutputCorrector} by name; registered as a {@link java.util.ServiceLoader}. */
public interface CorrectorProvider extends MethodProvider {
  /**
   * Reads the method's settings, without a model at hand.
   *
   * @param settings the method's settings; mistakes are reported to it, not thrown
   * @return makes correctors with these settings
   */
  CorrectorFactory read(SettingsReader settings);

  /**
   * Reads the settings of the method on top of another. By default it sees the other's answers in
   * place of the model's.
   *
   * @param settings the method's settings; mistakes are reported to it, not thrown
   * @param base the other method's name
   * @param inner makes the other method
   * @return makes both together
   */
  default CorrectorFactory readOn(SettingsReader settings, String base, CorrectorFactory inner) {
    CorrectorFactory outer = read(settings);
    return context -> new ChainedCorrector(inner.create(context), outer.create(context));
  }

  /**
   * What the method is and needs with these settings, where they change it.
   *
   * @param settings those given to {@link #read}
   */
  default MethodDescriptor descriptor(SettingsReader settings) {
    return descriptor();
  }

  /** All correctors on the class path. */
  static MethodRegistry<CorrectorProvider> registry() {
    return MethodRegistry.load(CorrectorProvider.class);
  }

  /**
   * The default of every setting of a method: its own, and those of {@code acclimate.test-time}
   * that all methods share.
   */
  static Config defaults(String method) {
    return MethodRegistry.defaults(method)
        .withFallback(
            ConfigFactory.defaultReference(CorrectorProvider.class.getClassLoader())
                .getConfig("acclimate.test-time"));
  }
}
