package io.acclimate.continual.mamba;

import io.acclimate.replay.memory.ClassBalancedMemory;
import io.acclimate.replay.memory.Exemplar;
import io.acclimate.replay.memory.MemoryCapacity;
import io.acclimate.replay.memory.RehearsalMemory;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;

/** Token maps of samples, in float32, the same number of each class. Not thread-safe. */
final class KeptMaps implements Stateful {
  private final RehearsalMemory memory;

  /**
   * Starts empty.
   *
   * @param capacity the most samples of all classes together; 0 keeps none
   */
  KeptMaps(int capacity, SeedTree seeds) {
    this.memory =
        capacity == 0 ? null : new ClassBalancedMemory(MemoryCapacity.ofSamples(capacity), seeds);
  }

  /** Offers a sample, which is kept or not. */
  void offer(double[] map, int label) {
    if (memory != null) {
      float[] values = new float[map.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) map[i];
      }
      memory.offer(new Exemplar(0, 0, label, 1, values));
    }
  }

  /** The bytes of the samples. */
  long bytes() {
    return memory == null ? 0 : memory.bytes();
  }

  /** Draws samples for a step; equal seeds draw equally. */
  Draw draw(SeedTree seeds) {
    Map<Integer, List<Exemplar>> byClass = new HashMap<>();
    if (memory != null) {
      for (Exemplar one : memory.contents()) {
        byClass.computeIfAbsent(one.label(), unseen -> new ArrayList<>()).add(one);
      }
    }
    return new Draw(byClass, seeds.generator());
  }

  /** The draws of one step. */
  record Draw(Map<Integer, List<Exemplar>> byClass, UniformRandomProvider random) {
    /** A sample of a class; empty when none was kept. */
    Optional<double[]> of(int label) {
      List<Exemplar> kept = byClass.get(label);
      if (kept == null) {
        return Optional.empty();
      }
      float[] values = kept.get(random.nextInt(kept.size())).values();
      double[] map = new double[values.length];
      for (int i = 0; i < map.length; i++) {
        map[i] = values[i];
      }
      return Optional.of(map);
    }
  }

  @Override
  public void save(StateWriter out) {
    if (memory != null) {
      byte[] bytes = memory.save();
      out.putTensor("memory", Tensor.ofBytes(DType.UINT8, bytes, bytes.length));
    }
  }

  @Override
  public void load(StateReader in) {
    if (memory != null) {
      memory.restore(in.getTensor("memory").toByteArray());
    }
  }
}
