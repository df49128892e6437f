package io.acclimate.simulators.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.graph.ModelGraph;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.runtime.testing.MiniLm;
import io.acclimate.runtime.testing.TestNetworks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check that {@code inspect --check-gradients} runs. */
class ModelGradientCheckTest {
  private static final double TOLERANCE = 1e-6;

  @TempDir Path folder;

  private Structure structure(ModelGraph graph, Map<String, Long> dims) {
    Path file = folder.resolve("model.onnx");
    OnnxFormat.write(graph, file);
    return Structure.of(file, dims);
  }

  @Test
  void convolutionalNetwork() {
    Structure model = structure(TestNetworks.convolutional(DType.FLOAT32), Map.of());
    assertEquals(0, model.blocks());
    assertEquals(List.of(), model.withoutGradient());
    ModelGradientCheck check =
        ModelGradientCheck.run(model, List.of(SiteKind.CONV, SiteKind.NORM, SiteKind.HEAD), 1);
    assertTrue(check.worstRelativeError() <= TOLERANCE, check.toString());
    assertEquals(3, check.checkedSites().get("conv"));
  }

  @Test
  void everyKindOfSiteOfATransformer() {
    Structure model = structure(TestNetworks.preNormFused(DType.FLOAT32, 2), Map.of());
    assertEquals(2, model.blocks());
    ModelGradientCheck check =
        ModelGradientCheck.run(
            model,
            List.of(
                SiteKind.LINEAR,
                SiteKind.KV,
                SiteKind.NORM,
                SiteKind.ATTENTION_OUTPUT,
                SiteKind.FFN_OUTPUT,
                SiteKind.BLOCK_OUTPUT),
            1);
    assertTrue(check.worstRelativeError() <= TOLERANCE, check.toString());
    assertEquals(
        check,
        ModelGradientCheck.run(
            model,
            List.of(
                SiteKind.LINEAR,
                SiteKind.KV,
                SiteKind.NORM,
                SiteKind.ATTENTION_OUTPUT,
                SiteKind.FFN_OUTPUT,
                SiteKind.BLOCK_OUTPUT),
            1));
  }

  @Test
  void queriesAndValuesOfMiniLm() throws IOException {
    Path file = folder.resolve("minilm.onnx");
    Files.write(file, MiniLm.bytes());
    Structure model = Structure.of(file, Map.of("sequence_length", 4L));
    assertEquals(Map.of("batch_size", 1L, "sequence_length", 4L), model.dims());
    ModelGradientCheck check =
        ModelGradientCheck.run(model, List.of(SiteKind.ATTENTION_Q, SiteKind.ATTENTION_V), 1);
    assertEquals(24, check.checkedParameters());
    assertTrue(check.worstRelativeError() <= TOLERANCE, check.toString());
  }

  @Test
  void wantsASite() {
    Structure model = structure(TestNetworks.convolutional(DType.FLOAT32), Map.of());
    AcclimateException error =
        assertThrows(
            AcclimateException.class, () -> ModelGradientCheck.run(model, List.of(SiteKind.KV), 1));
    assertTrue(error.getMessage().contains("kv"), error.getMessage());
  }
}
