package io.acclimate.bank.store;

import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Where the files of a bank lie, and how they are read and written. Stateless. */
final class BankFolder {
  private static final String JSON = ".json";
  private static final String TENSORS = ".safetensors";

  private final Path root;

  BankFolder(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  Path head() {
    return root.resolve("HEAD");
  }

  Path manifests() {
    return root.resolve("versions");
  }

  Path manifest(long version) {
    return manifests().resolve(version + JSON);
  }

  Path index(String sha256) {
    return root.resolve("index").resolve(sha256 + JSON);
  }

  Path tensors(AdapterRef ref) {
    return root.resolve("adapters").resolve(ref.id()).resolve(ref.version() + TENSORS);
  }

  Path card(AdapterRef ref) {
    return root.resolve("adapters").resolve(ref.id()).resolve(ref.version() + JSON);
  }

  Path state(String name, long version) {
    return root.resolve("states").resolve(name).resolve(version + TENSORS);
  }

  /** The numbers of all versions that have a file. */
  SortedSet<Long> versions() {
    SortedSet<Long> versions = new TreeSet<>();
    try (Stream<Path> files = Files.list(manifests())) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d{1,18}\\.json"))
          .forEach(name -> versions.add(Long.valueOf(name.substring(0, name.length() - 5))));
    } catch (IOException e) {
      throw InputFiles.failed(manifests(), e);
    }
    return versions;
  }

  /** All files below the folder but {@code HEAD} and {@code LOCK}. */
  SortedSet<Path> files() {
    try (Stream<Path> files = Files.walk(root)) {
      SortedSet<Path> found = new TreeSet<>(files.filter(Files::isRegularFile).toList());
      found.remove(head());
      found.remove(lock());
      return found;
    } catch (IOException e) {
      throw InputFiles.failed(root, e);
    }
  }

  Head readHead() {
    return read(head(), BankJson::head);
  }

  Manifest readManifest(long version) {
    Manifest manifest = read(manifest(version), BankJson::manifest);
    if (manifest.version() != version) {
      throw new AcclimateException(
          "%s: expected version %d, found %d"
              .formatted(manifest(version), version, manifest.version()));
    }
    return manifest;
  }

  /** Reads a file as something; what is wrong with it is said with its name. */
  private static <T> T read(Path file, Function<byte[], T> parse) {
    return inFile(file, () -> parse.apply(readBytes(file)));
  }

  /**
   * Reads a file of known contents as something.
   *
   * @throws AcclimateException when it is missing, has another hash or does not hold what it should
   */
  static <T> T read(Path file, String sha256, Function<byte[], T> parse) {
    return inFile(
        file,
        () -> {
          byte[] bytes = readBytes(file);
          String found = ContentHash.sha256(bytes);
          if (!found.equals(sha256)) {
            throw new AcclimateException(
                "expected SHA-256 %s, found %s (damaged)".formatted(sha256, found));
          }
          return parse.apply(bytes);
        });
  }

  private static <T> T inFile(Path file, Supplier<T> reading) {
    InputFiles.requireFile(file);
    try {
      return reading.get();
    } catch (AcclimateException e) {
      throw new AcclimateException(file + ": " + e.getMessage(), e);
    }
  }

  private static byte[] readBytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }

  /** Creates or replaces a file and the folder it lies in. */
  static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new AcclimateException("cannot make folder " + file.getParent() + ": " + e, e);
    }
    AtomicFiles.write(file, out -> out.write(bytes));
  }

  /** Removes a file, and the folder of its adapter or state when that is then empty. */
  void delete(Path file) {
    Path place = file.getParent();
    try {
      if (Files.isRegularFile(file)) {
        Files.delete(file);
      }
      boolean ofOne = root.relativize(place).getNameCount() == 2;
      if (ofOne && Files.isDirectory(place) && isEmpty(place)) {
        Files.delete(place);
      }
    } catch (IOException e) {
      throw new AcclimateException("cannot remove " + file + ": " + e, e);
    }
  }

  /** Whether a folder holds nothing. */
  static boolean isEmpty(Path place) throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      return files.findAny().isEmpty();
    }
  }

  /**
   * Does something while no other process writes into the folder.
   *
   * @throws AcclimateException when another bank object of this process writes there
   */
  <T> T locked(Supplier<T> action) {
    try (FileChannel channel =
        FileChannel.open(lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // Held until the channel is closed.
      channel.lock();
      return action.get();
    } catch (IOException e) {
      throw new AcclimateException("cannot lock " + lock() + ": " + e, e);
    } catch (OverlappingFileLockException e) {
      throw new AcclimateException(
          root + ": expected one writer, found another in this process", e);
    }
  }

  private Path lock() {
    return root.resolve("LOCK");
  }
}
