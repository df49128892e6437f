package io.acclimate.runtime.method;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.text.Names;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/**
 * The methods of one kind of provider on the class path, by name. Immutable and safe to share.
 *
 * @param <P> the provider's type
 */
public final class MethodRegistry<P extends MethodProvider> {
  private final Map<String, P> providers = new TreeMap<>();

  private MethodRegistry(Iterable<P> found) {
    for (P provider : found) {
      String name = provider.descriptor().name();
      P other = providers.put(name, provider);
      if (other != null) {
        throw new AcclimateException(
            "method '%s' is given twice: by %s and by %s"
                .formatted(name, other.getClass().getName(), provider.getClass().getName()));
      }
    }
  }

  /** Loads the providers of this type. */
  public static <P extends MethodProvider> MethodRegistry<P> load(Class<P> type) {
    return new MethodRegistry<>(ServiceLoader.load(type));
  }

  /** The names in alphabetical order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(providers.keySet());
  }

  /** The providers in the order of their names. */
  public Collection<P> providers() {
    return Collections.unmodifiableCollection(providers.values());
  }

  /**
   * The provider of this name.
   *
   * @throws AcclimateException when there is none; the message names the nearest or all
   */
  public P require(String name) {
    P provider = providers.get(name);
    if (provider == null) {
      throw new AcclimateException(
          "unknown method '" + name + "'" + Names.suggestion(name, providers.keySet()));
    }
    return provider;
  }

  /**
   * The default of every setting of a method: {@code acclimate.methods.NAME} in the {@code
   * reference.conf} of the jar that brings it.
   */
  public static Config defaults(String method) {
    String path = "acclimate.methods." + method;
    Config reference = ConfigFactory.defaultReference(MethodRegistry.class.getClassLoader());
    return reference.hasPath(path) ? reference.getConfig(path) : ConfigFactory.empty();
  }
}
