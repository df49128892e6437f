package io.acclimate.bank.store;

import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.io.FolderLock;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Where the files of a bank lie, and how they are read and written. Stateless. */
final class BankFolder {
  private static final String JSON = ".json";
  private static final String TENSORS = ".safetensors";
  private static final String VERSIONS = "versions";
  private static final String INDEX = "index";
  private static final String ADAPTERS = "adapters";
  private static final String STATES = "states";
  private static final List<String> PLACES = List.of(VERSIONS, INDEX, ADAPTERS, STATES);
  private static final String LEARNER = "learner-of-";
  private static final String LOCK = ".lock";

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
    return root.resolve(VERSIONS);
  }

  Path manifest(long version) {
    return manifests().resolve(version + JSON);
  }

  Path index(String sha256) {
    return root.resolve(INDEX).resolve(sha256 + JSON);
  }

  Path tensors(AdapterRef ref) {
    return root.resolve(ADAPTERS).resolve(ref.id()).resolve(ref.version() + TENSORS);
  }

  Path card(AdapterRef ref) {
    return root.resolve(ADAPTERS).resolve(ref.id()).resolve(ref.version() + JSON);
  }

  Path state(String name, long version) {
    return root.resolve(STATES).resolve(name).resolve(version + TENSORS);
  }

  /** The numbers of all versions that were published, the last one among them. */
  SortedSet<Long> versions(Head head) {
    return versions().headSet(head.last() + 1);
  }

  /** The numbers of all versions that have a file, though a killed process never published it. */
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

  /**
   * All files of the bank but {@code HEAD} and the locks, and what killed processes left of them.
   * Other files that lie in the folder are none of the bank's.
   */
  SortedSet<Path> files() {
    SortedSet<Path> found = new TreeSet<>();
    PLACES.forEach(place -> addFiles(root.resolve(place), Integer.MAX_VALUE, found));
    addFiles(root, 1, found);
    found.removeIf(file -> file.getParent().equals(root) && !AtomicFiles.isAside(file, head()));
    return found;
  }

  private static void addFiles(Path place, int depth, Set<Path> found) {
    if (Files.isDirectory(place)) {
      try (Stream<Path> files = Files.walk(place, depth)) {
        files.filter(Files::isRegularFile).forEach(found::add);
      } catch (IOException e) {
        throw InputFiles.failed(place, e);
      }
    }
  }

  /** The adapters whose names were ever claimed for a learner. */
  List<String> learners() {
    try (Stream<Path> files = Files.list(root)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(LEARNER) && name.endsWith(LOCK))
          .map(name -> name.substring(LEARNER.length(), name.length() - LOCK.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw InputFiles.failed(root, e);
    }
  }

  /**
   * Claims the name of an adapter for a learner.
   *
   * @throws AcclimateException when another learner has it
   */
  FolderLock claim(String adapter) {
    return FolderLock.take(LEARNER + adapter, root);
  }

  /** What tells one content of {@code HEAD} from another without reading it. */
  HeadStamp headStamp() {
    try {
      BasicFileAttributes now = Files.readAttributes(head(), BasicFileAttributes.class);
      return new HeadStamp(now.lastModifiedTime(), now.fileKey());
    } catch (IOException e) {
      throw InputFiles.failed(head(), e);
    }
  }

  /**
   * When {@code HEAD} was written, and which file it is: each change brings another one.
   *
   * @param key null where the file system has none
   */
  record HeadStamp(FileTime written, Object key) {}

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

  /** Whether there is no file but those that creating a bank writes before its head. */
  boolean isUnbegun() throws IOException {
    Path first = manifest(0);
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> !Files.isDirectory(file))
          .allMatch(
              file ->
                  file.equals(first)
                      || AtomicFiles.isAside(file, first)
                      || AtomicFiles.isAside(file, head()));
    }
  }

  /** Whether a folder holds nothing. */
  private static boolean isEmpty(Path place) throws IOException {
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
