package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.event.BatchObserved;
import io.acclimate.replay.event.FloatArray;
import io.acclimate.replay.journal.ChronicleJournal;
import io.acclimate.replay.journal.Journal;
import io.acclimate.replay.journal.JournalReader;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.SeedTree;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;
import org.HdrHistogram.Histogram;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * What the journal costs beside Chronicle Queue alone: both append payloads of 784 and of 49 x 128
 * floats, taking turns round by round on fresh files; ratios are medians over the rounds. Then
 * replay speed, and the growth of memory from the first to the tenth million of small records.
 */
public final class JournalBench implements Benchmark {
  private static final int WARM_UP_ROUNDS = 2;
  private static final int ROUNDS = 9;
  private static final int ROUND_FLOATS = 12_000_000;
  private static final int BLOCK_FLOATS = 100_000;
  private static final int SMALL_FLOATS = 16;
  private static final int SMALL_RECORDS = 10_000_000;
  private static final long MAX_NANOS = 60_000_000_000L;
  private static final double NANOS_PER_MICRO = 1000;

  private final Histogram journalLatency = new Histogram(MAX_NANOS, 3);
  private final Histogram rawLatency = new Histogram(MAX_NANOS, 3);
  private double replayed;

  @Override
  public Map<String, Double> run(Progress progress) {
    Map<String, Double> figures = new LinkedHashMap<>();
    double wide = measure("49x128 floats", 49 * 128, progress, figures, "49x128");
    double narrow = measure("784 floats", 784, progress, figures, "784");
    figures.put("appendRatioToRaw", Math.min(narrow, wide));
    figures.put("appendP50Micros", journalLatency.getValueAtPercentile(50) / NANOS_PER_MICRO);
    figures.put("appendP99Micros", journalLatency.getValueAtPercentile(99) / NANOS_PER_MICRO);
    figures.put("appendP999Micros", journalLatency.getValueAtPercentile(99.9) / NANOS_PER_MICRO);
    figures.put("rawP99Micros", rawLatency.getValueAtPercentile(99) / NANOS_PER_MICRO);
    figures.put("replayRecordsPerSecond", replayed);
    growth(progress, figures);
    return figures;
  }

  /** Both sides with one size of payload; the latencies of the size measured last remain. */
  private double measure(
      String what, int floats, Consumer<String> progress, Map<String, Double> figures, String key) {
    double[][] perSecond = new double[3][ROUNDS];
    double[] ratios = new double[ROUNDS];
    for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      if (round == 0) {
        journalLatency.reset();
        rawLatency.reset();
      }
      double[] sides = round(floats);
      if (round >= 0) {
        for (int side = 0; side < sides.length; side++) {
          perSecond[side][round] = sides[side];
        }
        ratios[round] = sides[1] / sides[0];
        progress.accept(
            "%s, round %d of %d: raw %.0f, journal %.0f, replay %.0f records/s"
                .formatted(what, round + 1, ROUNDS, sides[0], sides[1], sides[2]));
      }
    }
    figures.put("recordsPerSecond" + key, Medians.of(perSecond[1]));
    figures.put("megabytesPerSecond" + key, Medians.of(perSecond[1]) * floats * Float.BYTES / 1e6);
    figures.put("ratioToRaw" + key, Medians.of(ratios));
    replayed = Medians.of(perSecond[2]);
    return Medians.of(ratios);
  }

  private static BatchObserved batch(int floats) {
    UniformRandomProvider random = SeedTree.of(1).generator();
    float[] values = new float[floats];
    for (int k = 0; k < floats; k++) {
      values[k] = random.nextFloat();
    }
    return new BatchObserved(
        "camera",
        0,
        1,
        true,
        new int[0],
        Optional.empty(),
        Optional.empty(),
        Optional.of(FloatArray.of(values, 1, floats)));
  }

  private static JournalSettings settings() {
    return JournalSettings.of(ConfigFactory.parseString("durability = none"));
  }

  /** One round on fresh files: records per second raw, through the journal, and replayed. */
  private double[] round(int floats) {
    double[] perSecond = new double[3];
    inFolder(
        folder -> {
          try (Journal journal = ChronicleJournal.open(folder.resolve("journal"), settings());
              SingleChronicleQueue queue =
                  SingleChronicleQueueBuilder.binary(folder.resolve("raw")).build();
              ExcerptAppender appender = queue.createAppender()) {
            BatchObserved batch = batch(floats);
            byte[] payload = new byte[floats * Float.BYTES];
            long records = append(journal, appender, batch, payload, perSecond);
            long start = System.nanoTime();
            try (JournalReader reader = journal.reader(0)) {
              for (long i = 0; i < records; i++) {
                reader.next().orElseThrow();
              }
            }
            perSecond[2] = records / ((System.nanoTime() - start) / 1e9);
          }
        });
    return perSecond;
  }

  private long append(
      Journal journal,
      ExcerptAppender appender,
      BatchObserved batch,
      byte[] payload,
      double[] perSecond) {
    int floats = payload.length / Float.BYTES;
    int block = Math.max(1, BLOCK_FLOATS / floats);
    long records = 0;
    long rawNanos = 0;
    long journalNanos = 0;
    while (records * floats < ROUND_FLOATS) {
      rawNanos += block(block, rawLatency, () -> appendRaw(appender, payload));
      journalNanos += block(block, journalLatency, () -> journal.append(batch));
      records += block;
    }
    perSecond[0] = records / (rawNanos / 1e9);
    perSecond[1] = records / (journalNanos / 1e9);
    return records;
  }

  private static void appendRaw(ExcerptAppender appender, byte[] payload) {
    try (DocumentContext document = appender.writingDocument()) {
      document.wire().bytes().write(payload);
    }
  }

  private static long block(int count, Histogram latency, Runnable append) {
    long start = System.nanoTime();
    long before = start;
    for (int i = 0; i < count; i++) {
      append.run();
      long now = System.nanoTime();
      latency.recordValue(Math.min(now - before, MAX_NANOS));
      before = now;
    }
    return before - start;
  }

  private static void growth(Consumer<String> progress, Map<String, Double> figures) {
    BatchObserved batch = batch(SMALL_FLOATS);
    inFolder(
        folder -> {
          try (Journal journal = ChronicleJournal.open(folder, settings())) {
            long used = 0;
            for (int million = 1; million <= SMALL_RECORDS / 1_000_000; million++) {
              for (int i = 0; i < 1_000_000; i++) {
                journal.append(batch);
              }
              long now = usedBytes();
              used = million == 1 ? now : used;
              progress.accept("%d million records: %,d bytes in use".formatted(million, now));
              figures.put("growthBytes", (double) (now - used));
            }
          }
        });
  }

  /** Heap that is reachable, and direct buffers. */
  private static long usedBytes() {
    System.gc();
    long bytes = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    for (BufferPoolMXBean pool :
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .toList()) {
      bytes += pool.getMemoryUsed();
    }
    return bytes;
  }

  private static void inFolder(Consumer<Path> action) {
    try {
      Path folder = Files.createTempDirectory("acclimate-bench");
      try {
        action.accept(folder);
      } finally {
        PathUtils.deleteDirectory(folder);
      }
    } catch (IOException e) {
      throw new AcclimateException("expected a temporary folder, found: " + e, e);
    }
  }
}
