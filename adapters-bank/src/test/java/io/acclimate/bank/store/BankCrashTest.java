package io.acclimate.bank.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.SeedTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed at any moment leaves a bank that is sound and has lost nothing. */
class BankCrashTest {
  private static final int ROUNDS = 3;

  @TempDir Path folder;

  /** Publishes the same two adapters and a state with the version's number, for ever. */
  static final class Publisher {
    private Publisher() {}

    public static void main(String[] arguments) {
      AdapterBank bank = AdapterBank.open(Path.of(arguments[0]), BankSettings.defaults());
      while (true) {
        long next = bank.versions().last() + 1;
        BankView published =
            bank.publish(
                new BankChange("version " + next)
                    .put(Samples.adapter("left", next))
                    .put(Samples.adapter("right", next))
                    .putState("number", Samples.state(next)));
        System.out.println(published.version());
      }
    }
  }

  @Test
  void aKilledWriterLosesNothingThatItPublished() throws Exception {
    Path root = folder.resolve("bank");
    AdapterBank.create(root, BankSettings.defaults());
    UniformRandomProvider random = SeedTree.of(11).generator();
    long reached = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long announced = runAndKill(root, 1 + random.nextInt(6), random.nextInt(3_000_000));
      AdapterBank bank = AdapterBank.open(root, BankSettings.defaults());
      BankView view = bank.current();
      assertTrue(view.version() >= announced && announced > reached, "version " + view.version());
      assertEquals(List.of(), bank.verify().problems());
      for (String id : List.of("left", "right")) {
        assertEquals(
            (float) view.version(), view.load(id).tensors().get("block.0.up").floats().get(0));
      }
      assertEquals(Samples.state(view.version()), view.state("number"));
      reached = view.version();
    }
  }

  /** Lets a process publish this often and some nanoseconds more, and kills it. */
  private static long runAndKill(Path root, int publications, long nanos)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Publisher.class.getName(),
                root.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long announced = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (int i = 0; i < publications; i++) {
        announced = Long.parseLong(lines.readLine());
      }
      long until = System.nanoTime() + nanos;
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      process.destroyForcibly();
      process.waitFor();
    }
    return announced;
  }
}
