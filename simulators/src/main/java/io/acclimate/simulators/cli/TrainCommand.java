package io.acclimate.simulators.cli;

import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.train.AdapterScenario;
import io.acclimate.simulators.train.AdapterTraining;
import io.acclimate.simulators.train.ModelCard;
import io.acclimate.simulators.train.SourceTraining;
import io.acclimate.simulators.train.TrainingScenario;
import io.acclimate.simulators.train.TrainingScenarioLoader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains what a training scenario says and writes the model with its card. */
@Command(
    name = "train",
    description = {
      "Trains what a training scenario says: modules inside of a frozen model, written as an adapter,",
      "or a small model from random weights, written as ONNX. Each with a card that says how."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class TrainCommand implements Callable<Integer> {
  private static final int LINES = 50;
  private static final int WIDTH = 110;

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

  @Override
  public Integer call() {
    TrainingScenarioLoader.Task task = TrainingScenarioLoader.load(file, overrides);
    if (task instanceof TrainingScenarioLoader.Source source) {
      train(source.scenario());
    } else if (task instanceof TrainingScenarioLoader.Modules modules) {
      train(modules.scenario());
    }
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Finds out before the work, not after it, that the result cannot be written. */
  private static void prepare(Path output) {
    Path folder = output.toAbsolutePath().getParent();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new AcclimateException("cannot create folder " + folder + ": " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new AcclimateException("folder " + folder + " cannot be written to");
    }
  }

  private void train(TrainingScenario scenario) {
    prepare(scenario.output());
    SourceTraining.Result result;
    try (Display display = new Display(spec.commandLine().getErr())) {
      result = new SourceTraining(scenario, display::show).run();
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
    prepare(scenario.output());
    AdapterTraining.Result result;
    try (Display display = new Display(spec.commandLine().getErr())) {
      result = new AdapterTraining(scenario, display::show).run();
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

  /** A bar on a terminal, else a line now and then. */
  private static final class Display implements AutoCloseable {
    private final PrintWriter err;
    private final boolean terminal = System.console() != null;
    private ProgressBar bar;

    Display(PrintWriter err) {
      this.err = err;
    }

    void show(SourceTraining.Progress progress) {
      String text = "epoch %d, loss %.4f".formatted(progress.epoch(), progress.loss());
      if (terminal) {
        if (bar == null) {
          bar =
              new ProgressBarBuilder()
                  .setTaskName("steps")
                  .setInitialMax(progress.steps())
                  .setStyle(ProgressBarStyle.ASCII)
                  .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                  .build();
        }
        bar.stepTo(progress.step());
        bar.setExtraMessage(" " + text);
      } else if ((progress.step() - 1) * LINES / progress.steps()
          < progress.step() * LINES / progress.steps()) {
        err.printf("step %,d of %,d: %s%n", progress.step(), progress.steps(), text);
        err.flush();
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
