package io.acclimate.actors.serve;

import io.acclimate.runtime.settings.SettingsReader;
import java.time.Duration;

/**
 * What clients may take of an {@link InferenceServer}; meanings and defaults stand in {@code
 * reference.conf} under {@code acclimate.serve.limits}.
 *
 * @param requestBytes bytes of a request's body
 * @param jsonDepth levels of nesting in JSON
 * @param requestsPerSecond requests a second of one client address; 0: no limit
 * @param burst requests that may come at once after a quiet time
 * @param requests requests under way at the same time
 * @param connections open connections
 * @param watchers open event streams
 * @param idle how long a connection may be silent
 * @param header how long a client may take to send the head of a request
 * @param bytesPerSecond the slowest that a body may come in
 */
public record ServeLimits(
    int requestBytes,
    int jsonDepth,
    int requestsPerSecond,
    int burst,
    int requests,
    int connections,
    int watchers,
    Duration idle,
    Duration header,
    int bytesPerSecond) {

  static ServeLimits read(SettingsReader reader) {
    reader.rejectUnknown();
    return new ServeLimits(
        reader.integer("request-bytes", 1024, 1 << 30),
        reader.integer("json-depth", 4, 1000),
        reader.integer("requests-per-second", 0, 1_000_000),
        reader.integer("burst", 2, 1_000_000),
        reader.integer("requests", 1, 100_000),
        reader.integer("connections", 1, 100_000),
        reader.integer("watchers", 0, 10_000),
        Duration.ofSeconds(reader.integer("idle-seconds", 1, 3600)),
        Duration.ofSeconds(reader.integer("header-seconds", 1, 3600)),
        reader.integer("bytes-per-second", 0, 1 << 30));
  }
}
