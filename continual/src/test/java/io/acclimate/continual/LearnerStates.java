package io.acclimate.continual;

import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.io.Safetensors;
import io.acclimate.runtime.state.State;
import io.acclimate.runtime.state.Stateful;
import java.util.LinkedHashMap;
import java.util.Map;

/** What stands in the state of a learner. */
public final class LearnerStates {
  private LearnerStates() {}

  /** The tensors of an object's state under a name. */
  public static Map<String, Tensor> tensors(Stateful object, String scope) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Safetensors.read(State.of(object).toBytes())
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(scope)) {
                tensors.put(name.substring(scope.length()), tensor);
              }
            });
    return tensors;
  }

  /** All of a learner's state but how many batches of the open task were handed over. */
  public static Map<String, Tensor> learned(ContinualLearner learner) {
    Map<String, Tensor> tensors = tensors(learner, "");
    tensors.remove("handed");
    return tensors;
  }

  /** Whether two sets of tensors are equal bit for bit. */
  public static boolean areEqual(Map<String, Tensor> one, Map<String, Tensor> other) {
    return one.keySet().equals(other.keySet())
        && one.keySet().stream().allMatch(name -> one.get(name).contentEquals(other.get(name)));
  }
}
