package io.acclimate.simulators.report;

import akka.Version;
import io.acclimate.runtime.FrozenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What a report says of the machine and the libraries it ran on. */
public final class Machine {
  private Machine() {}

  /** Operating system, processor, cores, memory and Java machine. */
  public static Map<String, Object> describe() {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    machine.put("processor", processor());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("maxHeapMiB", Runtime.getRuntime().maxMemory() >> 20);
    machine.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    return machine;
  }

  /** The versions of Acclimate and of the libraries that decide its numbers. */
  public static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    String own = Machine.class.getPackage().getImplementationVersion();
    versions.put("acclimate", own == null ? "development" : own);
    versions.put("onnxruntime", FrozenModel.onnxRuntimeVersion());
    versions.put("akka", Version.current());
    versions.put("java", System.getProperty("java.version"));
    return versions;
  }

  private static String processor() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (Stream<String> lines = Files.lines(info)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("unknown");
      } catch (IOException e) {
        return "unknown";
      }
    }
    return "unknown";
  }
}
