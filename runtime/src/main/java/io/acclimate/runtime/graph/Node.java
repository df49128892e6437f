package io.acclimate.runtime.graph;

import java.util.List;

/**
 * One operator of a graph. Immutable.
 *
 * @param name the node's name, unique in its graph
 * @param op the operator, such as {@code MatMul}
 * @param domain the operator set, {@code ""} for ONNX's own
 * @param inputs the values it reads; {@code ""} where an optional input is left out
 * @param outputs the values it writes; {@code ""} where an optional output is left out
 * @param attributes its attributes
 */
public record Node(
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Attributes attributes) {
  /** Copies the lists. */
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The input at this place, {@code ""} when it is left out. */
  public String input(int index) {
    return index < inputs.size() ? inputs.get(index) : "";
  }

  /** Whether an optional input is given. */
  public boolean hasInput(int index) {
    return !input(index).isEmpty();
  }

  /** The first output. */
  public String output() {
    return outputs.get(0);
  }

  /** Whether this is the operator of ONNX's own set with this name. */
  public boolean is(String wanted) {
    return domain.isEmpty() && op.equals(wanted);
  }

  /** The operator with its domain, as registries name it: {@code MatMul}, {@code other.Thing}. */
  public String qualifiedOp() {
    return domain.isEmpty() ? op : domain + "." + op;
  }

  /** The same node with other inputs. */
  public Node withInputs(List<String> others) {
    return new Node(name, op, domain, others, outputs, attributes);
  }

  /** The same node with other outputs. */
  public Node withOutputs(List<String> others) {
    return new Node(name, op, domain, inputs, others, attributes);
  }

  @Override
  public String toString() {
    return qualifiedOp() + " '" + name + "' " + inputs + " -> " + outputs;
  }
}
