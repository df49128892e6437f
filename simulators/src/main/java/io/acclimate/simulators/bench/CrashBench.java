package io.acclimate.simulators.bench;

import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Kills a learning process (SIGKILL) at random moments while it learns; after every fifth time also
 * the next one while it starts or recovers. After each kill the process that resumes must have the
 * state of a run that was never killed, bit for bit, and no step that was done before the kill may
 * be missing.
 */
public final class CrashBench implements Benchmark {
  private static final long SEED = 20260701;
  private static final int MOST_LEARNING_MILLIS = 150;

  /** Every so many kills the next process is killed while it starts. */
  private static final int EARLY_EVERY = 5;

  private static final int MOST_STARTING_MILLIS = 600;

  /** Only so that a hang ends. */
  private static final int HANG_MINUTES = 5;

  private final int kills;

  /** Prepares so many kills. */
  public CrashBench(int kills) {
    this.kills = kills;
  }

  /** One life of the process. */
  private static final class Life {
    private final Process process;
    private final CompletableFuture<String> resumed = new CompletableFuture<>();
    private final AtomicLong at = new AtomicLong();
    private final Thread reader;

    Life(Path folder) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(ChronicleJournal.jvmFlags());
      command.addAll(
          List.of(
              "-Dchronicle.analytics.disable=true",
              "-Xmx256m",
              "-cp",
              System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
              CrashChild.class.getName(),
              folder.toString(),
              Long.toString(SEED)));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      reader = new Thread(this::listen, "crash-child-output");
      reader.setDaemon(true);
      reader.start();
    }

    private void listen() {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("resumed ")) {
            resumed.complete(line);
          } else if (line.matches("at \\d+")) {
            at.set(Long.parseLong(line.substring(3)));
          }
        }
      } catch (IOException e) {
        // the pipe breaks with the process
      }
      resumed.completeExceptionally(
          new AcclimateException("the process ended before it had resumed"));
    }

    /** What the process says once it has resumed. */
    String awaitResumed() {
      return resumed.orTimeout(HANG_MINUTES, TimeUnit.MINUTES).join();
    }

    /** Kills the process and gives the steps that it is known to have done. */
    long kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
      reader.join();
      return at.get();
    }
  }

  @Override
  public Map<String, Double> run(Progress progress) {
    try {
      Path folder = Files.createTempDirectory("acclimate-crash");
      try {
        return run(folder, progress);
      } finally {
        PathUtils.deleteDirectory(folder);
      }
    } catch (IOException e) {
      throw new AcclimateException("expected to start processes, found: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AcclimateException("interrupted", e);
    }
  }

  private Map<String, Double> run(Path folder, Consumer<String> progress)
      throws IOException, InterruptedException {
    UniformRandomProvider random = SeedTree.of(SEED).child("moments").generator();
    CrashLearner reference = new CrashLearner(SEED);
    int equal = 0;
    Life life = new Life(folder);
    try {
      life.awaitResumed();
      for (int kill = 1; kill <= kills; kill++) {
        Thread.sleep(random.nextInt(MOST_LEARNING_MILLIS));
        long done = life.kill();
        if (kill % EARLY_EVERY == 0) {
          Life early = new Life(folder);
          Thread.sleep(random.nextInt(MOST_STARTING_MILLIS));
          done = Math.max(done, early.kill());
        }
        life = new Life(folder);
        boolean same = isEqual(life.awaitResumed(), reference, done);
        equal += same ? 1 : 0;
        progress.accept(
            "kill %d of %d: %s after %d steps"
                .formatted(kill, kills, same ? "equal" : "DIFFERENT", reference.steps()));
      }
    } finally {
      life.kill();
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("kills", (double) kills);
    figures.put("equal", (double) equal);
    return figures;
  }

  /** Whether a process has resumed where the run that was never killed is after as many steps. */
  private static boolean isEqual(String resumed, CrashLearner reference, long atLeast) {
    String[] words = resumed.split(" ");
    long steps = Long.parseLong(words[1]);
    if (steps < Math.max(atLeast, reference.steps())) {
      return false;
    }
    while (reference.steps() < steps) {
      reference.apply(reference.batch(reference.steps()));
      reference.apply(reference.labels(reference.steps()));
    }
    if (Boolean.parseBoolean(words[3])) {
      reference.apply(reference.batch(steps));
    }
    return reference.stateHash().equals(words[2]);
  }
}
