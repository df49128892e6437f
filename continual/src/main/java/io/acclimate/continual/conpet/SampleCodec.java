package io.acclimate.continual.conpet;

import io.acclimate.continual.Backbone;
import io.acclimate.continual.LabelledBatch;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.ValueType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ObjIntConsumer;

/**
 * A sample's inputs as one array of float32, input after input in the order of their names.
 *
 * <p>A value that is not shown is kept as -0; what is shown is never -0 but 0, which computes
 * alike. So masks cost no room. Float64 is rounded. Whole numbers, such as those of tokens, are
 * kept exactly or refused: that is up to 16,777,216. Stateless after its creation.
 */
final class SampleCodec {
  private static final float HIDDEN = -0f;

  private final SortedMap<String, ValueType> types = new TreeMap<>();

  /**
   * Reads the inputs of a model.
   *
   * @throws AcclimateException when one is of a type that cannot be kept
   */
  SampleCodec(Backbone backbone) {
    for (String input : backbone.graph().inputs()) {
      ValueType type = backbone.graph().type(input);
      boolean known =
          switch (type.type()) {
            case FLOAT32, FLOAT64, INT32, INT64 -> true;
            default -> false;
          };
      if (!known) {
        throw new AcclimateException(
            "rehearsal, input '%s': expected FLOAT32, FLOAT64, INT32 or INT64, found %s"
                .formatted(input, type));
      }
      types.put(input, type);
    }
  }

  /** The numbers of one sample. */
  int size() {
    return types.values().stream().mapToInt(SampleCodec::rowSize).sum();
  }

  private static int rowSize(ValueType type) {
    return Math.toIntExact(type.shape().elements() / type.shape().size(0));
  }

  /**
   * The inputs of one row, and which of their values are shown.
   *
   * @throws AcclimateException when a whole number is too large to be kept
   */
  float[] encode(LabelledBatch batch, int row) {
    float[] values = new float[size()];
    int at = 0;
    for (Map.Entry<String, ValueType> one : types.entrySet()) {
      Tensor tensor = batch.inputs().get(one.getKey());
      boolean[] shown = batch.masks().shown().get(one.getKey());
      int size = rowSize(one.getValue());
      for (int i = row * size; i < (row + 1) * size; i++) {
        boolean hidden = shown != null && !shown[i];
        values[at++] = hidden ? HIDDEN : read(one.getKey(), tensor, i) + 0f;
      }
    }
    return values;
  }

  private static float read(String input, Tensor tensor, int index) {
    return switch (tensor.type()) {
      case FLOAT32 -> tensor.floats().get(index);
      case FLOAT64 -> (float) tensor.doubles().get(index);
      case INT32 -> exact(input, tensor.ints().get(index));
      default -> exact(input, tensor.longs().get(index));
    };
  }

  private static float exact(String input, long value) {
    if ((long) (float) value != value) {
      throw new AcclimateException(
          "rehearsal, input '%s': expected whole numbers that float32 holds exactly, found %d"
              .formatted(input, value));
    }
    return value;
  }

  /** Tensors for rows of samples, to be filled by {@link #copy} and {@link #decode}. */
  Map<String, Tensor> allocate(int rows) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    types.forEach(
        (input, type) -> {
          long[] shape = type.shape().sizes();
          shape[0] = rows;
          tensors.put(input, Tensor.allocate(type.type(), shape));
        });
    return tensors;
  }

  /** Copies a row from one batch to another. */
  void copy(Map<String, Tensor> from, int row, Map<String, Tensor> to, int toRow) {
    types.forEach(
        (input, type) -> {
          int size = rowSize(type);
          Tensor source = from.get(input).view((long) row * size, size);
          to.get(input).view((long) toRow * size, size).bytes().put(source.bytes());
        });
  }

  /**
   * Writes a sample that was encoded into a row.
   *
   * @param hidden hears the input and the index of each value that is not shown
   */
  void decode(float[] values, Map<String, Tensor> to, int toRow, ObjIntConsumer<String> hidden) {
    int at = 0;
    for (Map.Entry<String, ValueType> one : types.entrySet()) {
      Tensor tensor = to.get(one.getKey());
      int size = rowSize(one.getValue());
      for (int i = toRow * size; i < (toRow + 1) * size; i++) {
        float value = values[at++];
        write(tensor, i, value + 0f);
        if (Float.floatToRawIntBits(value) == Float.floatToRawIntBits(HIDDEN)) {
          hidden.accept(one.getKey(), i);
        }
      }
    }
  }

  private static void write(Tensor tensor, int index, float value) {
    if (tensor.type() == DType.FLOAT32) {
      tensor.floats().put(index, value);
    } else if (tensor.type() == DType.FLOAT64) {
      tensor.doubles().put(index, value);
    } else if (tensor.type() == DType.INT32) {
      tensor.ints().put(index, (int) value);
    } else {
      tensor.longs().put(index, (long) value);
    }
  }
}
