package io.acclimate.simulators.corruption;

/** What a filter reads beyond the edge of the row {@code abcd}. */
enum Border {
  /** {@code aaa|abcd|ddd}. */
  NEAREST {
    @Override
    int index(int i, int length) {
      return Math.min(Math.max(i, 0), length - 1);
    }
  },
  /** {@code cba|abcd|dcb}: mirrored at the outer side of the edge pixel. */
  SYMMETRIC {
    @Override
    int index(int i, int length) {
      int folded = Math.floorMod(i, 2 * length);
      return folded < length ? folded : 2 * length - 1 - folded;
    }
  },
  /** {@code dcb|abcd|cba}: mirrored at the centre of the edge pixel. */
  REFLECT_101 {
    @Override
    int index(int i, int length) {
      int period = 2 * (length - 1);
      int folded = Math.floorMod(i, period);
      return folded < length ? folded : period - folded;
    }
  };

  /** The index in 0..length-1 that stands for index i. */
  abstract int index(int i, int length);

  /** The indices for -radius..length-1+radius. */
  int[] indices(int length, int radius) {
    int[] indices = new int[length + 2 * radius];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = index(i - radius, length);
    }
    return indices;
  }
}
