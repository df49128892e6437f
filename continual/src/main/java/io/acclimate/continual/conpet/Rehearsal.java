package io.acclimate.continual.conpet;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemorySettings;
import io.acclimate.replay.memory.RehearsalMemory;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.commons.rng.RestorableUniformRandomProvider;

/**
 * Old samples that are learned again along with new ones. They are kept in a memory whose samples
 * and bytes are capped, whatever the number of tasks; an old sample is drawn by drawing one of the
 * earlier tasks, then one of its samples. Not thread-safe.
 */
final class Rehearsal implements Stateful {
  private final SampleCodec codec;
  private final BatchMix mix;
  private final RehearsalMemory memory;
  private final RestorableUniformRandomProvider random;

  /**
   * Creates an empty memory.
   *
   * @throws AcclimateException when the model's inputs cannot be kept, or one sample is larger than
   *     the memory
   */
  Rehearsal(Backbone backbone, MemorySettings settings, SeedTree seeds) {
    this.codec = new SampleCodec(backbone);
    this.mix = BatchMix.of(backbone.batch(), settings.ratio());
    this.memory = settings.create(seeds.child("memory"));
    this.random = seeds.child("draws").generator();
    long bytes = new Exemplar(0, 0, 0, 1, new float[codec.size()]).bytes();
    if (bytes > settings.capacity().bytes()) {
      throw new AcclimateException(
          "rehearsal: expected room for a sample of %d bytes at least, found max-bytes = %d"
              .formatted(bytes, settings.capacity().bytes()));
    }
  }

  /**
   * The samples of a batch as the memory keeps them.
   *
   * @param task that of the samples
   * @throws AcclimateException when a whole number is too large to be kept
   */
  List<Exemplar> exemplars(LabelledBatch batch, int task) {
    List<Exemplar> exemplars = new ArrayList<>();
    for (int row = 0; row < batch.labels().length; row++) {
      float[] values = codec.encode(batch.inputs(), row);
      exemplars.add(new Exemplar(task, row, batch.labels()[row], 1, values));
    }
    return exemplars;
  }

  /** Offers samples to the memory. */
  void offer(List<Exemplar> exemplars) {
    exemplars.forEach(memory::offer);
  }

  /**
   * Deals a batch out to steps: each has new samples and, drawn anew, old ones. Without old ones it
   * is one step.
   *
   * @param task that of the new samples
   */
  List<LabelledBatch> mix(LabelledBatch batch, int task) {
    List<List<Exemplar>> older = olderThan(task);
    if (older.isEmpty() || mix.oldRows() == 0) {
      return List.of(batch);
    }
    List<LabelledBatch> steps = new ArrayList<>();
    int rows = batch.labels().length;
    for (int start = 0; start < rows; start += mix.newRows()) {
      int fresh = Math.min(mix.newRows(), rows - start);
      List<Exemplar> drawn = new ArrayList<>();
      for (int i = 0; i < mix.oldFor(fresh); i++) {
        List<Exemplar> one = older.get(random.nextInt(older.size()));
        drawn.add(one.get(random.nextInt(one.size())));
      }
      steps.add(join(batch, start, fresh, drawn));
    }
    return steps;
  }

  /** What is kept of earlier tasks, task by task. */
  private List<List<Exemplar>> olderThan(int task) {
    SortedMap<Long, List<Exemplar>> older = new TreeMap<>();
    for (Exemplar exemplar : memory.contents()) {
      if (exemplar.record() < task) {
        older.computeIfAbsent(exemplar.record(), unseen -> new ArrayList<>()).add(exemplar);
      }
    }
    return List.copyOf(older.values());
  }

  private LabelledBatch join(LabelledBatch batch, int start, int fresh, List<Exemplar> old) {
    Map<String, Tensor> inputs = codec.allocate(fresh + old.size());
    int[] labels = Arrays.copyOfRange(batch.labels(), start, start + fresh + old.size());
    for (int row = 0; row < fresh; row++) {
      codec.copy(batch.inputs(), start + row, inputs, row);
    }
    for (int i = 0; i < old.size(); i++) {
      codec.decode(old.get(i).values(), inputs, fresh + i);
      labels[fresh + i] = old.get(i).label();
    }
    return new LabelledBatch(inputs, labels);
  }

  /**
   * The samples of some classes.
   *
   * @return the batch itself when all are wanted
   */
  Optional<LabelledBatch> select(LabelledBatch batch, IntPredicate wanted) {
    int[] rows =
        IntStream.range(0, batch.labels().length)
            .filter(row -> wanted.test(batch.labels()[row]))
            .toArray();
    if (rows.length == batch.labels().length) {
      return Optional.of(batch);
    }
    if (rows.length == 0) {
      return Optional.empty();
    }
    Map<String, Tensor> inputs = codec.allocate(rows.length);
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      codec.copy(batch.inputs(), rows[i], inputs, i);
      labels[i] = batch.labels()[rows[i]];
    }
    return Optional.of(new LabelledBatch(inputs, labels));
  }

  /** Draws samples of all tasks, none twice, as one batch. */
  LabelledBatch draw(int count) {
    return batch(memory.draw(count));
  }

  /** Everything that is kept, in batches of at most so many rows. */
  List<LabelledBatch> contents(int rows) {
    List<Exemplar> all = memory.contents();
    List<LabelledBatch> batches = new ArrayList<>();
    for (int start = 0; start < all.size(); start += rows) {
      batches.add(batch(all.subList(start, Math.min(start + rows, all.size()))));
    }
    return batches;
  }

  private LabelledBatch batch(List<Exemplar> exemplars) {
    Map<String, Tensor> inputs = codec.allocate(exemplars.size());
    int[] labels = new int[exemplars.size()];
    for (int row = 0; row < labels.length; row++) {
      codec.decode(exemplars.get(row).values(), inputs, row);
      labels[row] = exemplars.get(row).label();
    }
    return new LabelledBatch(inputs, labels);
  }

  /** How many samples are kept. */
  int size() {
    return memory.size();
  }

  /** The position of the draws, to be put back when a step fails. */
  RestorableUniformRandomProvider random() {
    return random;
  }

  @Override
  public void save(StateWriter out) {
    byte[] bytes = memory.save();
    out.putTensor("memory", Tensor.ofBytes(DType.UINT8, bytes, bytes.length));
    out.putRandom("draws", random);
  }

  @Override
  public void load(StateReader in) {
    memory.restore(in.getTensor("memory").toByteArray());
    in.getRandom("draws", random);
  }
}
