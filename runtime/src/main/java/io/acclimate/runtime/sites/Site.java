package io.acclimate.runtime.sites;

import io.acclimate.runtime.AcclimateException;
import java.util.Optional;

/**
 * A place of a graph where something can be attached. Immutable; holds for the graph in which it
 * was found.
 *
 * @param id the site's name, the same in each specialisation of a model: {@code
 *     block3.attention.q}, {@code norm0}
 * @param kind what it is
 * @param layer the number of its transformer block from 0 on, -1 outside of blocks
 * @param flow the values at the site
 * @param weights its constants, if it has any
 * @param heads the attention, for sites of kind {@link SiteKind#KV}
 */
public record Site(
    String id,
    SiteKind kind,
    int layer,
    Flow flow,
    Optional<Weights> weights,
    Optional<Heads> heads) {

  /** A place in a stream of values: what is read there is also what is given on. */
  static Site stream(String id, SiteKind kind, int layer, Flow flow) {
    return new Site(id, kind, layer, flow, Optional.empty(), Optional.empty());
  }

  /** The value it reads. */
  public String input() {
    return flow.input();
  }

  /** The value it gives. */
  public String output() {
    return flow.output();
  }

  /** The size of its input's features. */
  public long in() {
    return flow.in();
  }

  /** The number of features it gives. */
  public long out() {
    return flow.out();
  }

  /**
   * Its constants.
   *
   * @throws AcclimateException when it has none
   */
  public Weights requireWeights() {
    return weights.orElseThrow(
        () -> new AcclimateException("site " + id + " (" + kind + ") has no weights"));
  }

  /**
   * Its attention.
   *
   * @throws AcclimateException when it is none
   */
  public Heads requireHeads() {
    return heads.orElseThrow(
        () -> new AcclimateException("site " + id + " (" + kind + ") is no attention"));
  }
}
