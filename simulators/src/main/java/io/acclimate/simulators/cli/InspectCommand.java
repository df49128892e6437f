package io.acclimate.simulators.cli;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.ModelSummary;
import io.acclimate.runtime.TensorSpec;
import io.acclimate.runtime.sites.SiteKind;
import io.acclimate.simulators.inspect.Inspection;
import io.acclimate.simulators.inspect.ModelGradientCheck;
import io.acclimate.simulators.inspect.SiteEntry;
import io.acclimate.simulators.inspect.Structure;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what stands in an ONNX file and where modules can attach to it. */
@Command(
    name = "inspect",
    description = {
      "Shows what an ONNX model is made of and where modules attach.",
      "Inputs, outputs, operators and parameter count, transformer blocks, sites, and "
          + "the operators that cannot be differentiated. With --check-gradients it compares "
          + "derived gradients with central differences in double precision."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path file;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--sites", description = "List every site.")
  private boolean listSites;

  @Option(
      names = "--dim",
      paramLabel = "NAME=SIZE",
      description =
          "The size of an open dimension; 1 on the first axis of an input, else 8, where not given.")
  private Map<String, Long> dims = Map.of();

  @Option(
      names = "--check-gradients",
      description = "Hang a module at sites and compare its gradients with central differences.")
  private boolean checkGradients;

  @Option(
      names = "--site-kind",
      paramLabel = "KIND",
      converter = SiteKindConverter.class,
      description = "The sites of --check-gradients; may be repeated. Default: linear and conv.")
  private List<SiteKind> siteKinds = List.of();

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "The seed of --check-gradients. Default: 1.")
  private long seed = 1;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Inspection inspection = inspect(ModelSummary.of(file));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(inspection));
    } else {
      print(out, inspection.summary());
      print(out, inspection);
    }
    out.flush();
    return 0;
  }

  private Inspection inspect(ModelSummary summary) {
    Structure structure;
    try {
      structure = Structure.of(file, dims);
    } catch (AcclimateException e) {
      if (checkGradients || listSites || !dims.isEmpty()) {
        throw e;
      }
      return Inspection.of(summary, e.getMessage());
    }
    ModelGradientCheck gradients =
        checkGradients ? ModelGradientCheck.run(structure, siteKinds, seed) : null;
    return Inspection.of(summary, structure, listSites, gradients);
  }

  private static void print(PrintWriter out, Inspection inspection) {
    if (inspection.structureProblem() != null) {
      out.printf("%nno sites: %s%n", inspection.structureProblem());
      return;
    }
    out.printf("%n%d blocks, at sizes %s%n", inspection.blocks(), inspection.dims());
    List<String[]> counts = new ArrayList<>();
    inspection
        .siteCounts()
        .forEach((kind, count) -> counts.add(new String[] {"  " + kind, String.valueOf(count)}));
    out.printf("%nsites%n%s", TextTable.layOut(counts));
    out.printf(
        "%noperators without gradient: %s%n",
        inspection.withoutGradient().isEmpty()
            ? "none"
            : String.join(", ", inspection.withoutGradient()));
    if (inspection.sites() != null) {
      out.printf("%n%s", TextTable.layOut(inspection.sites().stream().map(s -> row(s)).toList()));
    }
    ModelGradientCheck gradients = inspection.gradients();
    if (gradients != null) {
      out.printf(
          "%ngradients of %d parameters at %s against central differences in double precision:%n"
              + "  worst relative error %.2e, of %s%n",
          gradients.checkedParameters(),
          gradients.checkedSites(),
          gradients.worstRelativeError(),
          gradients.worstParameter());
    }
  }

  private static String[] row(SiteEntry site) {
    return new String[] {
      site.id(), site.kind(), String.valueOf(site.in()), String.valueOf(site.out()), site.weight()
    };
  }

  private static void print(PrintWriter out, ModelSummary summary) {
    out.printf("%s: %,d bytes, sha256 %s%n", summary.name(), summary.bytes(), summary.sha256());
    String opsets =
        summary.opsets().entrySet().stream()
            .map(opset -> opset.getKey() + " " + opset.getValue())
            .collect(Collectors.joining(", "));
    out.printf(
        "producer %s, IR version %d, operator sets %s%n",
        summary.producer(), summary.irVersion(), opsets);
    out.printf("%,d parameters, %,d nodes%n", summary.parameters(), summary.nodes());
    out.printf("%ninputs%n%s%noutputs%n%s", specs(summary.inputs()), specs(summary.outputs()));
    List<String[]> ops = new ArrayList<>();
    summary.ops().forEach((op, count) -> ops.add(new String[] {"  " + op, String.valueOf(count)}));
    out.printf("%noperators%n%s", TextTable.layOut(ops));
    summary.metadata().forEach((key, value) -> out.printf("metadata %s = %s%n", key, value));
  }

  private static String specs(Collection<TensorSpec> specs) {
    return TextTable.layOut(
        specs.stream()
            .map(spec -> new String[] {"  " + spec.name(), spec.type(), spec.shapeText()})
            .toList());
  }
}
