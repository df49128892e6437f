package io.acclimate.runtime.graph;

import static io.acclimate.runtime.graph.ShapeCase.floats;
import static io.acclimate.runtime.graph.ShapeCase.list;
import static io.acclimate.runtime.graph.ShapeCase.longs;
import static io.acclimate.runtime.graph.ShapeCase.numbers;
import static io.acclimate.runtime.graph.ShapeCase.of;
import static io.acclimate.runtime.graph.ShapeCase.scalar;
import static io.acclimate.runtime.graph.ShapeCase.several;
import static io.acclimate.runtime.graph.ShapeCase.with;

import io.acclimate.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Operators that move elements: shapes, parts and indices. */
final class LayoutCases {
  private LayoutCases() {}

  static Stream<ShapeCase> all() {
    return Stream.of(layout(), parts(), indices()).flatMap(cases -> cases);
  }

  private static Stream<ShapeCase> layout() {
    List<ShapeCase> cases = new ArrayList<>();
    long[][] targets = {{-1}, {4, -1}, {0, 0, -1}, {8, 0, 1, -1}, {2, 12}, {0, 3, 4}};
    for (long[] target : targets) {
      cases.add(of("Reshape", floats(2, 3, 4), list(target)));
    }
    cases.add(of("Reshape", with("allowzero", 1), floats(0, 3), list(3, 0)));
    cases.add(of("Reshape", floats(1, 1), list()));
    cases.add(of("Transpose", floats(2, 3, 4)));
    cases.add(of("Transpose", with("perm", new long[] {1, 2, 0}), floats(2, 3, 4)));
    cases.add(of("Squeeze", floats(1, 2, 1)));
    cases.add(of("Squeeze", floats(1, 2, 1), list(-1)));
    cases.add(of("Unsqueeze", floats(2, 3), list(0, -1)));
    cases.add(of("Unsqueeze", floats(2, 3), list(3, 1)));
    cases.add(of("Unsqueeze", floats(), list(0, 1)));
    for (long axis : new long[] {0, 1, 2, 3, -1, -3}) {
      cases.add(of("Flatten", with("axis", axis), floats(2, 3, 4)));
    }
    cases.add(of("Expand", floats(2, 1, 3), list(4, 1, 5, 1)));
    cases.add(of("Expand", floats(3), list(1)));
    cases.add(of("Expand", floats(), list(2, 0)));
    cases.add(of("Shape", floats(2, 3, 4)));
    cases.add(of("Shape", with("start", -2), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", 1).and("end", -1), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", 2).and("end", 1), floats(2, 3, 4)));
    cases.add(of("Shape", with("start", -9).and("end", 9), floats()));
    cases.add(of("Size", floats(2, 3)));
    cases.add(of("ConstantOfShape", list(2, 0, 3)));
    cases.add(of("ConstantOfShape", with("value", list(7)), list()));
    return cases.stream();
  }

  private static Stream<ShapeCase> parts() {
    List<ShapeCase> cases = new ArrayList<>();
    cases.add(of("Concat", with("axis", 1), floats(2, 3), floats(2, 1), floats(2, 0)));
    cases.add(of("Concat", with("axis", -2), floats(2, 3), floats(1, 3)));
    cases.add(several("Split", 3, with("axis", -1).and("num_outputs", 3), floats(2, 7)));
    cases.add(several("Split", 2, Attributes.NONE, floats(5, 2), list(1, 4)));
    long max = Long.MAX_VALUE;
    long min = Long.MIN_VALUE;
    long[][] ranges = {
      {0, max, 1},
      {1, -1, 1},
      {-2, max, 1},
      {0, 5, 2},
      {1, 5, 3},
      {-1, min, -1},
      {4, 0, -2},
      {-100, 100, 2},
      {100, -100, -1},
      {3, 1, 1},
      {1, 3, -1},
      {-100, min, -1},
      {0, max, max},
      {4, min, min + 1},
      {-1, -1, 1},
      {2, -6, -1}
    };
    for (long[] range : ranges) {
      cases.add(of("Slice", floats(2, 5), list(range[0]), list(range[1]), list(1), list(range[2])));
    }
    cases.add(of("Slice", floats(2, 5, 3), list(0, 1), list(1, 4)));
    cases.add(of("Slice", floats(2, 5, 3), list(0, 1), list(1, 4), list(-1, 0)));
    cases.add(of("Slice", floats(0, 5), list(-1), list(min), list(0), list(-1)));
    for (String mode : new String[] {"constant", "reflect", "edge", "wrap"}) {
      cases.add(of("Pad", with("mode", mode), floats(3, 4), list(1, 0, 2, 3)));
    }
    cases.add(of("Pad", floats(3, 4), list(-1, 2, 0, -2)));
    cases.add(of("Pad", floats(3, 4), list(1, 2), "", list(-1)));
    cases.add(of("Tile", floats(2, 1, 3), list(1, 4, 2)));
    cases.add(of("Tile", floats(2), list(0)));
    return cases.stream();
  }

  private static Stream<ShapeCase> indices() {
    List<ShapeCase> cases = new ArrayList<>();
    for (int axis = -3; axis < 3; axis++) {
      cases.add(of("Gather", with("axis", axis), floats(2, 3, 4), longs(5, 1)));
      cases.add(of("Gather", with("axis", axis), floats(2, 3, 4), longs()));
    }
    cases.add(of("GatherElements", with("axis", -1), floats(2, 3), longs(2, 5)));
    cases.add(of("GatherND", floats(2, 3, 4), longs(5, 2)));
    cases.add(of("GatherND", floats(2, 3, 4), longs(3)));
    cases.add(of("GatherND", with("batch_dims", 1), floats(2, 3, 4), longs(2, 5, 1)));
    Attributes adding = with("reduction", "add");
    cases.add(of("ScatterElements", adding, floats(2, 3), longs(1, 2), floats(1, 2)));
    cases.add(of("ScatterND", adding, floats(2, 3), longs(5, 1), floats(5, 3)));
    for (int axis : new int[] {-1, 0, 1, -3}) {
      cases.add(of("OneHot", with("axis", axis), longs(2, 3), scalar(5), numbers(0, 1)));
    }
    cases.add(of("OneHot", longs(2), list(4), numbers(0, 1)));
    cases.add(several("TopK", 2, Attributes.NONE, floats(2, 5), list(3)));
    cases.add(several("TopK", 2, with("axis", 0), floats(4, 2), list(1)));
    cases.add(of("Range", scalar(2), scalar(11), scalar(3)));
    cases.add(of("Range", scalar(5), scalar(0), scalar(-2)));
    cases.add(of("Range", scalar(5), scalar(0), scalar(2)));
    cases.add(
        of(
            "Range",
            Constant.scalar(DType.FLOAT32, 0),
            Constant.scalar(DType.FLOAT32, 1),
            Constant.scalar(DType.FLOAT32, 0.25)));
    cases.add(of("EyeLike", floats(2, 3)));
    cases.add(of("EyeLike", with("dtype", DType.INT64.onnxCode()).and("k", 1), floats(3, 3)));
    return cases.stream();
  }
}
