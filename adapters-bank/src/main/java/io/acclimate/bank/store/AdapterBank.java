package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Adapters and states on disk, in versions: a version never changes, and which one is current
 * changes in one step. Publishing writes only what is new; rolling back writes one small file,
 * whatever the size of the bank; opening reads no more than the index.
 *
 * <p>Safe for all threads. One process writes at a time: others wait, and see with {@link #refresh}
 * what was published. Readers never wait. A process that is killed leaves the bank as it was before
 * or after its change.
 */
public final class AdapterBank {

  private final BankFolder folder;
  private final BankSettings settings;
  private final AdapterCache cache;
  private final AtomicReference<Known> known;

  /**
   * The current version as this object knows it.
   *
   * @param stamp of {@code HEAD} when it said so; null when this object has written it
   */
  private record Known(BankView view, BankFolder.HeadStamp stamp) {}

  private AdapterBank(BankFolder folder, BankSettings settings) {
    this.folder = folder;
    this.settings = settings;
    this.cache = new AdapterCache(settings.cacheBytes());
    this.known = new AtomicReference<>(new Known(viewOf(folder.readHead().version()), null));
  }

  /**
   * Creates an empty bank.
   *
   * @param root a folder that does not exist or is empty, but for what a process left that was
   *     killed while it created a bank
   * @throws AcclimateException when it is neither, or cannot be written
   */
  public static AdapterBank create(Path root, BankSettings settings) {
    BankFolder folder = new BankFolder(root);
    try {
      Files.createDirectories(root);
      if (!folder.isUnbegun()) {
        throw new AcclimateException(root + ": expected an empty folder, found files in it");
      }
    } catch (IOException e) {
      throw new AcclimateException("cannot make a bank in " + root + ": " + e, e);
    }
    BankFolder.write(folder.manifest(0), BankJson.withHash(Manifest.EMPTY));
    BankFolder.write(folder.head(), BankJson.withHash(new Head(Manifest.FORMAT, 0, 0)));
    return new AdapterBank(folder, settings);
  }

  /**
   * Opens a bank at its current version.
   *
   * @throws AcclimateException when there is none, or its head or manifest is damaged
   */
  public static AdapterBank open(Path root, BankSettings settings) {
    BankFolder folder = new BankFolder(root);
    if (!Files.exists(folder.head())) {
      throw new AcclimateException(root + ": expected a bank, found no file HEAD in it");
    }
    return new AdapterBank(folder, settings);
  }

  /**
   * Opens a bank, or creates it where there is none.
   *
   * @throws AcclimateException when it is damaged, or there are other files in the folder
   */
  public static AdapterBank openOrCreate(Path root, BankSettings settings) {
    boolean there = Files.exists(new BankFolder(root).head());
    return there ? open(root, settings) : create(root, settings);
  }

  /** The current version, as this object knows it. */
  public BankView current() {
    return known.get().view();
  }

  /** The bytes of adapters that are kept in memory. */
  public long cachedBytes() {
    return cache.bytes();
  }

  /** The numbers of all versions that are kept, the current one among them. */
  public SortedSet<Long> versions() {
    return folder.versions(folder.readHead());
  }

  /**
   * Any version that is kept.
   *
   * @throws AcclimateException when it is not kept or damaged
   */
  public BankView view(long version) {
    BankView current = current();
    return current.version() == version ? current : viewOf(version);
  }

  private BankView viewOf(long version) {
    if (version > folder.readHead().last() || !Files.exists(folder.manifest(version))) {
      throw new AcclimateException(
          "no version %d of %s; it has %s".formatted(version, folder.root(), versions()));
    }
    return new BankView(folder, cache, folder.readManifest(version));
  }

  /**
   * Looks whether another process has changed the current version, and returns it. Waits for nobody
   * and takes microseconds where nothing was changed, so it may be asked before each batch.
   *
   * @throws AcclimateException when the bank's head or the version is damaged or gone
   */
  public BankView refresh() {
    Known before = known.get();
    BankFolder.HeadStamp stamp = folder.headStamp();
    if (stamp.equals(before.stamp())) {
      return before.view();
    }
    BankView view = viewFrom(before.view(), folder.readHead().version());
    known.compareAndSet(before, new Known(view, stamp)); // else what is known is newer
    return current();
  }

  /**
   * Makes a new version of the current one and this change. All of it is there afterwards, or, when
   * this fails, nothing.
   *
   * @return the new version, which is now the current one
   * @throws AcclimateException when the change takes away or restores what is not there, or a file
   *     cannot be written
   */
  public synchronized BankView publish(BankChange change) {
    return folder.locked(
        () -> {
          Head head = folder.readHead();
          BankView base = moveTo(head.version());
          long version = head.last() + 1;
          Manifest manifest =
              new Publication(folder, settings.codec(), base, version).write(change, this::view);
          writeHead(version, version);
          BankView published = new BankView(folder, cache, manifest);
          published.adoptIndexOf(base);
          known.set(new Known(published, null));
          return published;
        });
  }

  /**
   * Makes an older or newer version the current one: one small file is written. The versions after
   * it stay.
   *
   * @throws AcclimateException when the version is not kept or damaged, or has another adapter of a
   *     name that a running learner has claimed: the learner goes on from what it has published, so
   *     it has to roll back itself
   */
  public synchronized BankView rollback(long version) {
    return folder.locked(
        () -> {
          Head head = folder.readHead();
          List<FolderLock> claims = claimChanged(moveTo(head.version()), viewOf(version));
          try {
            writeHead(version, head.last());
            return moveTo(version);
          } finally {
            claims.forEach(FolderLock::close);
          }
        });
  }

  /** No learner may be at work on what changes, or begin to be. */
  private List<FolderLock> claimChanged(BankView from, BankView to) {
    List<FolderLock> claims = new ArrayList<>();
    try {
      for (String adapter : folder.learners()) {
        if (!from.find(adapter).equals(to.find(adapter))) {
          claims.add(folder.claim(adapter));
        }
      }
      return claims;
    } catch (AcclimateException e) {
      claims.forEach(FolderLock::close);
      throw new AcclimateException(
          "cannot go to %s while a learner publishes an adapter that changes; let the learner roll back, or stop it first: %s"
              .formatted(to, e.getMessage()),
          e);
    }
  }

  /**
   * Takes versions away, and every file that none of the others refers to.
   *
   * @param keep how many of the newest versions stay, from 0; the current one always stays
   * @param dryRun whether nothing is removed, only counted
   * @throws AcclimateException when what stays cannot be read: nothing is removed then
   */
  public synchronized PruneReport prune(int keep, boolean dryRun) {
    return folder.locked(() -> BankPruner.prune(folder, folder.readHead(), keep, dryRun));
  }

  /** Reads every file of every version and lists what is wrong; changes nothing. */
  public VerifyReport verify() {
    return BankVerifier.verify(folder);
  }

  /**
   * Verifies a bank that may be too damaged to be opened.
   *
   * @throws AcclimateException when the folder has no versions of a bank at all
   */
  public static VerifyReport verify(Path root) {
    BankFolder folder = new BankFolder(root);
    if (!Files.isDirectory(folder.manifests())) {
      throw new AcclimateException(
          "%s: expected a bank, found no folder %s"
              .formatted(root, root.relativize(folder.manifests())));
    }
    return BankVerifier.verify(folder);
  }

  /**
   * Claims the name of an adapter for a learner, which publishes under it and goes on from what it
   * has published. Others may change the rest of the bank.
   *
   * @return the claim, to be closed
   * @throws AcclimateException when another learner has claimed it, in this process or another
   */
  public FolderLock claim(String adapter) {
    AdapterRef.requireName(adapter);
    return folder.claim(adapter);
  }

  /**
   * Publishes one adapter for somebody who is no learner.
   *
   * @param note why, for people
   * @throws AcclimateException when {@link #publish} fails, or a learner has claimed the name: what
   *     it has published would no longer be what it goes on from
   */
  public BankView publishUnclaimed(Adapter adapter, String note) {
    BankChange change = new BankChange(note).put(adapter);
    String id = adapter.card().id();
    if (!folder.learners().contains(id)) {
      return publish(change); // never claimed
    }
    FolderLock claim = claim(id);
    try {
      return publish(change);
    } finally {
      claim.close();
    }
  }

  private void writeHead(long version, long last) {
    BankFolder.write(folder.head(), BankJson.withHash(new Head(Manifest.FORMAT, version, last)));
  }

  /** The view of a version, which is the current one by now. */
  private BankView moveTo(long version) {
    BankView view = viewFrom(current(), version);
    known.set(new Known(view, null));
    return view;
  }

  private BankView viewFrom(BankView before, long version) {
    if (before.version() == version) {
      return before;
    }
    BankView view = viewOf(version);
    view.adoptIndexOf(before);
    return view;
  }

  @Override
  public String toString() {
    return current().toString();
  }
}
