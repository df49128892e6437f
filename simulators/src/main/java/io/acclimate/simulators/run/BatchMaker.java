package io.acclimate.simulators.run;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.simulators.corruption.Corruption;
import io.acclimate.simulators.corruption.Corruptions;
import io.acclimate.simulators.corruption.Frost;
import io.acclimate.simulators.corruption.Image;
import io.acclimate.simulators.data.Dataset;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.shift.Domain;
import io.acclimate.simulators.shift.StreamPlan;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Makes the batches of a stream: reads the samples, corrupts the images, scales pixels to 0..1.
 *
 * <p>Each place of the stream has a generator of its own, so a batch does not depend on those
 * before it. One tensor is filled again and again. Not thread-safe.
 */
final class BatchMaker {
  private static final float MAX_PIXEL = 255f;

  private final Dataset data;
  private final StreamPlan plan;
  private final SeedTree seeds;
  private final Scenario scenario;
  private final Map<String, Corruption> corruptions = new HashMap<>();
  private final Tensor batch;
  private final float[] sample;
  private final byte[] pixels;
  private final int[] shape;

  BatchMaker(Scenario scenario, Dataset data, StreamPlan plan, int batchSize, SeedTree seeds) {
    this.scenario = scenario;
    this.data = data;
    this.plan = plan;
    this.seeds = seeds;
    this.shape = data.sampleShape();
    long[] batchShape = new long[shape.length + 1];
    batchShape[0] = batchSize;
    for (int axis = 0; axis < shape.length; axis++) {
      batchShape[axis + 1] = shape[axis];
    }
    this.batch = Tensor.allocate(DType.FLOAT32, batchShape);
    this.sample = new float[(int) (batch.elements() / batchSize)];
    this.pixels = new byte[data.isImage() ? sample.length : 0];
    plan.segments().forEach(segment -> segment.domains().forEach(this::prepare));
  }

  private void prepare(Domain domain) {
    if (domain.isClean() || corruptions.containsKey(domain.corruption())) {
      return;
    }
    if (!data.isImage()) {
      throw new AcclimateException(
          "domain %s: expected images, found %s with samples of features"
              .formatted(domain.corruption(), data.source()));
    }
    boolean photographs =
        domain.corruption().equals("frost") && scenario.frostTextures().isPresent();
    corruptions.put(
        domain.corruption(),
        photographs
            ? Frost.fromFolder(scenario.frostTextures().get(), scenario.table().orElse(null))
            : Corruptions.byName(domain.corruption(), scenario.table().orElse(null)));
  }

  /** What a reader of the results must know of the corruptions. */
  Set<String> notes() {
    Set<String> notes = new LinkedHashSet<>();
    corruptions.values().stream()
        .map(Corruption::note)
        .filter(note -> !note.isEmpty())
        .forEach(notes::add);
    return notes;
  }

  /** Fills the tensor with the samples from {@code start} on; valid until the next call. */
  Tensor fill(int start, int size) {
    for (int i = 0; i < size; i++) {
      StreamPlan.Item item = plan.item(start + i);
      if (item.domain().isClean()) {
        data.copySample(item.sample(), sample, 0);
      } else {
        corrupt(item, start + i);
      }
      batch.floats().put(i * sample.length, sample);
    }
    return batch.rows(size);
  }

  private void corrupt(StreamPlan.Item item, int place) {
    data.copyPixels(item.sample(), pixels, 0);
    int channels = shape[0];
    Image clean = Image.of(shape[1], shape[2], channels, pixels);
    byte[] spoiled =
        corruptions
            .get(item.domain().corruption())
            .apply(clean, item.domain().severity(), seeds.child(place).generator())
            .data();
    int plane = shape[1] * shape[2];
    for (int p = 0; p < plane; p++) {
      for (int c = 0; c < channels; c++) {
        sample[c * plane + p] = (spoiled[p * channels + c] & 0xFF) / MAX_PIXEL;
      }
    }
  }
}
