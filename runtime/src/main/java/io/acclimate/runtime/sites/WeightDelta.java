package io.acclimate.runtime.sites;

import io.acclimate.runtime.Tensor;
import java.util.Optional;

/**
 * A change of a site's constants that has the same effect as a patch.
 *
 * @param weight what is added to the weight: {@code [out, in]} for linear layers, however the
 *     weight is stored; else of the weight's shape
 * @param bias what is added to the bias; a site without one gets one
 */
public record WeightDelta(Optional<Tensor> weight, Optional<Tensor> bias) {}
