package io.acclimate.runtime.autodiff;

import static io.acclimate.runtime.autodiff.FiniteDifferences.shape;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.Attributes;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.ValueType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EinsumGradientTest {
  static Stream<Arguments> equations() {
    return Stream.of(
        equation("ij->ji", shape(2, 3)),
        equation("ij->", shape(2, 3)),
        equation("ij->i", shape(2, 3)),
        equation("ii->i", shape(3, 3)),
        equation("ii->", shape(3, 3)),
        equation("iji->j", shape(2, 3, 2)),
        equation("ij,jk->ik", shape(2, 3), shape(3, 4)),
        equation("ij,jk->ki", shape(2, 3), shape(3, 4)),
        equation("ij,kj", shape(2, 3), shape(4, 3)),
        equation("i,j->ij", shape(2), shape(3)),
        equation("i,i->", shape(3), shape(3)),
        equation("ij,ij->ij", shape(2, 3), shape(1, 3)),
        equation("bij,bjk->bik", shape(2, 3, 2), shape(2, 2, 4)),
        equation("bij,bjk->bik", shape(2, 3, 2), shape(1, 2, 4)),
        equation("bij,bjk->bik", shape(1, 2, 1), shape(1, 3, 2)),
        equation("bhid,bhjd->bhij", shape(1, 2, 3, 2), shape(1, 2, 4, 2)),
        equation("abc,cde->abde", shape(2, 1, 3), shape(3, 2, 2)),
        equation("abcd,cdef->abef", shape(2, 1, 2, 3), shape(2, 3, 1, 2)),
        equation("ijk,l->i", shape(2, 3, 2), shape(3)),
        equation("...ij,...jk->...ik", shape(2, 1, 2, 3), shape(1, 3, 3, 2)),
        equation("...i->...", shape(2, 3)),
        equation("ab,bc,cd->ad", shape(2, 3), shape(3, 2), shape(2, 4)),
        equation("ab,bc,cd->abcd", shape(2, 3), shape(3, 2), shape(2, 1)),
        equation("pqr,ip,jq,kr->ijk", shape(2, 1, 2), shape(3, 2), shape(2, 1), shape(2, 2)),
        equation("ij,ij,i->j", shape(2, 3), shape(2, 3), shape(2)),
        equation("i,i,i->i", shape(3), shape(1), shape(3)),
        equation(",i->i", shape(), shape(3)));
  }

  private static Arguments equation(String equation, long[]... shapes) {
    return Arguments.of(equation, shapes);
  }

  @ParameterizedTest
  @MethodSource("equations")
  void everyEquation(String equation, long[][] shapes) {
    Attributes attributes = Attributes.of("equation", equation);
    FiniteDifferences.of(shapes)
        .check((ops, x) -> ops.op("Einsum", attributes, x.toArray(String[]::new)));
    FiniteDifferences.of(shapes)
        .secondOrder()
        .check((ops, x) -> ops.exp(ops.op("Einsum", attributes, x.toArray(String[]::new))));
  }

  @Test
  void oneValueAsBothOperands() {
    FiniteDifferences.of(shape(3, 2))
        .secondOrder()
        .check(
            (ops, x) ->
                ops.op("Einsum", Attributes.of("equation", "ij,kj->ik"), x.get(0), x.get(0)));
  }

  @Test
  void theGradientConsistsOfMatrixProducts() {
    GraphBuilder graph = new GraphBuilder("einsum");
    String a = graph.input("a", ValueType.of(DType.FLOAT32, 2, 3, 4));
    String b = graph.input("b", ValueType.of(DType.FLOAT32, 2, 4, 5));
    String y = graph.node("Einsum", Attributes.of("equation", "bij,bjk->bik"), a, b);
    int forward = graph.nodes().size();
    String loss = graph.ops().reduceSum(graph.ops().exp(y), false);
    Autodiff.gradients(graph, loss, List.of(a, b));
    assertFalse(
        graph.nodes().subList(forward, graph.nodes().size()).stream()
            .anyMatch(node -> node.is("Einsum") || node.is("Reshape")));
  }
}
