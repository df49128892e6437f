package io.acclimate.replay.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a JVM of its own: what is missing is named. */
class JvmFlagsTest {
  @TempDir Path folder;

  /** Opens a journal and prints the error, or {@code opened}. */
  static final class Opener {
    private Opener() {}

    /** Runs. */
    public static void main(String[] arguments) {
      try (ChronicleJournal journal =
          ChronicleJournal.open(Path.of(arguments[0]), JournalSettings.defaults())) {
        System.out.println("opened at " + journal.nextSequence());
      } catch (AcclimateException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private String open(List<String> flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Opener.class.getName(),
            folder.toString()));
    Process process = new ProcessBuilder(command).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    return output;
  }

  @Test
  void everyMissingFlagIsNamed() throws Exception {
    List<String> all = ChronicleJournal.jvmFlags();
    String none = open(List.of());
    all.forEach(flag -> assertTrue(none.contains(flag), none));
    String one = open(all.subList(1, all.size()));
    assertTrue(one.contains(all.get(0)) && !one.contains(all.get(1)), one);
    assertTrue(open(all).contains("opened at 0"));
  }

  @Test
  void anotherProcessIsRefused() throws Exception {
    try (ChronicleJournal journal = ChronicleJournal.open(folder, JournalSettings.defaults())) {
      String refused = open(ChronicleJournal.jvmFlags());
      String pid = Long.toString(ProcessHandle.current().pid());
      assertTrue(refused.contains("expected to be its only writer, found process " + pid), refused);
      assertEquals(0, journal.nextSequence());
    }
  }
}
