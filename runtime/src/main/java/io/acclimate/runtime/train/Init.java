package io.acclimate.runtime.train;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import java.util.function.DoubleSupplier;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/** The values that a parameter starts with. Implementations are stateless. */
@FunctionalInterface
public interface Init {
  /** Writes all elements of a float32 or float64 tensor; equal seeds write equal values. */
  void fill(Tensor tensor, SeedTree seeds);

  /** All zeros. */
  static Init zeros() {
    return constant(0);
  }

  /** One number everywhere. */
  static Init constant(double value) {
    return (tensor, seeds) -> write(tensor, () -> value);
  }

  /** Evenly between two bounds. */
  static Init uniform(double low, double high) {
    return drawn(random -> low + (high - low) * random.nextDouble());
  }

  /** Around 0 with a standard deviation. */
  static Init normal(double deviation) {
    return (tensor, seeds) -> {
      ZigguratSampler.NormalizedGaussian gaussian =
          ZigguratSampler.NormalizedGaussian.of(seeds.generator());
      write(tensor, () -> deviation * gaussian.sample());
    };
  }

  /**
   * Kaiming-uniform with a = sqrt 5, as linear layers start in PyTorch: evenly within 1 / sqrt of
   * the number of inputs (He et al., ICCV 2015, arXiv 1502.01852).
   *
   * @param fanIn the number of inputs, at least 1
   */
  static Init kaimingUniform(long fanIn) {
    double bound = 1 / Math.sqrt(fanIn);
    return uniform(-bound, bound);
  }

  /** One draw after the other. */
  static Init drawn(ToDoubleFunction<UniformRandomProvider> draw) {
    return (tensor, seeds) -> {
      UniformRandomProvider random = seeds.generator();
      write(tensor, () -> draw.applyAsDouble(random));
    };
  }

  /** The same values for each row of the last axis, by their places in it. */
  static Init repeated(IntToDoubleFunction values) {
    return (tensor, seeds) -> {
      int length = Math.toIntExact(tensor.dim(tensor.rank() - 1));
      int[] next = {0};
      write(tensor, () -> values.applyAsDouble(next[0]++ % length));
    };
  }

  /** Each row of the first axis from a seed of its own, so that rows can be added later. */
  static Init byRow(Init row) {
    return (tensor, seeds) -> {
      long[] shape = tensor.shape();
      long[] rowShape = shape.clone();
      rowShape[0] = 1;
      Tensor values = Tensor.allocate(tensor.type(), rowShape);
      var target = tensor.bytes();
      for (long i = 0; i < shape[0]; i++) {
        row.fill(values, seeds.child(i));
        target.put(values.bytes());
      }
    };
  }

  private static void write(Tensor tensor, DoubleSupplier values) {
    int count = Math.toIntExact(tensor.elements());
    if (tensor.type() == DType.FLOAT64) {
      var target = tensor.doubles();
      for (int i = 0; i < count; i++) {
        target.put(i, values.getAsDouble());
      }
    } else {
      var target = tensor.floats();
      for (int i = 0; i < count; i++) {
        target.put(i, (float) values.getAsDouble());
      }
    }
  }
}
