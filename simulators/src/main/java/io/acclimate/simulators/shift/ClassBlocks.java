package io.acclimate.simulators.shift;

import io.acclimate.runtime.AcclimateException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.PermutationSampler;

/**
 * Classes come in blocks: the classes are shuffled and grouped, and the samples of a group come
 * together, shuffled among themselves. Blocks of one class are the class-sorted stream, the hardest
 * temporal correlation.
 *
 * @param blockClasses how many classes a block has, at least 1; the last block may have fewer
 */
public record ClassBlocks(int blockClasses) implements LabelShift {
  /**
   * Checks the range.
   *
   * @throws AcclimateException if it is not met
   */
  public ClassBlocks {
    if (blockClasses < 1) {
      throw new AcclimateException("block-classes: expected 1 or more, found " + blockClasses);
    }
  }

  @Override
  public int[] order(int[] labels, int classes, int n, UniformRandomProvider random) {
    int[] drawn = ClassPool.draw(labels, classes, n, random);
    int[][] groups = ClassPool.byClass(drawn, labels, classes);
    int[] order = ClassPool.present(groups);
    PermutationSampler.shuffle(random, order);
    return IntStream.iterate(0, start -> start < order.length, start -> start + blockClasses)
        .mapToObj(start -> block(groups, order, start, random))
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  private int[] block(int[][] groups, int[] order, int start, UniformRandomProvider random) {
    int end = (int) Math.min(order.length, (long) start + blockClasses);
    int[] block = Arrays.stream(order, start, end).flatMap(c -> Arrays.stream(groups[c])).toArray();
    PermutationSampler.shuffle(random, block);
    return block;
  }
}
