package io.acclimate.runtime.sites;

import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.Ops;
import java.util.Set;

/** One patch while it is written; see {@link GraphSurgery#hang}. */
public final class Patch {
  private final GraphSurgery surgery;
  private final GraphBuilder builder;
  private final Set<String> before;

  Patch(GraphSurgery surgery, GraphBuilder builder) {
    this.surgery = surgery;
    this.builder = builder;
    this.before = surgery.nodeNames();
  }

  /** Appends the patch's nodes. */
  public Ops ops() {
    return builder.ops();
  }

  /** What stands in the place of a value of the model, earlier patches included. */
  public String read(String value) {
    return surgery.current(value);
  }

  /** What a node reads in the place of a constant, earlier patches included. */
  public String read(ConstantUse use) {
    return surgery.operand(use);
  }

  /**
   * Puts a value in the place of one of the model's. Everything that was there before the patch
   * reads it; the patch's own nodes do not.
   *
   * @param replacement of the same type
   */
  public void replace(String value, String replacement) {
    surgery.replace(value, replacement, before, true);
  }

  /** Puts a value in the place of one of the model's for some nodes only. */
  public void replaceFor(Set<String> readers, String value, String replacement) {
    surgery.replace(value, replacement, readers, false);
  }

  /** Lets the one node read a value in the place of its constant. */
  public void replace(ConstantUse use, String replacement) {
    surgery.replaceOperand(use, replacement);
  }

  /** Makes a value an output of the graph; an output of the same name gives way. */
  public void output(String name, String value) {
    surgery.output(name, value);
  }
}
