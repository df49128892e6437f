package io.acclimate.simulators.bench;

import com.typesafe.config.ConfigFactory;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.statistics.Prototypes;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankChange;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.bank.store.BankView;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.State;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * What a bank costs with 10, 1,000 and 10,000 adapters in the system's folder for temporary files:
 * LoRA of rank 4 on the query and value of six layers of 384 features, 147 kB each.
 *
 * <ul>
 *   <li>{@code swapMillisN}: finds the nearest of N prototypes, loads that adapter from its file
 *       (nothing is kept in memory by the bank; the system may have the file) and copies it into
 *       the tensors that a model reads; the median of {@value #SWAPS}.
 *   <li>{@code openMillis10000}: opens the bank and reads its whole index; the median of {@value
 *       #OPENINGS}.
 *   <li>{@code prototypesMillis10000}: reads the 10,000 prototypes, 31 MB; the median of {@value
 *       #OPENINGS}.
 *   <li>{@code mixedBatchSpeedup} and its companions: see {@link MixedBatchBench}.
 * </ul>
 */
public final class BankBench implements Benchmark {
  private static final int LARGEST = 10_000;
  private static final int[] SIZES = {10, 1000, LARGEST};
  private static final int LAYERS = 6;
  private static final int WIDTH = 384;
  private static final int RANK = 4;
  private static final int CHUNK = 500;
  private static final int SWAPS = 300;
  private static final int WARM_UP_SWAPS = 300;
  private static final int OPENINGS = 9;
  private static final String PROTOTYPES = "prototypes";

  private final BankSettings settings =
      BankSettings.of(ConfigFactory.parseString("cache-bytes = 0"));

  @Override
  public Map<String, Double> run(Progress progress) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (int size : SIZES) {
      Path folder = temporaryFolder();
      try {
        build(folder, size, progress);
        figures.put("swapMillis" + size, swapMillis(folder));
        if (size == LARGEST) {
          figures.put("openMillis" + size, median(OPENINGS, round -> openWithIndex(folder)));
          figures.put("prototypesMillis" + size, median(OPENINGS, round -> prototypes(folder)));
        }
      } finally {
        delete(folder);
      }
    }
    figures.putAll(new MixedBatchBench().run(progress));
    return figures;
  }

  private void build(Path folder, int size, Consumer<String> progress) {
    AdapterBank bank = AdapterBank.create(folder, settings);
    UniformRandomProvider random = SeedTree.of(1).child(size).generator();
    Prototypes prototypes = new Prototypes(WIDTH);
    for (int first = 0; first < size; first += CHUNK) {
      BankChange change = new BankChange("adapters from " + first);
      for (int k = first; k < Math.min(first + CHUNK, size); k++) {
        change.put(adapter(id(k), random));
        prototypes.set(k, features(random));
      }
      bank.publish(change.putState(PROTOTYPES, State.of(prototypes)));
      progress.accept("published %,d of %,d adapters".formatted(bank.current().size(), size));
    }
  }

  private static String id(int k) {
    return "task-" + k;
  }

  private static Adapter adapter(String id, UniformRandomProvider random) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      for (String site : List.of("query", "value")) {
        tensors.put(layer + "." + site + ".a", fill(random, RANK, WIDTH));
        tensors.put(layer + "." + site + ".b", fill(random, WIDTH, RANK));
      }
    }
    return new Adapter(AdapterCard.of(id, id, "lora", ""), tensors);
  }

  private static Tensor fill(UniformRandomProvider random, long rows, long columns) {
    Tensor tensor = Tensor.allocate(DType.FLOAT32, rows, columns);
    FloatBuffer values = tensor.floats();
    while (values.hasRemaining()) {
      values.put(random.nextFloat() - 0.5f);
    }
    return tensor;
  }

  private static double[] features(UniformRandomProvider random) {
    double[] features = new double[WIDTH];
    Arrays.setAll(features, i -> random.nextDouble() - 0.5);
    return features;
  }

  private void openWithIndex(Path folder) {
    BankView view = AdapterBank.open(folder, settings).current();
    if (view.entries().size() != view.size()) {
      throw new IllegalStateException("the index is not whole");
    }
  }

  private Prototypes prototypes(Path folder) {
    Prototypes prototypes = new Prototypes(WIDTH);
    AdapterBank.open(folder, settings).current().state(PROTOTYPES).restore(prototypes);
    return prototypes;
  }

  private double swapMillis(Path folder) {
    BankView view = AdapterBank.open(folder, settings).current();
    Prototypes prototypes = prototypes(folder);
    UniformRandomProvider random = SeedTree.of(2).generator();
    Map<String, Tensor> resident = new LinkedHashMap<>();
    view.load(id(0)).tensors().forEach((name, tensor) -> resident.put(name, tensor.copy()));
    Consumer<Integer> swap =
        round -> {
          String id = id(prototypes.nearest(features(random)));
          view.load(id)
              .tensors()
              .forEach((name, tensor) -> resident.get(name).bytes().put(tensor.bytes()));
        };
    median(WARM_UP_SWAPS, swap);
    return median(SWAPS, swap);
  }

  private static double median(int rounds, Consumer<Integer> action) {
    double[] millis = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      action.accept(round);
      millis[round] = (System.nanoTime() - start) / 1e6;
    }
    return Medians.of(millis);
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("acclimate-bench-bank");
    } catch (IOException e) {
      throw new AcclimateException("cannot make a temporary folder: " + e, e);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = new ArrayList<>(files.toList());
      deepestFirst.sort(Comparator.reverseOrder());
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new AcclimateException("cannot remove " + folder + ": " + e, e);
    }
  }
}
