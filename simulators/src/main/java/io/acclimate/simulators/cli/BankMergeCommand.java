package io.acclimate.simulators.cli;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.TensorMaps;
import io.acclimate.bank.merge.AdapterMerge;
import io.acclimate.bank.merge.MergeRule;
import io.acclimate.bank.merge.PcbMerging;
import io.acclimate.bank.merge.TaskArithmetic;
import io.acclimate.bank.merge.WeightedAverage;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.BankView;
import io.acclimate.runtime.Tensor;
import io.acclimate.runtime.text.Names;
import io.acclimate.simulators.report.ReportWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes one adapter made of several. */
@Command(
    name = "merge",
    description = {
      "Publishes one adapter made of several of one module, settings and model.",
      "weighted-average is the mean.",
      "task-arithmetic adds up what each learned since a start.",
      "pcb-merging does likewise, where adapters compete for each parameter."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class)
final class BankMergeCommand implements Callable<Integer> {
  /** How adapters become one. */
  enum Rule {
    WEIGHTED_AVERAGE,
    TASK_ARITHMETIC,
    PCB_MERGING
  }

  /** Reads the name of a rule. */
  static final class RuleConverter extends KebabConverter<Rule> {
    RuleConverter() {
      super(Rule.class);
    }
  }

  @Parameters(index = "0", paramLabel = "BANK", description = BankCommand.BANK)
  private Path folder;

  @Parameters(
      index = "1..*",
      paramLabel = "ADAPTER",
      arity = "1..*",
      description = BankCommand.ADAPTER)
  private List<String> adapters;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "The merged adapter's name; one that is there gets a new version.")
  private String name;

  @Option(
      names = "--how",
      paramLabel = "RULE",
      converter = RuleConverter.class,
      defaultValue = "weighted-average",
      description =
          "weighted-average | task-arithmetic | pcb-merging; ${DEFAULT-VALUE} by default.")
  private Rule how;

  @Option(
      names = "--weight",
      paramLabel = "W",
      split = ",",
      description =
          "weighted-average: one for each adapter, from 0, in their order: repeated, or"
              + " separated by commas; all equal by default.")
  private List<Double> weights;

  @Option(
      names = "--base",
      paramLabel = "ADAPTER",
      description =
          "The other rules: the adapter that all have started from; values of 0 by default.")
  private String base;

  @Option(
      names = "--scale",
      paramLabel = "S",
      description = "The other rules: what is learned is multiplied by it; 1 by default.")
  private Double scale;

  @Option(
      names = "--ratio",
      paramLabel = "R",
      description =
          "pcb-merging: the share of the parameters that an adapter may win, above 0 to 1; 0.1 by"
              + " default.")
  private Double ratio;

  @Option(names = "--json", description = BankCommand.JSON)
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    requireOptionsOfRule();
    AdapterRef.requireName(name);
    AdapterBank bank = BankCommand.open(folder);
    List<Adapter> parents =
        adapters.stream().map(adapter -> BankCommand.load(bank, adapter)).toList();
    Optional<Adapter> start = Optional.ofNullable(base).map(one -> BankCommand.load(bank, one));
    Adapter merged =
        AdapterMerge.merge(name, parents, start, rule(parents, start), provenance(start));
    String refs =
        merged.card().parents().stream().map(AdapterRef::toString).collect(Collectors.joining(" "));
    BankView view = bank.publishUnclaimed(merged, "merge of " + refs);
    AdapterRef published = view.require(name).ref();
    Lines.print(
        spec.commandLine().getOut(),
        json
            ? ReportWriter.json(
                new TreeMap<>(
                    Map.of(
                        "adapter", published,
                        "parents", merged.card().parents(),
                        "version", view.version())))
            : "merged %s into %s; the bank is at version %d"
                .formatted(refs, published, view.version()));
    return 0;
  }

  private void requireOptionsOfRule() {
    boolean average = how == Rule.WEIGHTED_AVERAGE;
    refuse(!average && weights != null, "--weight");
    refuse(average && base != null, "--base");
    refuse(average && scale != null, "--scale");
    refuse(how != Rule.PCB_MERGING && ratio != null, "--ratio");
    if (weights != null && weights.size() != adapters.size()) {
      throw new ParameterException(
          spec.commandLine(),
          "expected a weight for each of %d adapters, found %s"
              .formatted(adapters.size(), weights));
    }
  }

  private void refuse(boolean given, String option) {
    if (given) {
      throw new ParameterException(
          spec.commandLine(),
          "expected no %s with --how %s, which does not read it"
              .formatted(option, Names.kebab(how)));
    }
  }

  private MergeRule rule(List<Adapter> parents, Optional<Adapter> start) {
    Map<String, Tensor> from =
        start.map(Adapter::tensors).orElseGet(() -> TensorMaps.zerosLike(parents.get(0).tensors()));
    return switch (how) {
      case WEIGHTED_AVERAGE ->
          weights == null ? WeightedAverage.mean(parents.size()) : new WeightedAverage(weights);
      case TASK_ARITHMETIC -> new TaskArithmetic(from, scale());
      case PCB_MERGING -> new PcbMerging(from, ratio(), scale());
    };
  }

  private double scale() {
    return scale == null ? 1 : scale;
  }

  private double ratio() {
    return ratio == null ? 0.1 : ratio;
  }

  private Map<String, String> provenance(Optional<Adapter> start) {
    Map<String, String> made = new TreeMap<>();
    made.put("merge", Names.kebab(how));
    if (how == Rule.WEIGHTED_AVERAGE) {
      made.put("weights", weights == null ? "equal" : weights.toString());
    } else {
      made.put("scale", Double.toString(scale()));
      made.put("base", start.map(from -> from.card().ref().toString()).orElse("0"));
    }
    if (how == Rule.PCB_MERGING) {
      made.put("ratio", Double.toString(ratio()));
    }
    return made;
  }
}
