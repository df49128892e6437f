package io.acclimate.simulators.inspect;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.acclimate.runtime.ModelSummary;
import java.util.List;
import java.util.Map;

/**
 * Everything that {@code inspect} says of a model. What was not asked for or could not be found is
 * null.
 *
 * @param summary what stands in the file
 * @param dims the sizes at which the rest holds
 * @param blocks the number of transformer blocks
 * @param siteCounts the number of sites by kind
 * @param sites the sites, when they were asked for
 * @param withoutGradient operators that cannot be differentiated
 * @param gradients the check of gradients, when it was asked for
 * @param structureProblem why blocks and sites could not be found
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Inspection(
    @JsonUnwrapped ModelSummary summary,
    Map<String, Long> dims,
    Integer blocks,
    Map<String, Integer> siteCounts,
    List<SiteEntry> sites,
    List<String> withoutGradient,
    @JsonUnwrapped ModelGradientCheck gradients,
    String structureProblem) {

  /** A model whose structure is known. */
  public static Inspection of(
      ModelSummary summary, Structure structure, boolean listSites, ModelGradientCheck gradients) {
    return new Inspection(
        summary,
        structure.dims(),
        structure.blocks(),
        structure.siteCounts(),
        listSites ? structure.sites().stream().map(SiteEntry::of).toList() : null,
        structure.withoutGradient(),
        gradients,
        null);
  }

  /** A model of which only the file is known. */
  public static Inspection of(ModelSummary summary, String problem) {
    return new Inspection(summary, null, null, null, null, null, null, problem);
  }
}
