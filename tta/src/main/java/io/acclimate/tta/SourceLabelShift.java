package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.tta.labelshift.LabelCondition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A label shift adapter, learned on the source once: a small network that turns a label
 * distribution into changes of a model's head. Safe to share once loaded.
 */
public final class SourceLabelShift implements Stateful {
  /** Weights of the first layer, {@code [condition, hidden]}. */
  public static final String HIDDEN_WEIGHTS = "hidden.weights";

  /** Biases of the first layer, {@code [hidden]}. */
  public static final String HIDDEN_BIAS = "hidden.bias";

  /** Weights of the second layer, {@code [hidden, 2 features + classes rank + classes]}. */
  public static final String OUTPUT_WEIGHTS = "output.weights";

  /** Biases of the second layer, {@code [2 features + classes rank + classes]}. */
  public static final String OUTPUT_BIAS = "output.bias";

  /** Directions in which the head's weights may change, {@code [rank, features]}. */
  public static final String DIRECTIONS = "directions";

  private static final List<String> NAMES =
      List.of(HIDDEN_WEIGHTS, HIDDEN_BIAS, OUTPUT_WEIGHTS, OUTPUT_BIAS, DIRECTIONS);

  private LabelCondition condition;
  private Map<String, Tensor> tensors;

  /** An adapter that changes nothing, to be loaded. */
  public SourceLabelShift(int classes, int featureSize) {
    this(even(classes), zeros(classes, featureSize));
  }

  private static LabelCondition even(int classes) {
    double[] shares = new double[classes];
    Arrays.fill(shares, 1.0 / classes);
    return new LabelCondition(LabelCondition.Kind.SHARES, shares);
  }

  private static Map<String, Tensor> zeros(int classes, int featureSize) {
    int generated = 2 * (featureSize + classes);
    return Map.of(
        HIDDEN_WEIGHTS, Tensor.allocate(DType.FLOAT32, classes, 1),
        HIDDEN_BIAS, Tensor.allocate(DType.FLOAT32, 1),
        OUTPUT_WEIGHTS, Tensor.allocate(DType.FLOAT32, 1, generated),
        OUTPUT_BIAS, Tensor.allocate(DType.FLOAT32, generated),
        DIRECTIONS, Tensor.allocate(DType.FLOAT32, 1, featureSize));
  }

  /**
   * Takes values over, which must not change afterwards.
   *
   * @param condition what the network is told of a label distribution
   * @param tensors the five tensors named in this class, float32
   */
  public SourceLabelShift(LabelCondition condition, Map<String, Tensor> tensors) {
    this.condition = condition;
    this.tensors = Map.copyOf(tensors);
    requireFit();
  }

  private void requireFit() {
    long[] hidden = shape(HIDDEN_WEIGHTS, 2);
    long[] output = shape(OUTPUT_WEIGHTS, 2);
    long[] directions = shape(DIRECTIONS, 2);
    long generated = 2 * directions[1] + condition.axis().length * (directions[0] + 1);
    boolean fits =
        hidden[0] == condition.size()
            && shape(HIDDEN_BIAS, 1)[0] == hidden[1]
            && output[0] == hidden[1]
            && output[1] == generated
            && shape(OUTPUT_BIAS, 1)[0] == generated;
    if (!fits) {
      throw new AcclimateException(
          "label shift adapter: expected layers that follow each other, for %d classes, found %s"
              .formatted(condition.axis().length, new TreeMap<>(tensors)));
    }
  }

  private long[] shape(String name, int rank) {
    Tensor tensor = tensors.get(name);
    if (tensor == null || tensor.rank() != rank || tensor.type() != DType.FLOAT32) {
      throw new AcclimateException(
          "label shift adapter: expected FLOAT32 %s of rank %d, found %s"
              .formatted(name, rank, tensor == null ? "none" : tensor));
    }
    return tensor.shape();
  }

  /** What the network is told of a label distribution. */
  public LabelCondition condition() {
    return condition;
  }

  /** One of the tensors, by the names in this class. */
  public Tensor tensor(String name) {
    return tensors.get(name);
  }

  /** The number of classes. */
  public int classes() {
    return condition.axis().length;
  }

  /** The number of features. */
  public int featureSize() {
    return (int) tensors.get(DIRECTIONS).dim(1);
  }

  @Override
  public void save(StateWriter out) {
    out.putText("condition", condition.kind().name());
    out.putDoubles("axis", condition.axis());
    tensors.forEach(out::putTensor);
  }

  @Override
  public void load(StateReader in) {
    LabelCondition.Kind kind;
    String text = in.getText("condition");
    try {
      kind = LabelCondition.Kind.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw new AcclimateException("label shift adapter: unknown condition " + text, e);
    }
    LabelCondition loaded = new LabelCondition(kind, in.getDoubles("axis"));
    Map<String, Tensor> values = new TreeMap<>();
    NAMES.forEach(name -> values.put(name, in.getTensor(name)));
    SourceLabelShift checked = new SourceLabelShift(loaded, values);
    condition = checked.condition;
    tensors = checked.tensors;
  }
}
