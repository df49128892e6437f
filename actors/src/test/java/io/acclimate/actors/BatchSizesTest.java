package io.acclimate.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BatchSizesTest {
  /** A model that doubles its input, plus what a test adds by the size of the call. */
  private static Function<Tensor, Map<String, Tensor>> model(Function<Integer, Float> bySize) {
    return input -> {
      Tensor output = Tensor.allocate(DType.FLOAT32, input.shape());
      float extra = bySize.apply((int) input.dim(0));
      for (int k = 0; k < input.elements(); k++) {
        output.floats().put(k, 2 * input.floats().get(k) + extra);
      }
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      outputs.put("logits", output);
      return outputs;
    };
  }

  private static String find(Function<Tensor, Map<String, Tensor>> model, int most) {
    return BatchSizes.find(model, Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3), most).toString();
  }

  @Test
  void onlySizesThatAgreeAreTaken() {
    assertEquals("[1, 2, 4, 8, 16]", find(model(size -> 0f), 16));
    assertEquals("[1, 2, 4, 8, 12]", find(model(size -> 0f), 12));
    assertEquals("[2, 4, 8, 16]", find(model(size -> size == 1 ? 1e-6f : 0f), 16));
    assertEquals("[1, 2, 4]", find(model(size -> size > 4 ? size : 0f), 16));
    assertEquals("[1, 2]", find(model(size -> 0f), 2));
  }

  /** A model that lets rows of a call influence one another cannot share calls. */
  @Test
  void modelWhoseRowsDependOnOneAnotherIsLeftAlone() {
    Function<Tensor, Map<String, Tensor>> mixing =
        input -> {
          Tensor output = input.copy();
          output.floats().put(1, output.floats().get(1) + input.floats().get(0));
          return Map.of("logits", output);
        };
    assertEquals("[]", find(mixing, 8));
  }

  @Test
  void rowsAreFilledUpToTheNextSize() {
    BatchSizes sizes =
        BatchSizes.find(
            model(size -> size == 1 ? 1f : 0f), Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3), 8);
    assertEquals(2, sizes.holding(1));
    assertEquals(4, sizes.holding(3));
    assertEquals(8, sizes.largest());
  }
}
