package io.acclimate.simulators.cli;

import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.train.AdapterScenario;
import io.acclimate.simulators.train.AdapterTraining;
import io.acclimate.simulators.train.ModelCard;
import io.acclimate.simulators.train.SourceTraining;
import io.acclimate.simulators.train.TrainingScenario;
import io.acclimate.simulators.train.TrainingScenarioLoader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains what a training scenario says and writes the model with its card. */
@Command(
    name = "train",
    description = {
      "Trains modules inside of a frozen model, or a small model from scratch.",
      "Modules are written as an adapter, a model from random weights as ONNX, each with a card"
          + " that says how. Ctrl-C ends it after the step under way; nothing is written then"
          + " (exit code 130)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class TrainCommand implements Callable<Integer> {
  private static final int LINES = 50;

  @Parameters(paramLabel = "SCENARIO", description = "The training scenario (HOCON).")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "Overrides a setting, such as recipe.epochs=2; may be repeated.")
  private List<String> overrides = List.of();

  @Option(names = "--json", description = "Print the model card, or the adapter's measurements.")
  private boolean json;

  @Spec private CommandSpec spec;

  private StopSignal stop;

  @Override
  public Integer call() {
    stop = StopSignal.listen();
    TrainingScenarioLoader.Task task = TrainingScenarioLoader.load(file, overrides);
    if (task instanceof TrainingScenarioLoader.Source source) {
      into(source.scenario().output(), () -> train(source.scenario()));
    } else if (task instanceof TrainingScenarioLoader.Modules modules) {
      into(modules.scenario().output(), () -> train(modules.scenario()));
    }
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Finds out before the work that its result can be written; a refused one leaves no folder. */
  private static void into(Path output, Runnable work) {
    List<Path> created = ReportWriter.prepare(output.toAbsolutePath().getParent());
    try {
      work.run();
    } catch (RuntimeException e) {
      ReportWriter.discard(created);
      throw e;
    }
  }

  private void train(TrainingScenario scenario) {
    SourceTraining.Result result;
    try (ProgressLine line = progress()) {
      result = new SourceTraining(scenario, now -> show(line, now)).run();
    }
    Map<String, Object> card = ModelCard.write(scenario, result);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ModelCard.json(card));
      return;
    }
    out.printf(
        "accuracy %.4f, training loss %.4f, %,d parameters: %s%n",
        result.accuracy(), result.loss(), result.parameters(), scenario.output());
  }

  private void train(AdapterScenario scenario) {
    AdapterTraining.Result result;
    try (ProgressLine line = progress()) {
      result = new AdapterTraining(scenario, now -> show(line, now)).run();
    }
    AdapterFiles.write(result.adapter(), scenario.output());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(result.adapter().card().metrics()));
      return;
    }
    out.printf("held-out accuracy         adapter %.4f%n", result.accuracy());
    out.printf("  frozen features: nearest class mean %.4f%n", result.nearestClassMean());
    out.printf("                          linear head %.4f%n", result.linearHead());
    out.printf(
        "gain over the linear head: %+.2f points with %,d trained values%nadapter: %s%n",
        100 * (result.accuracy() - result.linearHead()), result.trained(), scenario.output());
  }

  private ProgressLine progress() {
    return new ProgressLine(spec.commandLine().getErr(), "steps", LINES);
  }

  private void show(ProgressLine line, SourceTraining.Progress now) {
    stop.check();
    line.show(
        now.step(), now.steps(), () -> "epoch %d, loss %.4f".formatted(now.epoch(), now.loss()));
  }
}
