package io.acclimate.actors.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Registers the meters of the process: memory outside of the heap, open handles, the journal. */
public final class ProcessMetrics {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long KIBIBYTE = 1024;

  private ProcessMetrics() {}

  /** Registers what this system can tell; the rest is not there. */
  public static void register(MeterRegistry registry) {
    ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .forEach(pool -> gauge(registry, RuntimeMeter.MEMORY_DIRECT, pool::getMemoryUsed));
    if (Files.isReadable(STATUS)) {
      gauge(registry, RuntimeMeter.MEMORY_RESIDENT, ProcessMetrics::resident);
    }
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
      gauge(registry, RuntimeMeter.OPEN_HANDLES, unix::getOpenFileDescriptorCount);
    }
  }

  /** Registers the size of a journal's folder. */
  public static void registerJournal(MeterRegistry registry, Path folder) {
    gauge(registry, RuntimeMeter.JOURNAL_BYTES, () -> bytes(folder));
  }

  private static void gauge(MeterRegistry registry, RuntimeMeter meter, Supplier<Number> value) {
    Meters.gauge(registry, meter, Tags.empty(), value);
  }

  private static double resident() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Files may come and go while they are looked at. */
  private static long bytes(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
