package io.acclimate.bank.store;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.bank.Adapter;
import io.acclimate.runtime.AcclimateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** An empty bank in a folder of its own for each test. */
abstract class BankFixture {
  @TempDir Path folder;
  Path root;
  AdapterBank bank;

  @BeforeEach
  void create() {
    root = folder.resolve("bank");
    bank = AdapterBank.create(root, BankSettings.defaults());
  }

  AdapterBank reopened() {
    return AdapterBank.open(root, BankSettings.defaults());
  }

  BankView publish(Adapter... adapters) {
    BankChange change = new BankChange("test");
    for (Adapter adapter : adapters) {
      change.put(adapter);
    }
    return bank.publish(change);
  }

  /** The bytes of every file but the one that locks. */
  SortedMap<String, String> contents() throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("LOCK")) {
          contents.put(
              root.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
        }
      }
    }
    return contents;
  }

  static void assertRefused(String words, Executable call) {
    AcclimateException error = assertThrows(AcclimateException.class, call);
    assertTrue(error.getMessage().contains(words), error.getMessage());
  }
}
