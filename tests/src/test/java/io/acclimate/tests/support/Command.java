package io.acclimate.tests.support;

import io.acclimate.replay.journal.ChronicleJournal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The {@code acclimate} command in a Java process of its own. */
public final class Command {
  /** The bit of SIGINT in a mask of signals. */
  private static final long INTERRUPT = 0b10;

  /** Only so that a hang ends; nothing is timed. */
  private static final int HANG_MINUTES = 10;

  private final Process process;
  private final Path output;
  private final Path error;

  /** What a command left behind. */
  public record Result(int exitCode, String output, String error) {}

  private Command(Process process, Path output, Path error) {
    this.process = process;
    this.output = output;
    this.error = error;
  }

  /** Runs a command to its end in this folder. */
  public static Result run(Path folder, String... arguments) throws Exception {
    return start(folder, Map.of(), arguments).finish();
  }

  /** Starts a command in this folder, with system properties. */
  public static Command start(Path folder, Map<String, String> properties, String... arguments)
      throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dchronicle.analytics.disable=true");
    command.addAll(ChronicleJournal.jvmFlags());
    command.add("-Dacclimate.home=" + Project.root());
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.addAll(List.of("-cp", classPath, "io.acclimate.simulators.cli.Main"));
    command.addAll(List.of(arguments));
    Path logs = Files.createTempDirectory("acclimate-test-logs");
    Path output = logs.resolve("out.txt");
    Path error = logs.resolve("err.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(error.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new Command(process, output, error);
  }

  /** The running process. */
  public Process process() {
    return process;
  }

  /** What it has written to standard output so far. */
  public String outputSoFar() throws IOException {
    return read(output);
  }

  /** What it has written to standard error so far. */
  public String errorSoFar() throws IOException {
    return read(error);
  }

  /** A file's text; half a character may stand at its end, and other than UTF-8 by the locale. */
  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }

  /** Whether this machine has what {@link #signal} needs. */
  public static boolean canSignal() {
    return Files.isExecutable(Path.of("/bin/kill"));
  }

  /** Sends a signal, such as {@code TERM}, and waits for the end. */
  public Result signal(String name) throws Exception {
    String pid = Long.toString(process.pid());
    new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
    return finish();
  }

  /** Ends it as Ctrl-C does. Where that is ignored, as in a shell's background, by SIGTERM. */
  public Result interrupt() throws Exception {
    return signal(ignoresInterrupts() ? "TERM" : "INT");
  }

  /** Whether this process ignores SIGINT, and so its children. */
  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .anyMatch(ignored -> (ignored & INTERRUPT) != 0);
  }

  /** Waits for its end. */
  public Result finish() throws Exception {
    if (!process.waitFor(HANG_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("the command hangs; it wrote: " + read(error));
    }
    Result result = new Result(process.exitValue(), read(output), read(error));
    Files.delete(output);
    Files.delete(error);
    Files.delete(output.getParent());
    return result;
  }
}
