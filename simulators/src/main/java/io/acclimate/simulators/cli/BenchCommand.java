package io.acclimate.simulators.cli;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.AtomicFiles;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.bench.BankBench;
import io.acclimate.simulators.bench.Benchmark;
import io.acclimate.simulators.bench.CrashBench;
import io.acclimate.simulators.bench.GradientBench;
import io.acclimate.simulators.bench.JournalBench;
import io.acclimate.simulators.bench.LameBench;
import io.acclimate.simulators.bench.LearningBench;
import io.acclimate.simulators.bench.LoadBench;
import io.acclimate.simulators.bench.PipelineBench;
import io.acclimate.simulators.bench.SoakBench;
import io.acclimate.simulators.bench.TtaBench;
import io.acclimate.simulators.report.Machine;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one benchmark. */
@Command(
    name = "bench",
    description = {
      "Runs one benchmark and prints its figures.",
      "Ctrl-C ends it where it can (exit code 130).",
      "  bank      finds and swaps in one of 10, 1,000 and 10,000 adapters, which",
      "            needs 2 GB of disk; a batch of several against one by one",
      "  crash     kills a learning process again and again, compares its state",
      "  gradient  a training step inside of a transformer against plain inference",
      "  journal   the journal against Chronicle Queue alone",
      "  lame      one call of LAME at three sizes, against what the machine can do",
      "  learning  latency of predictions with background learning and without",
      "  load      500 streams of single images: shared calls of the model against",
      "            one by one",
      "  pipeline  the actors against a bare ONNX Runtime loop",
      "  soak      a long life in short: fails when heap, native memory or threads",
      "            grow",
      "  tta       all test-time methods in all regimes of examples/tta-matrix.conf;",
      "            takes hours"
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BenchCommand implements Callable<Integer> {
  private static final Map<String, Benchmark> BENCHMARKS =
      Map.ofEntries(
          Map.entry("bank", new BankBench()),
          Map.entry("crash", new CrashBench(100)),
          Map.entry("gradient", new GradientBench()),
          Map.entry("journal", new JournalBench()),
          Map.entry("lame", new LameBench()),
          Map.entry("learning", new LearningBench()),
          Map.entry("load", new LoadBench()),
          Map.entry("pipeline", new PipelineBench()),
          Map.entry("soak", new SoakBench()),
          Map.entry("tta", new TtaBench()));

  @Parameters(paramLabel = "NAME", description = "The benchmark's name.")
  private String name;

  @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures as JSON.")
  private Path file;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Benchmark benchmark = BENCHMARKS.get(name);
    if (benchmark == null) {
      throw new AcclimateException(
          "unknown benchmark '" + name + "'" + Names.suggestion(name, BENCHMARKS.keySet()));
    }
    if (file != null) {
      AtomicFiles.requireWritable(file);
    }
    Map<String, Double> figures = benchmark.run(progress(StopSignal.listen()));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("bench", name);
    result.put("machine", Machine.describe());
    result.put("figures", figures);
    if (file != null) {
      ReportWriter.writeText(file, ReportWriter.json(result) + "\n");
    }
    List<String[]> rows = new ArrayList<>();
    figures.forEach((figure, value) -> rows.add(new String[] {figure, "%.4f".formatted(value)}));
    PrintWriter out = spec.commandLine().getOut();
    out.print(TextTable.layOut(rows));
    out.flush();
    return 0;
  }

  private Benchmark.Progress progress(StopSignal stop) {
    PrintWriter err = spec.commandLine().getErr();
    return new Benchmark.Progress() {
      @Override
      public void accept(String line) {
        Lines.print(err, line);
        stop.check();
      }

      @Override
      public void checkpoint() {
        stop.check();
      }
    };
  }
}
