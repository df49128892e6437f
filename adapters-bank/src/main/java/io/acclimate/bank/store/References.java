package io.acclimate.bank.store;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Everything that some versions of a bank refer to, each once. */
final class References {
  private final BankFolder folder;
  private final BiConsumer<Path, RuntimeException> onProblem;
  private final Set<String> index = new HashSet<>();
  private final Set<Path> files = new HashSet<>();
  private final Map<Path, BankEntry> adapters = new HashMap<>();
  private final Map<Path, Map.Entry<String, StateEntry>> states = new HashMap<>();

  /**
   * Starts without any.
   *
   * @param onProblem is told of files that cannot be read; it may throw
   */
  References(BankFolder folder, BiConsumer<Path, RuntimeException> onProblem) {
    this.folder = folder;
    this.onProblem = onProblem;
  }

  /** Adds what a version refers to. */
  void add(long version) {
    files.add(folder.manifest(version));
    Manifest manifest = tryRead(folder.manifest(version), () -> folder.readManifest(version));
    if (manifest != null) {
      manifest.index().values().stream().filter(index::add).forEach(this::addIndex);
      manifest.states().entrySet().forEach(this::addState);
    }
  }

  private void addState(Map.Entry<String, StateEntry> entry) {
    Path file = folder.state(entry.getKey(), entry.getValue().version());
    files.add(file);
    states.put(file, entry);
  }

  private void addIndex(String hash) {
    Path file = folder.index(hash);
    files.add(file);
    Map<String, BankEntry> entries =
        tryRead(file, () -> BankFolder.read(file, hash, BankJson::entries));
    if (entries != null) {
      for (BankEntry entry : entries.values()) {
        files.add(folder.card(entry.ref()));
        files.add(folder.tensors(entry.ref()));
        adapters.put(folder.tensors(entry.ref()), entry);
      }
    }
  }

  /** What is read, {@code null} when that failed. */
  <T> T tryRead(Path file, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (RuntimeException e) {
      onProblem.accept(file, e);
      return null;
    }
  }

  /** All files. */
  Set<Path> files() {
    return files;
  }

  /** The adapters by the file of their tensors. */
  Map<Path, BankEntry> adapters() {
    return adapters;
  }

  /** The states by their file. */
  Map<Path, Map.Entry<String, StateEntry>> states() {
    return states;
  }
}
