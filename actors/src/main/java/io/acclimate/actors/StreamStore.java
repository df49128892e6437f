package io.acclimate.actors;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.state.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where one stream's state lies while the stream is idle or between two nodes of a cluster: a file
 * named by the hash of its id. It outlives restarts of the agent, and is touched by the stream's
 * owner only. Not thread-safe.
 */
public final class StreamStore {
  private final Path file;
  private boolean holds;

  /** The place of a stream in a folder, which need not exist yet. */
  public StreamStore(Path folder, String stream) {
    byte[] name = stream.getBytes(StandardCharsets.UTF_8);
    this.file = folder.resolve(ContentHash.sha256(name) + ".safetensors");
  }

  /** Whether the state lies here. */
  boolean holds() {
    return holds;
  }

  /**
   * Puts the state here.
   *
   * @throws AcclimateException when it cannot be written; it is then not here
   */
  public void put(State state) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new AcclimateException(
          "expected a folder for idle streams at %s, found: %s".formatted(file.getParent(), e), e);
    }
    state.write(file);
    holds = true;
  }

  /**
   * Takes the state back; it is no longer here, whatever comes of it.
   *
   * @throws AcclimateException when it is gone or damaged
   */
  State take() {
    holds = false;
    return State.read(file);
  }

  /**
   * What lies here, whoever has put it here.
   *
   * @throws AcclimateException when it is damaged
   */
  public Optional<State> find() {
    return Files.exists(file) ? Optional.of(State.read(file)) : Optional.empty();
  }

  /** Whether anybody has put something here. */
  public boolean isFilled() {
    return Files.exists(file);
  }

  /** Removes the file, if there is one. */
  public void clear() {
    holds = false;
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + file, e);
    }
  }
}
