package io.acclimate.runtime.graph;

import static io.acclimate.runtime.graph.ShapeCase.floats;
import static io.acclimate.runtime.graph.ShapeCase.list;
import static io.acclimate.runtime.graph.ShapeCase.numbers;
import static io.acclimate.runtime.graph.ShapeCase.of;
import static io.acclimate.runtime.graph.ShapeCase.several;
import static io.acclimate.runtime.graph.ShapeCase.with;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Operators on images: windows and resampling. */
final class SpatialCases {
  private SpatialCases() {}

  static Stream<ShapeCase> all() {
    return Stream.of(windows(), resampling()).flatMap(cases -> cases);
  }

  private static Stream<ShapeCase> windows() {
    List<ShapeCase> cases = new ArrayList<>();
    long[] two = {2, 2};
    cases.add(of("Conv", floats(2, 4, 7, 6), floats(3, 4, 3, 2)));
    cases.add(of("Conv", with("group", 2), floats(2, 4, 7), floats(6, 2, 3), floats(6)));
    Attributes strided =
        with("strides", two).and("dilations", two).and("pads", new long[] {1, 0, 2, 1});
    cases.add(of("Conv", strided, floats(1, 1, 9, 8), floats(1, 1, 3, 3)));
    for (String auto : new String[] {"SAME_UPPER", "SAME_LOWER", "VALID"}) {
      Attributes attributes = with("auto_pad", auto).and("strides", two);
      cases.add(of("Conv", attributes, floats(1, 1, 9, 8), floats(1, 1, 3, 2)));
      cases.add(of("ConvTranspose", attributes, floats(1, 1, 4, 3), floats(1, 2, 3, 2)));
      cases.add(of("MaxPool", attributes.and("kernel_shape", two), floats(1, 1, 5, 4)));
      cases.add(of("AveragePool", attributes.and("kernel_shape", two), floats(1, 1, 5, 4)));
    }
    cases.add(of("ConvTranspose", floats(2, 4, 5, 6), floats(4, 3, 3, 2)));
    Attributes wide = with("strides", new long[] {3, 2}).and("output_padding", new long[] {1, 0});
    cases.add(of("ConvTranspose", wide, floats(2, 4, 5, 6), floats(4, 3, 3, 2)));
    cases.add(
        of(
            "ConvTranspose",
            with("strides", two).and("output_shape", new long[] {10, 11}).and("group", 2),
            floats(1, 4, 5, 5),
            floats(4, 3, 3, 3)));
    for (int ceil = 0; ceil < 2; ceil++) {
      for (long size = 4; size < 10; size++) {
        Attributes pooled =
            with("kernel_shape", new long[] {3})
                .and("strides", new long[] {3})
                .and("pads", new long[] {1, 1})
                .and("ceil_mode", ceil);
        cases.add(several("MaxPool", 2, pooled, floats(1, 2, size)));
        cases.add(of("AveragePool", pooled, floats(1, 2, size)));
      }
    }
    cases.add(of("GlobalAveragePool", floats(2, 3, 4, 5)));
    cases.add(of("GlobalMaxPool", floats(2, 3, 4)));
    return cases.stream();
  }

  private static Stream<ShapeCase> resampling() {
    List<ShapeCase> cases = new ArrayList<>();
    cases.add(of("DepthToSpace", with("blocksize", 2), floats(1, 8, 2, 3)));
    cases.add(of("SpaceToDepth", with("blocksize", 2), floats(1, 3, 4, 2)));
    cases.add(of("Resize", floats(1, 2, 3, 4), "", numbers(1, 1, 2, 1.6)));
    cases.add(of("Resize", floats(1, 2, 10, 10), "", numbers(1, 1, 0.7, 0.3)));
    cases.add(of("Resize", floats(1, 2, 3, 4), "", "", list(1, 2, 5, 7)));
    Attributes axes = with("axes", new long[] {-1, 2});
    cases.add(of("Resize", axes, floats(1, 2, 3, 4), "", "", list(5, 7)));
    cases.add(of("Resize", axes, floats(1, 2, 3, 4), "", numbers(2, 3)));
    cases.add(of("GridSample", floats(2, 3, 4, 5), floats(2, 6, 7, 2)));
    return cases.stream();
  }
}
