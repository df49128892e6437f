package io.acclimate.tta;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.SeedTree;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a method may know of the model and its source before the stream begins. Immutable and safe
 * to share.
 *
 * @param classes the number of classes, at least 2
 * @param featureSize the number of features of a sample, 0 without features
 * @param head the model's last linear layer, where it has one behind its features
 * @param source statistics of source samples, where they were taken
 * @param seeds the root of the method's random choices
 * @param model the model as a graph, for methods that run or change it themselves
 * @param fisher how much each weight matters to the source, where it was measured
 * @param consistency a consistency loss that was learned on the source
 * @param labelShift a label shift adapter that was learned on the source
 * @param forward the model to run forwards, for methods that do so and want no gradients
 */
public record MethodContext(
    int classes,
    int featureSize,
    Optional<LinearHead> head,
    Optional<SourceStatistics> source,
    SeedTree seeds,
    Optional<DifferentiableModel> model,
    Optional<SourceFisher> fisher,
    Optional<SourceConsistency> consistency,
    Optional<SourceLabelShift> labelShift,
    Optional<ForwardModel> forward) {

  /**
   * Checks that head and statistics fit the model.
   *
   * @throws AcclimateException when one does not
   */
  public MethodContext {
    head.ifPresent(
        given -> requireFit("head", given.classes(), given.featureSize(), classes, featureSize));
    source.ifPresent(
        given ->
            requireFit(
                "source statistics", given.classes(), given.featureSize(), classes, featureSize));
    consistency.ifPresent(
        given ->
            requireFit("consistency loss", classes, given.featureSize(), classes, featureSize));
    labelShift.ifPresent(
        given ->
            requireFit(
                "label shift adapter", given.classes(), given.featureSize(), classes, featureSize));
  }

  /** A context for methods that want gradients, or no model at all. */
  public MethodContext(
      int classes,
      int featureSize,
      Optional<LinearHead> head,
      Optional<SourceStatistics> source,
      SeedTree seeds,
      Optional<DifferentiableModel> model,
      Optional<SourceFisher> fisher,
      Optional<SourceConsistency> consistency) {
    this(
        classes,
        featureSize,
        head,
        source,
        seeds,
        model,
        fisher,
        consistency,
        Optional.empty(),
        Optional.empty());
  }

  /** A context without the model itself. */
  public MethodContext(
      int classes,
      int featureSize,
      Optional<LinearHead> head,
      Optional<SourceStatistics> source,
      SeedTree seeds) {
    this(
        classes,
        featureSize,
        head,
        source,
        seeds,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A context that knows nothing but the sizes. */
  public static MethodContext of(int classes, int featureSize) {
    return new MethodContext(
        classes, featureSize, Optional.empty(), Optional.empty(), SeedTree.of(0));
  }

  private static void requireFit(
      String what, int foundClasses, int foundSize, int classes, int featureSize) {
    if (foundClasses != classes || foundSize != featureSize) {
      throw new AcclimateException(
          "%s: expected %d classes and %d features as of the model, found %d and %d"
              .formatted(what, classes, featureSize, foundClasses, foundSize));
    }
  }

  /** The label distribution of the source, {@code [classes]}; uniform where it is not known. */
  public double[] sourcePrior() {
    if (source.isPresent()) {
      return source.get().prior();
    }
    double[] uniform = new double[classes];
    Arrays.fill(uniform, 1.0 / classes);
    return uniform;
  }
}
