package io.acclimate.simulators.cli;

import com.typesafe.config.ConfigFactory;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.FrozenModel;
import io.acclimate.runtime.LinearHead;
import io.acclimate.runtime.Rows;
import io.acclimate.runtime.SeedTree;
import io.acclimate.runtime.io.Npy;
import io.acclimate.runtime.io.NpyArray;
import io.acclimate.runtime.io.NpyType;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.tta.Adaptation;
import io.acclimate.tta.AdaptationFactory;
import io.acclimate.tta.MethodContext;
import io.acclimate.tta.OutputBatch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Applies one corrector to arrays from disk. */
@Command(
    name = "correct",
    description = "Applies one output corrector to probabilities and features in .npy files.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class CorrectCommand implements Callable<Integer> {
  private static final double ROW_SUM_TOLERANCE = 1e-3;
  private static final long SEED = 1;

  @Parameters(paramLabel = "METHOD", description = "The method's name; see 'acclimate methods'.")
  private String method;

  @Option(
      names = "--probs",
      required = true,
      paramLabel = "P.npy",
      description = "Probabilities, [samples, classes].")
  private Path probabilitiesFile;

  @Option(
      names = "--features",
      paramLabel = "F.npy",
      description = "Features, [samples, d]; where the method needs them.")
  private Path featuresFile;

  @Option(
      names = "--model",
      paramLabel = "MODEL.onnx",
      description = "The ONNX model, for methods that need the weights of its head.")
  private Path modelFile;

  @Option(
      names = "--labels",
      paramLabel = "L.npy",
      description = "True classes, [samples]; where the method needs them.")
  private Path labelsFile;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "O.npy",
      description = "Receives the corrected probabilities, in the type of --probs.")
  private Path out;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples of a batch; one batch by default.")
  private Integer batch;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "A setting of the method; may be repeated.")
  private List<String> overrides = List.of();

  @Option(names = "--json", description = "Print what was done as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    AdaptationFactory factory =
        AdaptationFactory.of(method, Overrides.apply(ConfigFactory.empty(), overrides));
    NpyArray probabilities = read(probabilitiesFile, 2, "[samples, classes]");
    int samples = probabilities.shape()[0];
    int classes = probabilities.shape()[1];
    double[] p = probabilities.toDoubles();
    requireRowSums(p, samples, classes);
    boolean needsFeatures = factory.descriptor().needsFeatures();
    NpyArray features =
        require(needsFeatures, featuresFile, "--features", samples, 2, "[samples, d]");
    boolean needsLabels = factory.descriptor().needsLabels();
    NpyArray labels = require(needsLabels, labelsFile, "--labels", samples, 1, "[samples]");
    double[] f = features == null ? new double[0] : features.toDoubles();
    requireSamples(samples);
    Adaptation adaptation = factory.create(context(classes, f.length / samples));
    int[] given = labels == null ? null : labels.toInts();
    double[] corrected = correct(adaptation, samples, classes, p, f, given);
    Npy.write(out, inTypeOf(probabilities, corrected));
    report(samples, classes, p, corrected);
    return 0;
  }

  private static NpyArray inTypeOf(NpyArray original, double[] values) {
    if (original.type() != NpyType.F4) {
      return NpyArray.of(values, original.shape());
    }
    float[] narrow = new float[values.length];
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = (float) values[k];
    }
    return NpyArray.of(narrow, original.shape());
  }

  private void requireSamples(int samples) {
    if (samples == 0) {
      throw new AcclimateException(probabilitiesFile + ": expected at least 1 sample, found none");
    }
  }

  /** What the method may know of the model: its head, where a model file is given. */
  private MethodContext context(int classes, int featureSize) {
    Optional<LinearHead> head = Optional.empty();
    if (modelFile != null) {
      RuntimeSettings outputs = RuntimeSettings.defaults();
      try (FrozenModel model = FrozenModel.open(modelFile)) {
        head = model.linearHead(outputs.logitsOutput(), outputs.featuresOutput());
      }
    }
    return new MethodContext(classes, featureSize, head, Optional.empty(), SeedTree.of(SEED));
  }

  private NpyArray require(
      boolean needed, Path file, String option, int samples, int rank, String shape) {
    if (file == null) {
      if (needed) {
        throw new AcclimateException("method " + method + " needs " + option + " FILE");
      }
      return null;
    }
    NpyArray array = read(file, rank, shape);
    if (array.shape()[0] != samples) {
      throw new AcclimateException(
          "%s: expected %d samples as in %s, found %d"
              .formatted(file, samples, probabilitiesFile, array.shape()[0]));
    }
    return array;
  }

  private static NpyArray read(Path file, int rank, String shape) {
    NpyArray array = Npy.read(file);
    if (array.shape().length != rank) {
      throw new AcclimateException(
          "%s: expected an array %s, found shape %s"
              .formatted(file, shape, Arrays.toString(array.shape())));
    }
    return array;
  }

  private void requireRowSums(double[] p, int samples, int classes) {
    for (int i = 0; i < samples; i++) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += p[i * classes + c];
      }
      if (!(Math.abs(sum - 1) <= ROW_SUM_TOLERANCE)) {
        throw new AcclimateException(
            "%s: expected rows of probabilities that sum to 1, found %s in row %d"
                .formatted(probabilitiesFile, sum, i));
      }
    }
  }

  private double[] correct(
      Adaptation adaptation, int n, int classes, double[] p, double[] features, int[] labels) {
    int size = batch == null ? n : batch;
    if (size < 1) {
      throw new AcclimateException("--batch: expected at least 1, found " + size);
    }
    int d = features.length / n;
    double[] result = new double[n * classes];
    for (int from = 0; from < n; from += size) {
      int to = Math.min(n, from + size);
      double[] corrected = new double[(to - from) * classes];
      adaptation.step(
          new OutputBatch(
              to - from,
              classes,
              d,
              Arrays.copyOfRange(p, from * classes, to * classes),
              Arrays.copyOfRange(features, from * d, to * d),
              labels == null ? null : Arrays.copyOfRange(labels, from, to)),
          corrected);
      System.arraycopy(corrected, 0, result, from * classes, corrected.length);
    }
    return result;
  }

  private void report(int samples, int classes, double[] before, double[] after) {
    int[] labelsBefore = Rows.argmax(before, samples, classes);
    int[] labelsAfter = Rows.argmax(after, samples, classes);
    long changed =
        IntStream.range(0, samples).filter(i -> labelsBefore[i] != labelsAfter[i]).count();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("method", method);
    facts.put("samples", samples);
    facts.put("classes", classes);
    facts.put("batch", batch == null ? samples : batch);
    facts.put("changedLabels", changed);
    facts.put("out", out.toString());
    PrintWriter writer = spec.commandLine().getOut();
    if (json) {
      writer.println(ReportWriter.json(facts));
    } else {
      writer.printf(
          "%s: %d samples, %d classes; %d labels changed; written to %s%n",
          method, samples, classes, changed, out);
    }
    writer.flush();
  }
}
