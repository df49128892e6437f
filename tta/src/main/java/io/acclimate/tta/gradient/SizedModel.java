package io.acclimate.tta.gradient;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.train.ParameterSet;
import io.acclimate.runtime.train.TrainableModel;
import io.acclimate.tta.Passes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An {@link AdaptableModel} at one batch size: the tensors of its calls. A smaller batch is filled
 * up with its own rows, which have weight 0.
 */
public final class SizedModel implements AutoCloseable {
  static final String LOGITS = "stream/logits";
  static final String FEATURES = "stream/features";
  static final String WEIGHTS = "stream/weights";

  private final TrainableModel trainable;
  private final String input;
  private final int capacity;
  private final int views;
  private final Map<String, Tensor> data = new LinkedHashMap<>();
  private int rows;
  private long forwards;
  private long backwards;

  SizedModel(TrainableModel trainable, String input, int capacity, int views) {
    this.trainable = trainable;
    this.input = input;
    this.capacity = capacity;
    this.views = views;
    for (String name : trainable.graph().inputs()) {
      if (!trainable.parameterTypes().containsKey(name)) {
        data.put(name, trainable.graph().type(name).allocate());
      }
    }
  }

  /** The rows of the batch that was loaded. */
  public int rows() {
    return rows;
  }

  /** The rows of a view, those that fill it up included. */
  public int capacity() {
    return capacity;
  }

  /**
   * Copies a batch in.
   *
   * @param view the view, from 0
   * @param batch {@code [rows, ...]}, with at most {@link #capacity()} rows, as many as the other
   *     views
   */
  public void load(int view, Tensor batch) {
    Tensor target = data.get(input);
    long[] expected = target.shape();
    expected[0] = batch.dim(0);
    if (batch.type() != target.type() || !Arrays.equals(batch.shape(), expected)) {
      throw new AcclimateException(
          "expected a batch %s%s, found %s"
              .formatted(target.type(), Arrays.toString(expected), batch));
    }
    rows = (int) batch.dim(0);
    int rowBytes = batch.bytes().capacity() / rows;
    ByteBuffer place = target.bytes().position(view * capacity * rowBytes);
    for (int filled = 0; filled < capacity; filled += rows) {
      int taken = Math.min(rows, capacity - filled);
      place.put(batch.bytes().limit(taken * rowBytes));
    }
    Tensor weights = data.get(WEIGHTS);
    for (int i = 0; i < capacity; i++) {
      put(weights, i, i < rows ? 1 : 0);
    }
  }

  /** Sets an input of the loss; missing elements at the end become 0. */
  public void set(String name, double... values) {
    Tensor tensor = data.get(name);
    for (int i = 0; i < tensor.elements(); i++) {
      put(tensor, i, i < values.length ? values[i] : 0);
    }
  }

  private static void put(Tensor tensor, int index, double value) {
    if (tensor.type() == DType.FLOAT64) {
      tensor.doubles().put(index, value);
    } else {
      tensor.floats().put(index, (float) value);
    }
  }

  /** Computes the loss, the results and the gradients. */
  public double backward(ParameterSet parameters) {
    forwards++;
    backwards++;
    return trainable.backward(parameters, data);
  }

  /** Computes the loss and the results. */
  public double forward(ParameterSet parameters) {
    forwards++;
    return trainable.forward(parameters, data);
  }

  /** How often the model was run. */
  Passes passes() {
    return new Passes(forwards, backwards);
  }

  /** The gradients of the last {@link #backward}; overwritten by the next one. */
  public ParameterSet gradients() {
    return trainable.gradients();
  }

  /** A result of the last call. */
  public double[] result(String name) {
    Tensor tensor = trainable.result(name);
    return values(tensor, (int) tensor.elements());
  }

  /** The logits of view 0 of the last call, {@code [rows, classes]}. */
  public double[] logits() {
    return rows(LOGITS);
  }

  /**
   * The features of view 0 of the last call, {@code [rows, features]}; for models that give any.
   */
  double[] features() {
    return rows(FEATURES);
  }

  private double[] rows(String name) {
    Tensor tensor = trainable.result(name);
    return values(tensor, rows * (int) tensor.dim(1));
  }

  private static double[] values(Tensor tensor, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = tensor.type() == DType.FLOAT64 ? tensor.doubles().get(i) : tensor.floats().get(i);
    }
    return values;
  }

  /** Writes the softmax of the logits of view 0. */
  public void answer(double[] probabilities) {
    double[] logits = logits();
    System.arraycopy(logits, 0, probabilities, 0, logits.length);
    Rows.softmax(probabilities, rows, logits.length / rows);
  }

  @Override
  public void close() {
    trainable.close();
  }

  @Override
  public String toString() {
    return views + " views of " + capacity + " rows of " + trainable;
  }
}
