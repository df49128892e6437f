package io.acclimate.bank.store;

import io.acclimate.bank.Adapter;
import io.acclimate.runtime.AcclimateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;

/** Reads every file of a bank. */
final class BankVerifier {
  private BankVerifier() {}

  static VerifyReport verify(BankFolder folder) {
    List<String> problems = new ArrayList<>();
    References references =
        new References(folder, (file, problem) -> problems.add(describe(folder, file, problem)));
    Head head = references.tryRead(folder.head(), folder::readHead);
    SortedSet<Long> versions = head == null ? folder.versions() : folder.versions(head);
    if (head != null && !versions.contains(head.version())) {
      problems.add(folder.head() + ": expected a version that is kept, found " + head.version());
    }
    versions.forEach(references::add);
    new TreeMap<>(references.adapters())
        .forEach(
            (file, entry) ->
                references.tryRead(
                    file,
                    () -> {
                      Adapter adapter = BankView.readAdapter(folder, entry);
                      adapter.requireSound();
                      return adapter;
                    }));
    new TreeMap<>(references.states())
        .forEach(
            (file, state) ->
                references.tryRead(
                    file, () -> BankView.readState(folder, state.getKey(), state.getValue())));
    SortedSet<Path> unreferenced = folder.files();
    unreferenced.removeAll(references.files());
    long bytes =
        references.files().stream().filter(Files::exists).mapToLong(BankPruner::size).sum();
    return new VerifyReport(
        versions.size(),
        references.adapters().size(),
        references.states().size(),
        bytes,
        problems,
        unreferenced.size());
  }

  /** Most messages name a file of the bank already, sometimes another one than was looked at. */
  private static String describe(BankFolder folder, Path file, RuntimeException problem) {
    if (!(problem instanceof AcclimateException)) {
      throw problem;
    }
    String message = problem.getMessage();
    return message.startsWith(folder.root().toString()) ? message : file + ": " + message;
  }
}
