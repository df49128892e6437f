package io.acclimate.continual.mos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.acclimate.bank.statistics.ClassStatistics;
import io.acclimate.bank.statistics.CovarianceKind;
import io.acclimate.bank.statistics.StatisticsSettings;
import io.acclimate.continual.Golden;
import io.acclimate.runtime.DType;
import io.acclimate.runtime.GraphSession;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.graph.GraphBuilder;
import io.acclimate.runtime.graph.OnnxFormat;
import io.acclimate.runtime.graph.ValueType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The alignment of the head and the second term of the loss agree with MOS's code. */
class ClassifierAlignmentTest {
  private static final JsonNode GOLDEN = Golden.read("mos_classifier_alignment");
  private static final double TOLERANCE = GOLDEN.get("tolerance_abs").doubleValue();
  private static final int CLASSES = GOLDEN.get("num_classes").intValue();
  private static final int SIZE = GOLDEN.get("dim").intValue();
  private static final int SAMPLES = 5 * GOLDEN.get("batch_size").intValue();
  private static final AlignmentSettings SETTINGS =
      new AlignmentSettings(GOLDEN.get("crct_epochs").intValue(), SAMPLES, 0.005, 0.9, 5e-4);

  private static double[] numbers(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  private static ClassStatistics statistics(CovarianceKind kind) {
    ClassStatistics statistics =
        new ClassStatistics(new StatisticsSettings(kind, SIZE, 1e-4), SIZE);
    for (int label = 0; label < CLASSES; label++) {
      for (JsonNode sample : GOLDEN.get("features").get(label)) {
        statistics.add(label, numbers(sample));
      }
    }
    return statistics;
  }

  @ParameterizedTest
  @CsvSource({"covariance, FULL", "variance, DIAGONAL"})
  void theHeadAgreesAfterEveryEpoch(String mode, CovarianceKind kind) {
    JsonNode expected = GOLDEN.get("expected").get(mode);
    ClassStatistics statistics = statistics(kind);
    JsonNode head = expected.get("head_init");
    ClassifierAlignment alignment =
        new ClassifierAlignment(SETTINGS, Golden.flat(head.get("W")), numbers(head.get("b")));
    int step = 0;
    for (int epoch = 0; epoch < SETTINGS.epochs(); epoch++) {
      JsonNode noise = expected.get("eps_per_epoch_class").get(epoch);
      JsonNode order = expected.get("permutations").get(epoch);
      double[] features = new double[CLASSES * SAMPLES * SIZE];
      int[] labels = new int[CLASSES * SAMPLES];
      double[] drawn = new double[SIZE];
      for (int row = 0; row < labels.length; row++) {
        int source = order.get(row).intValue();
        labels[row] = source / SAMPLES;
        statistics
            .sampler(labels[row])
            .transform(numbers(noise.get(labels[row]).get(source % SAMPLES)), drawn);
        System.arraycopy(drawn, 0, features, row * SIZE, SIZE);
      }
      for (double loss : alignment.epoch(features, labels, CLASSES)) {
        assertEquals(expected.get("loss_per_iteration").get(step++).doubleValue(), loss, TOLERANCE);
      }
      JsonNode after = expected.get("head_after_epoch").get(epoch);
      assertArrayEquals(Golden.flat(after.get("W")), alignment.weights(), TOLERANCE);
      assertArrayEquals(numbers(after.get("b")), alignment.biases(), TOLERANCE);
    }
  }

  @ParameterizedTest
  @CsvSource({"covariance", "variance"})
  void theOrthogonalityLossAgrees(String mode) {
    JsonNode expected = GOLDEN.get("expected").get(mode);
    double[] features = Golden.flat(expected.get("orth_loss_features"));
    double[][] means = Golden.matrix(expected.get("cls_mean"));
    double whole = expected.get("orth_loss").doubleValue();
    double[][] none = new double[0][];
    assertEquals(whole, orthogonality(features, means, 0, 1), TOLERANCE);
    assertEquals(
        expected.get("orth_loss_without_class_means").doubleValue(),
        orthogonality(features, none, 0, 1),
        TOLERANCE);
    assertEquals(whole, orthogonality(features, means, 2, 1), TOLERANCE, "rows of no weight");
  }

  /** The loss of one mean and two rows is the mean of three, whichever counts how much. */
  @Test
  void weightsOfTheOrthogonalityLossLeaveWhatCompetes() {
    double[] features = {1, 0, 0, 2, 0, -1, 1, 0};
    double[][] means = {{0.5, 0.5, 0, 1}};
    double ofMean = orthogonality(features, means, 0, 1e-9);
    double ofRows = orthogonality(features, means, 0, 1e9);
    assertEquals((ofMean + 2 * ofRows) / 3, orthogonality(features, means, 0, 1), 1e-6);
  }

  /** The term for features that count so much, with so many rows of no weight behind them. */
  private static double orthogonality(
      double[] features, double[][] means, int padding, double weight) {
    int rows = features.length / SIZE;
    OrthogonalityLoss term =
        new OrthogonalityLoss(
            GOLDEN.get("reg").doubleValue(), label -> label < means.length ? means[label] : null);
    GraphBuilder graph = new GraphBuilder("orthogonality");
    graph.input("features", ValueType.of(DType.FLOAT64, rows + padding, SIZE));
    graph.input("weights", ValueType.of(DType.FLOAT64, rows + padding));
    graph.input("before", ValueType.of(DType.FLOAT64));
    graph.output("loss", term.append(graph, "before", "features", "weights", CLASSES));
    double[] padded = Arrays.copyOf(features, features.length + padding * SIZE);
    double[] weights =
        IntStream.range(0, rows + padding).mapToDouble(row -> row < rows ? weight : 0).toArray();
    Map<String, Tensor> feeds = new HashMap<>();
    graph.build().inputs().forEach(one -> feeds.put(one, graph.type(one).allocate()));
    feeds.put("features", Tensor.ofDoubles(padded, rows + padding, SIZE));
    feeds.put("weights", Tensor.ofDoubles(weights, rows + padding));
    term.fill(feeds);
    Tensor loss = graph.type("loss").allocate();
    try (GraphSession session =
        GraphSession.open("term", OnnxFormat.toBytes(graph.build()), ModelOptions.DEFAULT)) {
      session.run(feeds, Map.of("loss", loss));
    }
    return loss.doubles().get(0);
  }

  @Test
  void drawnFeaturesAlignAHeadThatPrefersNewClasses() {
    ClassStatistics statistics =
        new ClassStatistics(new StatisticsSettings(CovarianceKind.DIAGONAL, 1, 1e-4), 2);
    double[][] places = {{3, 0}, {0, 3}};
    var random = SeedTree.of(1).generator();
    for (int i = 0; i < 200; i++) {
      double[] place = places[i % 2];
      statistics.add(
          i % 2, new double[] {place[0] + random.nextDouble(), place[1] + random.nextDouble()});
    }
    AlignmentSettings settings = new AlignmentSettings(30, 40, 0.05, 0.9, 5e-4);
    ClassifierAlignment alignment =
        new ClassifierAlignment(settings, new double[4], new double[] {-5, 5});
    alignment.run(statistics, SeedTree.of(2));
    double[] logits = new double[2];
    for (int label = 0; label < 2; label++) {
      HeadLogits.compute(alignment.weights(), alignment.biases(), places[label], 0, logits);
      assertEquals(true, logits[label] > logits[1 - label], "class " + label);
    }
  }
}
