package io.acclimate.simulators.cli;

import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.bank.pet.PetProvider;
import io.acclimate.bank.retrieval.RetrievalProvider;
import io.acclimate.continual.LearnerProvider;
import io.acclimate.runtime.method.MethodDescriptor;
import io.acclimate.runtime.method.MethodProvider;
import io.acclimate.runtime.method.MethodRegistry;
import io.acclimate.runtime.method.SourceNeed;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.report.ReportWriter;
import io.acclimate.simulators.report.TextTable;
import io.acclimate.tta.CorrectorProvider;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the registered methods. */
@Command(
    name = "methods",
    description = "Lists the registered methods with their kind, paper and default settings.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class MethodsCommand implements Callable<Integer> {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<MethodDescriptor> methods =
        Stream.of(
                CorrectorProvider.registry().providers(),
                LearnerProvider.registry().providers(),
                PetProvider.registry().providers(),
                RetrievalProvider.registry().providers())
            .flatMap(Collection::stream)
            .map(MethodProvider::descriptor)
            .toList();
    if (json) {
      out.println(ReportWriter.json(Map.of("methods", methods.stream().map(this::asMap).toList())));
    } else {
      printTable(out, methods);
    }
    out.flush();
    return 0;
  }

  private void printTable(PrintWriter out, List<MethodDescriptor> methods) {
    List<String[]> rows = new ArrayList<>();
    for (MethodDescriptor method : methods) {
      rows.add(new String[] {method.name(), Names.kebab(method.kind()), needs(method)});
    }
    out.print(TextTable.layOut(rows));
    for (MethodDescriptor method : methods) {
      out.printf("%n%s: %s%n", method.name(), method.summary());
      if (!method.paper().isEmpty()) {
        out.printf("  paper: %s%n", method.paper());
      }
      MethodRegistry.defaults(method.name()).entrySet().stream()
          .sorted(Comparator.comparingInt(entry -> entry.getValue().origin().lineNumber()))
          .forEach(
              entry ->
                  out.printf(
                      "  %s = %s%n",
                      entry.getKey(), entry.getValue().render(ConfigRenderOptions.concise())));
    }
  }

  private static String needs(MethodDescriptor method) {
    List<String> needs = new ArrayList<>();
    if (method.needsFeatures()) {
      needs.add("features");
    }
    if (method.needsLabels()) {
      needs.add("labels");
    }
    method.sources().forEach(need -> needs.add("source " + Names.kebab(need)));
    if (method.runsModel()) {
      needs.add(Names.kebab(method.model()));
    }
    return needs.isEmpty() ? "" : "needs " + String.join(", ", needs);
  }

  private static String sources(MethodDescriptor method) {
    return method.sources().isEmpty()
        ? Names.kebab(SourceNeed.NONE)
        : method.sources().stream().map(Names::kebab).collect(Collectors.joining(", "));
  }

  private Map<String, Object> asMap(MethodDescriptor method) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", method.name());
    map.put("kind", Names.kebab(method.kind()));
    map.put("summary", method.summary());
    map.put("paper", method.paper());
    map.put("needsFeatures", method.needsFeatures());
    map.put("needsLabels", method.needsLabels());
    map.put("source", sources(method));
    map.put("runsModel", method.runsModel());
    map.put("needsGradients", method.needsGradients());
    map.put("changes", Names.kebab(method.changes()));
    map.put("forwardsPerBatch", method.forwardsPerBatch());
    map.put("settings", MethodRegistry.defaults(method.name()).root().unwrapped());
    return map;
  }
}
