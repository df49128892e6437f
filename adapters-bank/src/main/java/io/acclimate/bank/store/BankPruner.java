package io.acclimate.bank.store;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.InputFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Removes versions and the files that nothing else refers to. */
final class BankPruner {
  private BankPruner() {}

  static PruneReport prune(BankFolder folder, Head head, int keep, boolean dryRun) {
    if (keep < 0) {
      throw new AcclimateException("expected to keep 0 versions or more, found " + keep);
    }
    List<Long> versions = new ArrayList<>(folder.versions(head));
    SortedSet<Long> kept =
        new TreeSet<>(versions.subList(Math.max(versions.size() - keep, 0), versions.size()));
    kept.add(head.version());
    References references =
        new References(
            folder,
            (file, problem) -> {
              throw problem;
            });
    kept.forEach(references::add);
    SortedSet<Path> unreferenced = folder.files();
    unreferenced.removeAll(references.files());
    long bytes = 0;
    for (Path file : unreferenced) {
      bytes += size(file);
    }
    if (!dryRun) {
      // Versions go first: one whose files are gone could be taken for a damaged one.
      versions.stream()
          .filter(version -> !kept.contains(version))
          .map(folder::manifest)
          .forEach(folder::delete);
      unreferenced.forEach(folder::delete);
    }
    return new PruneReport(versions.size() - kept.size(), unreferenced.size(), bytes, kept.size());
  }

  static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw InputFiles.failed(file, e);
    }
  }
}
