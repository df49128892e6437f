package io.acclimate.runtime.graph;

import io.acclimate.runtime.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Appends values that depend on sizes: constants where the sizes are known, else computed in the
 * call. Lists of sizes are of type {@link DType#INT64}, {@code [n]}. Not thread-safe.
 */
public final class Sizes {
  private final Ops ops;

  Sizes(Ops ops) {
    this.ops = ops;
  }

  /** The sizes of some axes of a value, in the order given. */
  public String of(String value, int... axes) {
    Shape shape = ops.shape(value);
    if (Arrays.stream(axes).allMatch(axis -> shape.dim(axis).isFixed())) {
      return ops.list(Arrays.stream(axes).mapToLong(shape::size).toArray());
    }
    String all = ops.op("Shape", Attributes.NONE, value);
    boolean inOrder = Arrays.equals(axes, IntStream.range(0, shape.rank()).toArray());
    return inOrder
        ? all
        : ops.gather(all, ops.list(Arrays.stream(axes).asLongStream().toArray()), 0);
  }

  /** Lists joined to one. */
  public String join(List<String> lists) {
    List<Optional<long[]>> known = lists.stream().map(this::known).toList();
    return known.stream().allMatch(Optional::isPresent)
        ? ops.list(known.stream().flatMapToLong(part -> Arrays.stream(part.get())).toArray())
        : ops.concat(0, lists);
  }

  /** The product of the numbers of some lists of one number each; 1 for none. */
  public String product(List<String> sizes) {
    String product = ops.list(1);
    for (String size : sizes) {
      Optional<long[]> a = known(product);
      Optional<long[]> b = known(size);
      if (a.isPresent() && a.get()[0] == 1) {
        product = size;
      } else if (a.isPresent() && b.isPresent()) {
        product = ops.list(a.get()[0] * b.get()[0]);
      } else {
        product = ops.mul(product, size);
      }
    }
    return product;
  }

  /** A value whose elements are all the same. */
  public String filled(DType type, double number, String sizes) {
    Constant value = Constant.ofDoubles(type, new double[] {number}, 1);
    return ops.op("ConstantOfShape", Attributes.of("value", value), sizes);
  }

  /** The whole numbers from 0 up to a size, {@code [size]}. */
  public String range(String size) {
    Optional<long[]> known = known(size);
    if (known.isPresent()) {
      return ops.list(LongStream.range(0, known.get()[0]).toArray());
    }
    String zero = ops.graph().constant(Constant.ofLongs(new long[] {0}));
    String one = ops.graph().constant(Constant.ofLongs(new long[] {1}));
    return ops.op("Range", Attributes.NONE, zero, ops.squeeze(size, 0), one);
  }

  /** The identity matrix, {@code [size, size]}. */
  public String eye(DType type, String size) {
    String square = filled(DType.FLOAT32, 0, join(List.of(size, size)));
    return ops.cast(ops.op("EyeLike", Attributes.NONE, square), type);
  }

  private Optional<long[]> known(String list) {
    return ops.graph().constantValue(list).map(Constant::toLongs);
  }
}
