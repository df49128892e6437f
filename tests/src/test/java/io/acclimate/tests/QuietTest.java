package io.acclimate.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.acclimate.tests.support.Command;
import io.acclimate.tests.support.Project;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run opens no connection and leaves no file but its report. */
class QuietTest {
  @TempDir Path folder;

  @Test
  void onlyTheReportIsLeft() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Command.Result result = start(home, temp, work).finish();
    assertEquals(0, result.exitCode(), result.error());
    assertEquals(Set.of(), files(home));
    assertEquals(Set.of(), files(temp));
    assertEquals(Set.of("out", "out/report.html", "out/report.json"), files(work));
  }

  /** The device is found to be missing after the native libraries were unpacked. */
  @Test
  void refusedRunLeavesNothing() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Command.Result result = start(home, temp, work, "--set", "model.device=cuda:99").finish();
    assertEquals(2, result.exitCode(), result.error());
    assertTrue(result.error().contains("on cuda:99"), result.error());
    assertEquals(Set.of(), files(home));
    assertEquals(Set.of(), files(temp));
    assertEquals(Set.of(), files(work));
  }

  private static Command start(Path home, Path temp, Path work, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "simulate",
                Project.example("fashion-drift.conf").toString(),
                "--out",
                "out",
                "--set",
                "stream.samples-per-domain=64"));
    arguments.addAll(List.of(more));
    return Command.start(
        work,
        Map.of("user.home", home.toString(), "java.io.tmpdir", temp.toString()),
        arguments.toArray(String[]::new));
  }

  private static Set<String> files(Path folder) throws IOException {
    Set<String> files = new LinkedHashSet<>();
    try (Stream<Path> found = Files.walk(folder)) {
      found
          .filter(file -> !file.equals(folder))
          .sorted()
          .forEach(file -> files.add(folder.relativize(file).toString()));
    }
    return files;
  }

  /**
   * Watches the process's sockets while it runs, native code included. A socket that is neither
   * bound nor connected is not in the tables: the JDK opens and closes such ones to learn whether
   * there is IPv6.
   */
  @Test
  void noConnectionIsEverTried() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
    Path home = Files.createDirectory(folder.resolve("home"));
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path work = Files.createDirectory(folder.resolve("work"));
    Command command = start(home, temp, work, "--journal", "journal");
    Path process = Path.of("/proc", Long.toString(command.process().pid()));
    Set<String> used = new LinkedHashSet<>();
    int looks = 0;
    while (command.process().isAlive()) {
      List<String> sockets = sockets(process.resolve("fd"));
      if (!sockets.isEmpty()) {
        String tables = tables(process);
        sockets.stream().filter(inode -> tables.contains(" " + inode + " ")).forEach(used::add);
      }
      looks++;
    }
    assertEquals(0, command.finish().exitCode());
    assertEquals(Set.of(), used);
    assertTrue(looks > 100, "looks: " + looks);
  }

  /** The same look finds a connection where there is one. */
  @Test
  void theLookFindsAConnection() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
    Path self = Path.of("/proc/self");
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertTrue(server.isBound());
      String tables = tables(self);
      assertTrue(
          sockets(self.resolve("fd")).stream()
              .anyMatch(inode -> tables.contains(" " + inode + " ")));
    }
  }

  private static String tables(Path process) {
    StringBuilder tables = new StringBuilder();
    for (String table : List.of("tcp", "tcp6", "udp", "udp6", "raw", "raw6")) {
      try {
        tables.append(Files.readString(process.resolve("net").resolve(table)));
      } catch (IOException e) {
        // no such protocol here, or the process has just ended
      }
    }
    return tables.toString();
  }

  /** The inodes of a process's open sockets. */
  private static List<String> sockets(Path descriptors) {
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.map(QuietTest::target)
          .filter(target -> target.startsWith("socket:["))
          .map(target -> target.substring(8, target.length() - 1))
          .toList();
    } catch (IOException e) {
      return List.of(); // the process has just ended
    }
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return ""; // closed in the meantime
    }
  }
}
