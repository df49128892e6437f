package io.acclimate.simulators.cli;

import io.acclimate.runtime.ModelSummary;
import io.acclimate.runtime.TensorSpec;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what stands in an ONNX file. */
@Command(
    name = "inspect",
    description = "Shows the inputs, outputs, operators and parameter count of an ONNX model.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path file;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    ModelSummary summary = ModelSummary.of(file);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportWriter.json(summary));
    } else {
      print(out, summary);
    }
    out.flush();
    return 0;
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
