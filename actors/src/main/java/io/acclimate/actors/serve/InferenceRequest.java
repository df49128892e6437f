package io.acclimate.actors.serve;

import io.acclimate.runtime.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A request for inference as the protocol has it.
 *
 * @param id the client's own name for it
 * @param stream the stream it names
 * @param learn whether the stream's method may learn from the batch
 * @param input the model's input
 * @param outputs what the answer shall hold, in this order
 */
record InferenceRequest(
    Optional<String> id,
    Optional<String> stream,
    boolean learn,
    Tensor input,
    List<Wanted> outputs) {
  /**
   * An output that is asked for.
   *
   * @param binary whether its values follow the JSON as raw bytes
   */
  record Wanted(AnswerOutput output, boolean binary) {}
}
