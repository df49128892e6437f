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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntPredicate;
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
   * The samples of a batch that count, as the memory keeps them.
   *
   * @param task that of the samples
   * @throws AcclimateException when a whole number is too large to be kept
   */
  List<Exemplar> exemplars(LabelledBatch batch, int task) {
    List<Exemplar> exemplars = new ArrayList<>();
    for (int row : batch.masks().counting(batch.labels().length)) {
      float[] values = codec.encode(batch, row);
      exemplars.add(new Exemplar(task, row, batch.labels()[row], batch.masks().loss(row), values));
    }
    return exemplars;
  }

  /** Offers samples to the memory. */
  void offer(List<Exemplar> exemplars) {
    exemplars.forEach(memory::offer);
  }

  /**
   * Deals what counts of a batch out to steps: each has new samples and, drawn anew, old ones.
   * Without old ones, or where nothing counts, it is one step.
   *
   * @param task that of the new samples
   */
  List<LabelledBatch> mix(LabelledBatch samples, int task) {
    List<List<Exemplar>> older = olderThan(task);
    Optional<LabelledBatch> counting = select(samples, label -> true);
    if (older.isEmpty() || mix.oldRows() == 0 || counting.isEmpty()) {
      return List.of(samples);
    }
    LabelledBatch batch = counting.get();
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
    SampleRows rows = new SampleRows(codec, fresh + old.size());
    for (int row = start; row < start + fresh; row++) {
      rows.add(batch, row);
    }
    old.forEach(rows::add);
    return rows.batch();
  }

  /**
   * The samples of some classes that count.
   *
   * @return the batch itself when all are wanted
   */
  Optional<LabelledBatch> select(LabelledBatch batch, IntPredicate wanted) {
    int[] rows =
        Arrays.stream(batch.masks().counting(batch.labels().length))
            .filter(row -> wanted.test(batch.labels()[row]))
            .toArray();
    if (rows.length == batch.labels().length) {
      return Optional.of(batch);
    }
    if (rows.length == 0) {
      return Optional.empty();
    }
    SampleRows selected = new SampleRows(codec, rows.length);
    Arrays.stream(rows).forEach(row -> selected.add(batch, row));
    return Optional.of(selected.batch());
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
    SampleRows rows = new SampleRows(codec, exemplars.size());
    exemplars.forEach(rows::add);
    return rows.batch();
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
