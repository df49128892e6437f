package io.acclimate.simulators.cli;

import com.typesafe.config.ConfigFactory;
import io.acclimate.replay.journal.JournalSettings;
import io.acclimate.simulators.report.Report;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import io.acclimate.simulators.run.RunJournal;
import io.acclimate.simulators.run.Simulation;
import io.acclimate.simulators.scenario.Overrides;
import io.acclimate.simulators.scenario.Scenario;
import io.acclimate.simulators.scenario.ScenarioLoader;
import io.acclimate.simulators.tasks.ContinualReport;
import io.acclimate.simulators.tasks.ContinualRun;
import io.acclimate.simulators.tasks.ContinualScenario;
import io.acclimate.simulators.tasks.ContinualScenarioLoader;
import io.acclimate.simulators.tasks.Summaries;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a scenario and writes its report. */
@Command(
    name = "simulate",
    description = {
      "Runs a scenario and writes its report.",
      "A frozen model meets a shifting stream, with and without correction; or, where "
          + "the file names a kind, continual learners meet tasks one after the other. Ctrl-C "
          + "ends the run after the batch under way and writes a partial report, or none where "
          + "there was no batch yet (exit code 130)."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class SimulateCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SCENARIO",
      arity = "0..1",
      description = "The scenario file (HOCON); not with --resume, which knows it.")
  private Path file;

  @ArgGroup private JournalChoice journal = new JournalChoice();

  private static final class JournalChoice {
    @Option(
        names = "--journal",
        paramLabel = "DIR",
        description = "Record the run in a new journal, so that it can be gone on from.")
    private Path record;

    @Option(
        names = "--resume",
        paramLabel = "DIR",
        description = "Go on with the run of a journal, after a crash or Ctrl-C.")
    private Path resume;
  }

  @Option(
      names = "--journal-set",
      paramLabel = "k=v",
      description = "A setting of the journal, such as durability=sync-each; may be repeated.")
  private List<String> journalOverrides = List.of();

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

  private Optional<RunJournal> runJournal() {
    Path folder = journal.resume == null ? journal.record : journal.resume;
    return Optional.ofNullable(folder)
        .map(
            dir ->
                new RunJournal(
                    dir,
                    JournalSettings.of(Overrides.apply(ConfigFactory.empty(), journalOverrides)),
                    journal.resume != null));
  }

  private int simulate(ContinualScenario scenario) {
    if (journal.record != null || journal.resume != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--journal and --resume do not serve scenarios of continual learning");
    }
    Path folder = folder(scenario.name());
    List<Path> created = ReportWriter.prepare(folder);
    ContinualReport report;
    try (ContinualProgressDisplay display =
        new ContinualProgressDisplay(spec.commandLine().getErr())) {
      report = new ContinualRun(scenario, display, StopSignal.listen()).run();
    } catch (RuntimeException e) {
      ReportWriter.discard(created);
      throw e;
    }
    ReportWriter.write(report, "continual.html", folder);
    print(report, Summaries.text(report), folder);
    List<String> failures = Summaries.failures(report);
    failures.forEach(line -> Lines.print(spec.commandLine().getErr(), "acclimate: " + line));
    return report.partial() ? Main.INTERRUPTED : failures.isEmpty() ? 0 : Main.BAD_INPUT;
  }

  private Path folder(String name) {
    return out == null ? Path.of("out", folderName(name)) : out;
  }

  private void print(Object report, String table, Path folder) {
    PrintWriter printer = spec.commandLine().getOut();
    if (json) {
      printer.println(ReportWriter.json(report));
    } else {
      printer.print(table);
      printer.printf("%nreport: %s%n", folder.resolve("report.html"));
    }
    printer.flush();
  }

  /** The scenario's name without what could lead out of the folder. */
  private static String folderName(String name) {
    return name.replaceAll("[^\\p{L}\\p{N}_-]+", "-");
  }

  @Override
  public Integer call() {
    List<String> settings = overrides;
    if (journal.resume != null) {
      if (file != null || !overrides.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "--resume takes scenario and --set from the journal");
      }
      RunJournal.Origin origin = RunJournal.origin(journal.resume);
      file = Path.of(origin.scenario());
      settings = origin.overrides();
    } else if (file == null) {
      throw new ParameterException(spec.commandLine(), "expected a SCENARIO or --resume");
    }
    Optional<ContinualScenario> tasks = ContinualScenarioLoader.load(file, settings);
    if (tasks.isPresent()) {
      return simulate(tasks.get());
    }
    Scenario scenario = ScenarioLoader.load(file, settings);
    Path folder = folder(scenario.name());
    List<Path> created = ReportWriter.prepare(folder);
    Report report;
    try (ProgressDisplay display = new ProgressDisplay(spec.commandLine().getErr())) {
      report = new Simulation(scenario, display, StopSignal.listen(), runJournal(), settings).run();
    } catch (RuntimeException e) {
      ReportWriter.discard(created);
      throw e;
    }
    ReportWriter.write(report, "report.html", folder);
    print(report, TextTable.of(report), folder);
    return report.partial() ? Main.INTERRUPTED : 0;
  }
}
