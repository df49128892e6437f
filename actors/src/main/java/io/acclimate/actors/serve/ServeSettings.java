package io.acclimate.actors.serve;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.settings.SettingsReader;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The settings of an {@link InferenceServer}; meanings and defaults stand in this module's {@code
 * reference.conf} under {@code acclimate.serve}.
 *
 * @param host the name or address to listen on
 * @param port the port; 0: any that is free
 * @param token the bearer token; empty: none, and controlling calls are refused
 * @param limits what clients may take
 */
public record ServeSettings(String host, int port, Optional<String> token, ServeLimits limits) {
  private static final int MIN_TOKEN_BYTES = 16;
  private static final String LOOPBACK = "127.0.0.1";

  /**
   * Checks what belongs together.
   *
   * @throws AcclimateException when the host is no address of this machine's loopback and there is
   *     no token, or the token is short
   */
  public ServeSettings {
    token.ifPresent(ServeSettings::requireStrong);
    if (token.isEmpty() && !isLoopback(host)) {
      throw new AcclimateException(
          "%s is beyond loopback: expected a token (serve.token), found none".formatted(host));
    }
  }

  private static void requireStrong(String token) {
    boolean printable = token.chars().allMatch(c -> c > ' ' && c < 127);
    if (!printable || token.getBytes(StandardCharsets.UTF_8).length < MIN_TOKEN_BYTES) {
      throw new AcclimateException(
          "expected a token of at least %d printable ASCII characters without spaces"
              .formatted(MIN_TOKEN_BYTES));
    }
  }

  /** Whether only this machine can reach the server. */
  public boolean loopback() {
    return isLoopback(host);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new AcclimateException("expected a name or address of this machine, found " + host, e);
    }
  }

  /** The same settings on another port. */
  public ServeSettings withPort(int other) {
    return new ServeSettings(host, other, token, limits);
  }

  /** The default of every setting. */
  public static Config defaultConfig() {
    return ConfigFactory.defaultReference(ServeSettings.class.getClassLoader())
        .getConfig("acclimate.serve");
  }

  /**
   * Reads settings over the defaults.
   *
   * @throws AcclimateException when there are mistakes
   */
  public static ServeSettings of(Config given) {
    SettingsReader reader = new SettingsReader(given, defaultConfig(), "serve");
    ServeSettings settings = read(reader);
    reader.throwIfAny("serve settings");
    return settings;
  }

  /** Reads settings and leaves their mistakes with the reader. */
  public static ServeSettings read(SettingsReader reader) {
    reader.rejectUnknown();
    ServeLimits limits = ServeLimits.read(reader.child("limits"));
    String host = reader.text("host");
    int port = reader.integer("port", 0, 65_535);
    String token = reader.text("token");
    try {
      return new ServeSettings(
          host, port, token.isEmpty() ? Optional.empty() : Optional.of(token), limits);
    } catch (AcclimateException e) {
      reader.problem(token.isEmpty() ? "host" : "token", e.getMessage());
      return new ServeSettings(LOOPBACK, port, Optional.empty(), limits);
    }
  }
}
