package io.acclimate.continual;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import java.util.Arrays;

/**
 * Which task brought which classes: block b holds the new classes of the b-th task that had any,
 * one block after the other without gaps. Not thread-safe.
 */
public final class ClassBlocks implements Stateful {
  private int[] ends = new int[0];

  /** The number of blocks. */
  public int count() {
    return ends.length;
  }

  /** The first class of a block. */
  public int start(int block) {
    return block == 0 ? 0 : ends[block - 1];
  }

  /** The number of classes of a block. */
  public int size(int block) {
    return ends[block] - start(block);
  }

  /**
   * Adds the classes that were not there before as a block, if there are any.
   *
   * @param classes all classes seen by now
   * @return whether there was a new class
   */
  public boolean extendTo(int classes) {
    if (classes <= (ends.length == 0 ? 0 : ends[ends.length - 1])) {
      return false;
    }
    ends = Arrays.copyOf(ends, ends.length + 1);
    ends[ends.length - 1] = classes;
    return true;
  }

  /**
   * Checks that there is such a block.
   *
   * @throws AcclimateException when there is none
   */
  public void require(int block) {
    if (block < 0 || block >= ends.length) {
      throw new AcclimateException(
          "expected a task from 0 to %d that brought classes, found %d"
              .formatted(ends.length - 1, block));
    }
  }

  /**
   * The block of a class.
   *
   * @throws AcclimateException when the class was not seen
   */
  public int of(int label) {
    int place = Arrays.binarySearch(ends, label);
    int block = place >= 0 ? place + 1 : -place - 1;
    if (label < 0 || block == ends.length) {
      throw new AcclimateException(
          "expected a class that was seen, found %d after %s".formatted(label, this));
    }
    return block;
  }

  @Override
  public void save(StateWriter out) {
    out.putInts("ends", ends);
  }

  @Override
  public void load(StateReader in) {
    ends = in.getInts("ends");
  }

  @Override
  public String toString() {
    return "blocks of classes that end before " + Arrays.toString(ends);
  }
}
