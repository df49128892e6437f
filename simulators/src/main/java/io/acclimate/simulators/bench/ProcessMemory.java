package io.acclimate.simulators.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the system says of this process's memory. */
final class ProcessMemory {
  private ProcessMemory() {}

  /** Resident bytes now; 0 where the system does not say. */
  static long resident() {
    return line("VmRSS");
  }

  /** The most resident bytes so far; 0 where the system does not say. */
  static long peak() {
    return line("VmHWM");
  }

  private static long line(String key) {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(key + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
