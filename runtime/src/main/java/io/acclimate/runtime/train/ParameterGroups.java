package io.acclimate.runtime.train;

import io.acclimate.runtime.AcclimateException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which parameters are trained, and how: each has a group, found by its name. Mutable, so that
 * parameters can be frozen and freed between steps; not thread-safe.
 */
public final class ParameterGroups {
  private final Map<String, Group> groups = new LinkedHashMap<>();

  /**
   * What a group of parameters shares.
   *
   * @param rateFactor multiplies the learning rate, at least 0
   * @param weightDecay the share by which weights shrink, at least 0
   * @param trainable whether the parameters change at all
   */
  public record Group(double rateFactor, double weightDecay, boolean trainable) {
    /** Trained at the full rate without decay. */
    public static final Group DEFAULT = new Group(1, 0, true);

    /** Checks the ranges. */
    public Group {
      if (!(rateFactor >= 0) || !(weightDecay >= 0)) {
        throw new AcclimateException(
            "rate factor and weight decay: expected at least 0, found %s and %s"
                .formatted(rateFactor, weightDecay));
      }
    }
  }

  private ParameterGroups(Set<String> names, Group group) {
    names.forEach(name -> groups.put(name, group));
  }

  /** All parameters of a set in one group. */
  public static ParameterGroups of(Set<String> names, Group group) {
    return new ParameterGroups(names, group);
  }

  /** The group of a parameter. */
  public Group of(String parameter) {
    Group group = groups.get(parameter);
    if (group == null) {
      throw new AcclimateException(
          "no parameter '%s'; there are %s".formatted(parameter, groups.keySet()));
    }
    return group;
  }

  /** Puts all parameters whose name fits into a group. */
  public ParameterGroups put(Predicate<String> names, Group group) {
    groups.replaceAll((name, old) -> names.test(name) ? group : old);
    return this;
  }

  /** Freezes or frees all parameters whose name fits. */
  public ParameterGroups trainable(Predicate<String> names, boolean trainable) {
    groups.replaceAll(
        (name, old) ->
            names.test(name) ? new Group(old.rateFactor(), old.weightDecay(), trainable) : old);
    return this;
  }

  /** The names of all parameters. */
  public Set<String> names() {
    return Set.copyOf(groups.keySet());
  }
}
