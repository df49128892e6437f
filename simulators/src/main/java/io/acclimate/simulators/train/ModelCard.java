package io.acclimate.simulators.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.acclimate.runtime.ContentHash;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.simulators.report.Machine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a trained model and, beside it, the card that says how it came to be. */
public final class ModelCard {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ModelCard() {}

  /** Where the card of a model stands. */
  static Path besides(Path model) {
    String name = model.getFileName().toString().replaceFirst("\\.onnx$", "");
    return model.resolveSibling(name + ".json");
  }

  /** Writes model and card; gives the card. */
  public static Map<String, Object> write(TrainingScenario scenario, SourceTraining.Result result) {
    byte[] bytes = OnnxFormat.toBytes(result.model());
    AtomicFiles.write(scenario.output(), out -> out.write(bytes));
    Map<String, Object> card = card(scenario, result, ContentHash.sha256(bytes));
    AtomicFiles.write(
        besides(scenario.output()),
        out -> out.write((json(card) + "\n").getBytes(StandardCharsets.UTF_8)));
    return card;
  }

  /** A card as text. */
  public static String json(Map<String, Object> card) {
    try {
      return JSON.writeValueAsString(card);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a card of numbers and texts can be written", e);
    }
  }

  private static Map<String, Object> card(
      TrainingScenario scenario, SourceTraining.Result result, String sha256) {
    Map<String, Object> card = new LinkedHashMap<>();
    card.put("name", scenario.name());
    card.put("description", scenario.description());
    card.put("file", scenario.output().getFileName().toString());
    card.put("sha256", sha256);
    if (!scenario.licence().isEmpty()) {
      card.put("licence", scenario.licence());
    }
    card.put("classes", result.classes());
    card.put("parameters", result.parameters());
    card.put(
        "input",
        Map.of("name", "image", "range", new int[] {0, 1}, "preprocessing", "pixel / 255"));
    card.put("training", scenario.settings());
    card.put("trainingLoss", result.loss());
    card.put(
        "evaluation",
        Map.of(
            "data", scenario.evaluation().path().getFileName().toString(),
            "accuracy", result.accuracy()));
    card.put("versions", Machine.versions());
    return card;
  }
}
