package io.acclimate.simulators.cli;

import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import io.acclimate.simulators.run.Simulation;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.scenario.ScenarioLoader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a scenario and writes its report. */
@Command(
    name = "simulate",
    description = {
      "Runs a scenario: a frozen model meets a shifting stream, with and without correction.",
      "Ctrl-C ends the run after the batch under way and writes a partial report (exit code 130)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SimulateCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCENARIO", description = "The scenario file (HOCON).")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of report.json and report.html; out/NAME by default.")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "k=v",
      description = "Overrides a setting, such as stream.batch-size=16; may be repeated.")
  private List<String> overrides = List.of();

  @Option(names = "--json", description = "Print report.json in place of the table.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** The scenario's name without what could lead out of the folder. */
  private static String folderName(Scenario scenario) {
    return scenario.name().replaceAll("[^\\p{L}\\p{N}_-]+", "-");
  }

  @Override
  public Integer call() {
    Scenario scenario = ScenarioLoader.load(file, overrides);
    Path folder = out == null ? Path.of("out", folderName(scenario)) : out;
    List<Path> created = ReportWriter.prepare(folder);
    AtomicBoolean interrupted = new AtomicBoolean();
    Signals.register("INT", () -> interrupted.set(true));
    Signals.register("TERM", () -> interrupted.set(true));
    Report report;
    try (ProgressDisplay display = new ProgressDisplay(spec.commandLine().getErr())) {
      report = new Simulation(scenario, display, interrupted::get).run();
    } catch (RuntimeException e) {
      ReportWriter.discard(created);
      throw e;
    }
    ReportWriter.write(report, folder);
    PrintWriter printer = spec.commandLine().getOut();
    if (json) {
      printer.println(ReportWriter.json(report));
    } else {
      printer.print(TextTable.of(report));
      printer.printf("%nreport: %s%n", folder.resolve("report.html"));
    }
    printer.flush();
    return report.partial() ? Main.INTERRUPTED : 0;
  }
}
