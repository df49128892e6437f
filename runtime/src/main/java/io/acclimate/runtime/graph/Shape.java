package io.acclimate.runtime.graph;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The dimensions of a value. Immutable.
 *
 * @param dims the dimensions from the outermost on; empty for a scalar
 */
public record Shape(List<Dim> dims) {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(List.of());

  /** Copies the list. */
  public Shape {
    dims = List.copyOf(dims);
  }

  /** A shape of fixed sizes. */
  public static Shape of(long... sizes) {
    return new Shape(Arrays.stream(sizes).mapToObj(Dim::of).toList());
  }

  /** The number of dimensions. */
  public int rank() {
    return dims.size();
  }

  /** The dimension of an axis; negative axes count from the end. */
  public Dim dim(int axis) {
    return dims.get(axis(axis));
  }

  /** The size of an axis, -1 when it is a symbol; negative axes count from the end. */
  public long size(int axis) {
    return dim(axis).size();
  }

  /**
   * An axis counted from 0.
   *
   * @param axis from {@code -rank} to {@code rank - 1}
   */
  public int axis(long axis) {
    if (axis < -rank() || axis >= rank()) {
      throw new AcclimateException("axis " + axis + " does not exist in shape " + this);
    }
    return (int) (axis < 0 ? axis + rank() : axis);
  }

  /**
   * A place between two axes counted from 0, as for an axis that is put in.
   *
   * @param place from {@code -rank - 1} to {@code rank}
   */
  public int place(long place) {
    return insert(rank(), Dim.of(1)).axis(place);
  }

  /** Whether every size is known. */
  public boolean isStatic() {
    return dims.stream().allMatch(Dim::isFixed);
  }

  /** Whether a fixed shape is of this rank and has this shape's sizes where those are known. */
  public boolean admits(Shape fixed) {
    return fixed.rank() == rank()
        && IntStream.range(0, rank()).allMatch(i -> size(i) < 0 || size(i) == fixed.size(i));
  }

  /** The sizes, -1 for symbols. */
  public long[] sizes() {
    return dims.stream().mapToLong(Dim::size).toArray();
  }

  /**
   * The number of elements.
   *
   * @throws AcclimateException when a dimension is open
   */
  public long elements() {
    long count = 1;
    for (Dim dim : dims) {
      if (!dim.isFixed()) {
        throw new AcclimateException("shape " + this + ": dimension '" + dim + "' is open");
      }
      count = Math.multiplyExact(count, dim.size());
    }
    return count;
  }

  /** The same shape with one dimension replaced. */
  public Shape with(int axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.set(axis(axis), dim);
    return new Shape(changed);
  }

  /** The same shape with a dimension inserted before {@code axis}, from 0 to the rank. */
  public Shape insert(int axis, Dim dim) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.add(axis, dim);
    return new Shape(changed);
  }

  /** The same shape without one dimension. */
  public Shape without(int axis) {
    List<Dim> changed = new ArrayList<>(dims);
    changed.remove(axis(axis));
    return new Shape(changed);
  }

  /** The dimensions from {@code start} up to {@code end}. */
  public Shape slice(int start, int end) {
    return new Shape(dims.subList(start, end));
  }

  /** The dimensions of this shape followed by those of another. */
  public Shape concat(Shape other) {
    List<Dim> all = new ArrayList<>(dims);
    all.addAll(other.dims);
    return new Shape(all);
  }

  /**
   * The shape to which both are broadcast by ONNX's (NumPy's) rules.
   *
   * @throws AcclimateException when two sizes do not go together, or two different symbols meet
   */
  public static Shape broadcast(Shape a, Shape b) {
    List<Dim> dims = new ArrayList<>();
    for (int back = 1; back <= Math.max(a.rank(), b.rank()); back++) {
      Dim left = back <= a.rank() ? a.dim(-back) : Dim.of(1);
      Dim right = back <= b.rank() ? b.dim(-back) : Dim.of(1);
      if (!left.equals(right) && !left.isOne() && !right.isOne()) {
        throw new AcclimateException("shapes " + a + " and " + b + " cannot be broadcast");
      }
      dims.add(left.isOne() ? right : left);
    }
    Collections.reverse(dims);
    return new Shape(dims);
  }

  @Override
  public String toString() {
    return dims.toString();
  }
}
