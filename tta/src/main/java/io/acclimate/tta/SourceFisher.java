package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.Constant;
import io.acclimate.runtime.state.StateReader;
import io.acclimate.runtime.state.StateWriter;
import io.acclimate.runtime.state.Stateful;
import io.acclimate.runtime.train.ParameterSet;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much each weight matters to the source: the diagonal of the Fisher information, the mean over
 * batches of source samples of the squared gradient of the cross-entropy with the model's own
 * answers. Used by EATA and PSMT. Kept as roots in half precision, two bytes for each weight. Safe
 * to share once loaded.
 */
public final class SourceFisher implements Stateful {
  private final Map<String, Tensor> roots = new TreeMap<>();

  /** Empty, to be loaded. */
  public SourceFisher() {
    // the entries come with the load
  }

  /** Takes values of at least 0 over, in half precision. */
  public SourceFisher(ParameterSet values) {
    values
        .tensors()
        .forEach(
            (name, tensor) -> {
              double[] root = Constant.of(tensor).toDoubles();
              for (int i = 0; i < root.length; i++) {
                root[i] = Math.sqrt(root[i]);
              }
              roots.put(name, Constant.ofDoubles(DType.FLOAT16, root, tensor.shape()).toTensor());
            });
  }

  /**
   * Gives the values of some of the weights.
   *
   * @param parameters receives them
   * @throws AcclimateException when a weight is missing or has another shape
   */
  public void copyTo(ParameterSet parameters) {
    for (String name : parameters.types().keySet()) {
      Tensor root = roots.get(name);
      Tensor target = parameters.tensor(name);
      if (root == null || !Arrays.equals(root.shape(), target.shape())) {
        throw new AcclimateException(
            "source Fisher: expected values of weight '%s' %s, found %s; 'acclimate source-fisher' takes them"
                .formatted(name, target, root == null ? "none" : root));
      }
      double[] values = Constant.of(root).toDoubles();
      for (int i = 0; i < values.length; i++) {
        values[i] *= values[i];
      }
      parameters.write(parameters.start(name), values, values.length);
    }
  }

  @Override
  public void save(StateWriter out) {
    roots.forEach(out::putTensor);
  }

  @Override
  public void load(StateReader in) {
    roots.clear();
    for (String name : in.keys()) {
      Tensor root = in.getTensor(name);
      if (root.type() != DType.FLOAT16) {
        throw new AcclimateException(
            "source Fisher: expected FLOAT16 values of '%s', found %s".formatted(name, root));
      }
      roots.put(name, root);
    }
  }
}
