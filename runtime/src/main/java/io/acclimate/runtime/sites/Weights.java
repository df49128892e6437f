package io.acclimate.runtime.sites;

import java.util.Optional;

/**
 * The constants of a site.
 *
 * @param weight the weight: {@code [in, out]} of a linear layer, or {@code [out, in]} when it is
 *     transposed; the kernel of a convolution; the scale of a normalisation
 * @param bias the bias, where there is one
 * @param transposed whether a linear layer's weight is stored as {@code [out, in]}
 * @param firstColumn the first of the site's outputs among those of the layer, which computes
 *     several sites at once when queries, keys and values are fused; else 0
 */
public record Weights(
    ConstantUse weight, Optional<ConstantUse> bias, boolean transposed, long firstColumn) {}
