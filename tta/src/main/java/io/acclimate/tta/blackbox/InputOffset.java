package io.acclimate.tta.blackbox;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.TensorSpec;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Adds something to a model's input and keeps the sum within the range of pixels: values inside the
 * range do not leave it, and values outside of it go no farther. Adding 0 changes nothing. Fills
 * one tensor again and again; not thread-safe.
 */
final class InputOffset {
  private final TensorSpec input;
  private final int elements;
  private final float low;
  private final float high;
  private Tensor changed;

  /**
   * An offset of this input.
   *
   * @throws AcclimateException when the input's samples have no fixed size or are no float32
   *     numbers
   */
  InputOffset(TensorSpec input, PixelRange range) {
    if (input.elementsPerRow() < 1 || !input.type().equals("FLOAT")) {
      throw new AcclimateException(
          "input '%s': expected FLOAT samples of a fixed size to change, found %s %s"
              .formatted(input.name(), input.type(), input.shapeText()));
    }
    this.input = input;
    this.elements = Math.toIntExact(input.elementsPerRow());
    this.low = (float) range.low();
    this.high = (float) range.high();
  }

  /** Elements of one sample. */
  int elements() {
    return elements;
  }

  /** Channels, height and width of a sample; empty where it is no image. */
  int[] imageShape() {
    return input.shape().size() != 4
        ? new int[0]
        : input.shape().stream().skip(1).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * Adds an offset.
   *
   * @param batch {@code [size, ...]}, unchanged
   * @param offset for one sample, or one for each, row by row
   * @return {@code [size, ...]}, valid until the next call
   */
  Tensor add(Tensor batch, double[] offset) {
    if (changed == null || !Arrays.equals(changed.shape(), batch.shape())) {
      changed = Tensor.allocate(DType.FLOAT32, batch.shape());
    }
    FloatBuffer from = batch.floats();
    FloatBuffer to = changed.floats();
    int count = from.remaining();
    for (int k = 0; k < count; k++) {
      float value = from.get(k);
      float sum = value + (float) offset[k % offset.length];
      to.put(k, Math.min(Math.max(sum, Math.min(low, value)), Math.max(high, value)));
    }
    return changed;
  }
}
