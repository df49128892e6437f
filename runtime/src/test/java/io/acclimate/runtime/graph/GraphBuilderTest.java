package io.acclimate.runtime.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class GraphBuilderTest {
  private final GraphBuilder graph = new GraphBuilder("g");
  private final Ops ops = graph.ops();
  private final String x = graph.input("x", ValueType.of(DType.FLOAT32, 2, 3));

  private static void assertRefused(Executable change, String... parts) {
    AcclimateException e = assertThrows(AcclimateException.class, change);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private static Node relu(String name, String input, String output) {
    return new Node(name, "Relu", "", List.of(input), List.of(output), Attributes.NONE);
  }

  @Test
  void valuesThatDoNotExistAreRefused() {
    assertRefused(() -> ops.relu("z"), "'z' does not exist", "graph g");
    assertRefused(() -> graph.type("z"), "no value 'z'");
    assertRefused(() -> graph.output("z"), "no value 'z'");
    assertRefused(() -> graph.edits().redirect("z", x, Set.of()), "no value 'z'");
    assertRefused(() -> graph.edits().replace("z", relu("z", x, "z")), "no node 'z'");
    assertRefused(() -> graph.edits().lift("z"), "no constant 'z'");
  }

  @Test
  void namesInUseAreRefused() {
    graph.add(relu("node", x, "y"));
    assertRefused(() -> graph.input("y", graph.type(x)), "'y' is in use");
    assertRefused(() -> graph.constant("x", Constant.ofList(1)), "'x' is in use");
    assertRefused(() -> graph.add(relu("other", x, "y")), "'y' is in use");
    assertRefused(() -> graph.add(relu("node", x, "z")), "node 'node'");
    assertRefused(() -> graph.output("x", "y"), "'x' is in use");
  }

  @Test
  void freshNamesAvoidThoseInUse() {
    graph.input("Relu.1", graph.type(x));
    assertEquals("Relu.2", ops.relu(x));
    graph.reserve(Set.of("Relu.3"));
    assertEquals("Relu.4", ops.relu(x));
  }

  /** ONNX Runtime names what it makes of node Relu.1 after it, and would do so again. */
  @Test
  void freshNamesAvoidThoseThatOthersAreDerivedFrom() {
    graph.add(relu("Relu.1_new", x, "Relu.2/fused"));
    graph.output("Relu.2/fused");
    GraphBuilder again = graph.build().toBuilder();
    assertEquals("Relu.3", again.ops().relu(x));
  }

  @Test
  void equalConstantsAreAddedOnce() {
    assertEquals(ops.list(1, 2), ops.list(1, 2));
    assertNotEquals(ops.list(1, 2), ops.list(2, 1));
    assertNotEquals(ops.list(1), graph.constant(Constant.ofLongs(new long[] {1})));
  }

  @Test
  void aCircleIsRefused() {
    graph.add(relu("first", x, "a"));
    graph.add(relu("second", "a", "b"));
    graph.output("b");
    graph.edits().replace("first", relu("first", "b", "a"));
    assertRefused(graph::build, "circle", "graph g");
  }

  @Test
  void aNodeThatReadsItselfIsRefused() {
    graph.add(relu("first", x, "a"));
    graph.output("a");
    graph.edits().replace("first", relu("first", "a", "a"));
    assertRefused(graph::build, "circle", "'first'");
  }

  @Test
  void aDiamondIsNoCircle() {
    graph.add(relu("left", x, "a"));
    graph.add(relu("right", x, "b"));
    graph.output("y", ops.add("a", "b"));
    String late = ops.neg(x);
    graph.edits().redirect(x, late, Set.of("left", "right"));
    List<String> order = graph.build().nodes().stream().map(Node::op).toList();
    assertEquals(List.of("Neg", "Relu", "Relu", "Add", "Identity"), order);
  }

  @Test
  void redirectAsksForTheSameType() {
    graph.add(relu("node", x, "y"));
    String other = graph.input("other", ValueType.of(DType.FLOAT32, 3, 2));
    String wide = graph.input("wide", ValueType.of(DType.FLOAT64, 2, 3));
    assertRefused(() -> graph.edits().redirect(x, other, Set.of("node")), "[3, 2]", "[2, 3]");
    assertRefused(() -> graph.edits().redirect(x, wide, Set.of("node")), "FLOAT64", "FLOAT32");
  }

  @Test
  void redirectChangesTheNamedReadersAlone() {
    graph.add(relu("node", x, "y"));
    graph.add(relu("stays", x, "z"));
    String patched = ops.neg(x);
    graph.edits().redirect(x, patched, Set.of("node"));
    graph.output("y");
    graph.output("z");
    ModelGraph built = graph.build();
    assertEquals(List.of(patched), built.producer("y").orElseThrow().inputs());
    assertEquals(List.of(x), built.producer("z").orElseThrow().inputs());
    assertEquals(2, built.consumers(x).size());
  }

  @Test
  void whatNoOutputNeedsIsLeftOut() {
    Constant used = Constant.ofDoubles(DType.FLOAT32, new double[] {2}, 1);
    Constant unused = Constant.ofDoubles(DType.FLOAT32, new double[] {3}, 1);
    String y = ops.mul(x, graph.constant("used", used));
    ops.mul(x, graph.constant("unused", unused));
    graph.output(y);
    ModelGraph built = graph.build();
    assertEquals(1, built.nodes().size());
    assertEquals(Set.of("used"), built.constants().keySet());
    assertSame(used, built.constants().get("used"));
    assertFalse(built.types().containsKey("unused"));
  }

  @Test
  void aBuilderStartsWithAllOfAGraph() {
    graph.metadata("key", "value");
    graph.output("y", ops.mul(x, graph.constant("two", Constant.scalar(DType.FLOAT32, 2))));
    ModelGraph built = graph.build();
    ModelGraph again = built.toBuilder().build();
    assertEquals(built.nodes(), again.nodes());
    assertEquals(built.types(), again.types());
    assertEquals(built.metadata(), again.metadata());
    GraphBuilder changed = built.toBuilder();
    changed.setOutputs(List.of(changed.ops().relu("y")));
    assertEquals(List.of("y"), built.outputs());
    assertEquals(3, changed.build().nodes().size());
  }

  @Test
  void aConstantIsReplacedByOneOfItsTypeOnly() {
    graph.constant("w", Constant.ofDoubles(DType.FLOAT32, new double[] {1, 2}, 2));
    Constant other = Constant.ofDoubles(DType.FLOAT32, new double[] {3, 4}, 2);
    graph.edits().replaceConstant("w", other);
    assertSame(other, graph.constantValue("w").orElseThrow());
    assertRefused(() -> graph.edits().replaceConstant("w", Constant.ofList(1, 2)), "constant 'w'");
    assertRefused(() -> graph.edits().replaceConstant("x", Constant.ofList(1)), "constant 'x'");
  }

  @Test
  void sumsAndProductsOfSymbolsAreEqualForEqualParts() {
    Dim r = Dim.symbol("r");
    Dim s = Dim.symbol("s");
    assertEquals(Dim.sum(List.of(r, s, Dim.of(2))), Dim.sum(List.of(Dim.of(2), s, r)));
    assertEquals(r, Dim.sum(List.of(r, Dim.of(0))));
    assertEquals(r, Dim.product(List.of(r, Dim.of(1))));
    assertEquals(Dim.of(0), Dim.product(List.of(r, Dim.of(0))));
    assertEquals(Dim.of(6), Dim.product(List.of(Dim.of(2), Dim.of(3))));
    assertNotEquals(Dim.sum(List.of(r, r)), Dim.product(List.of(r, r)));
    Dim two = Dim.product(List.of(Dim.sum(List.of(r, Dim.of(1))), s));
    assertNotEquals(two, Dim.sum(List.of(r, Dim.product(List.of(s, Dim.of(1))))));
  }

  @Test
  void shapeArithmeticKeepsSymbols() {
    ValueType open =
        new ValueType(
            DType.FLOAT32, new Shape(List.of(Dim.symbol("b"), Dim.symbol("t"), Dim.of(6))));
    String y = graph.input("y", open);
    String shape = ops.shapeOf(y);
    String batch = ops.gather(shape, graph.constant(Constant.ofLongs(new long[] {0})), 0);
    List<String> parts = List.of(ops.unsqueeze(batch, 0), ops.list(-1, 2, 3));
    String heads = ops.op("Reshape", Attributes.NONE, y, ops.concat(0, parts));
    assertEquals("[b, t, 2, 3]", ops.shape(heads).toString());
    String back = ops.op("Reshape", Attributes.NONE, heads, ops.list(0, 0, -1));
    assertEquals(open, ops.type(back));
    String rows = ops.reshape(y, -1, 6);
    assertEquals("[b*t, 6]", ops.shape(rows).toString());
    assertEquals(open, ops.type(ops.reshapeLike(rows, y)));
    String last = ops.op("Slice", Attributes.NONE, shape, ops.list(-1), ops.list(9));
    String filled = ops.op("ConstantOfShape", Attributes.NONE, last);
    assertEquals("[6]", ops.shape(filled).toString());
    String tail = ops.op("Shape", Attributes.of("start", 1), y);
    assertEquals("[t, 6]", ops.shape(ops.sizes().filled(DType.FLOAT32, 0, tail)).toString());
    assertEquals(
        "[b, t, 6]", ops.shape(ops.op("Expand", Attributes.NONE, ops.list(1), shape)).toString());
  }
}
