package io.acclimate.replay.journal;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.List;

/** Checks that the JVM was started with what Chronicle Queue needs. */
final class JvmFlags {
  private record Flag(String option, String packageName, boolean open) {
    boolean isMissing(Module asking) {
      Module base = Object.class.getModule();
      return !(open ? base.isOpen(packageName, asking) : base.isExported(packageName, asking));
    }

    String text() {
      return "--" + option + "=java.base/" + packageName + "=ALL-UNNAMED";
    }
  }

  private static final List<Flag> NEEDED =
      List.of(
          new Flag("add-opens", "java.lang.reflect", true),
          new Flag("add-opens", "sun.nio.ch", true),
          new Flag("add-exports", "jdk.internal.ref", false));

  private JvmFlags() {}

  static List<String> all() {
    return NEEDED.stream().map(Flag::text).toList();
  }

  /**
   * Checks the running JVM, and keeps Chronicle's analytics off.
   *
   * @throws AcclimateException naming every flag that is missing
   */
  static void require() {
    System.setProperty("chronicle.analytics.disable", "true");
    List<String> missing = new ArrayList<>();
    for (Flag flag : NEEDED) {
      if (flag.isMissing(JvmFlags.class.getModule())) {
        missing.add(flag.text());
      }
    }
    if (!missing.isEmpty()) {
      throw new AcclimateException(
          "the journal's files need JVM flags that this JVM was started without: "
              + String.join(" ", missing)
              + " (or use an in-memory journal)");
    }
  }
}
