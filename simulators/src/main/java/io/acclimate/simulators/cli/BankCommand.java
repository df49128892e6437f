package io.acclimate.simulators.cli;

import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterRef;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.AdapterDiff;
import io.acclimate.bank.store.AdapterFiles;
import io.acclimate.bank.store.BankDiff;
import io.acclimate.bank.store.BankSettings;
import io.acclimate.bank.store.BankView;
import io.acclimate.bank.store.PruneReport;
import io.acclimate.bank.store.VerifyReport;
import io.acclimate.simulators.report.ReportWriter;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks into a bank of adapters and changes it; most of its commands are methods. */
@Command(
    name = "bank",
    description = "Looks into a bank of adapters and changes it.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = BankMergeCommand.class)
final class BankCommand implements Runnable {
  static final String BANK = "The bank's folder.";
  static final String ADAPTER = "An adapter: ID for its current version, or ID@VERSION.";
  static final String JSON = "Print JSON.";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command of bank");
  }

  @Command(
      name = "list",
      description = "Lists the adapters of a version.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int list(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Option(
              names = "--at",
              paramLabel = "N",
              description = "The version; the current one by default.")
          Long version,
      @Option(names = "--json", description = JSON) boolean json) {
    AdapterBank bank = open(folder);
    BankView view = version == null ? bank.current() : bank.view(version);
    return print(json ? ReportWriter.json(BankText.asMap(view)) : BankText.list(view));
  }

  @Command(
      name = "show",
      description = "Shows an adapter, or the versions and states of the bank.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int show(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Parameters(paramLabel = "ADAPTER", arity = "0..1", description = ADAPTER) String adapter,
      @Option(names = "--json", description = JSON) boolean json) {
    AdapterBank bank = open(folder);
    if (adapter == null) {
      return print(json ? ReportWriter.json(BankText.asMap(bank)) : BankText.show(bank));
    }
    Adapter found = load(bank, adapter);
    return print(json ? ReportWriter.json(BankText.asMap(found)) : BankText.show(found));
  }

  @Command(
      name = "diff",
      description =
          "Compares two versions of the bank (numbers) or two adapters (ID or ID@VERSION).",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int diff(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Parameters(paramLabel = "FROM", description = "A version of the bank, or an adapter.")
          String from,
      @Parameters(paramLabel = "TO", description = "The same kind of thing.") String to,
      @Option(names = "--json", description = JSON) boolean json) {
    AdapterBank bank = open(folder);
    if (isVersion(from) && isVersion(to)) {
      BankDiff diff = BankDiff.between(view(bank, from), view(bank, to));
      return print(json ? ReportWriter.json(diff) : BankText.show(diff));
    }
    AdapterDiff diff = AdapterDiff.between(load(bank, from), load(bank, to));
    return print(json ? ReportWriter.json(BankText.asMap(diff)) : BankText.show(diff));
  }

  @Command(
      name = "export",
      description = "Writes an adapter as NAME.safetensors with its card beside it as NAME.json.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int export(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Parameters(paramLabel = "ADAPTER", description = ADAPTER) String adapter,
      @Parameters(paramLabel = "NAME.safetensors", description = "The file to write.") Path file,
      @Option(names = "--json", description = JSON) boolean json) {
    Adapter found = load(open(folder), adapter);
    AdapterFiles.write(found, file);
    return json
        ? print(ReportWriter.json(Map.of("adapter", found.card().ref(), "file", file.toString())))
        : print("exported %s to %s".formatted(found.card().ref(), file));
  }

  @Command(
      name = "import",
      description = "Publishes an exported adapter; makes the bank when the folder is not there.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int importAdapter(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Parameters(
              paramLabel = "NAME.safetensors",
              description = "The file; NAME.json is beside it.")
          Path file,
      @Option(names = "--json", description = JSON) boolean json) {
    Adapter adapter = AdapterFiles.read(file);
    AdapterBank bank =
        Files.exists(folder) ? open(folder) : AdapterBank.create(folder, BankSettings.defaults());
    String note = "import of " + file.getFileName();
    BankView view = bank.publishUnclaimed(adapter, note);
    AdapterRef published = view.require(adapter.card().id()).ref();
    return json
        ? print(ReportWriter.json(Map.of("adapter", published, "version", view.version())))
        : print("imported %s; the bank is at version %d".formatted(published, view.version()));
  }

  @Command(
      name = "verify",
      description = "Reads every file of every version; exit code 2 when one is damaged.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int verify(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Option(names = "--json", description = JSON) boolean json) {
    VerifyReport report = AdapterBank.verify(folder);
    print(json ? ReportWriter.json(report) : BankText.show(report));
    return report.sound() ? 0 : Main.BAD_INPUT;
  }

  @Command(
      name = "prune",
      description = "Removes old versions and every file that only they need.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int prune(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Option(
              names = "--keep",
              required = true,
              paramLabel = "N",
              description = "How many of the newest versions stay; the current one always does.")
          int keep,
      @Option(names = "--dry-run", description = "Only say what would be removed.") boolean dryRun,
      @Option(names = "--json", description = JSON) boolean json) {
    PruneReport report = open(folder).prune(keep, dryRun);
    return print(json ? ReportWriter.json(report) : BankText.show(report, dryRun));
  }

  @Command(
      name = "rollback",
      description = "Makes another version the current one; nothing is lost.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class)
  int rollback(
      @Parameters(paramLabel = "BANK", description = BANK) Path folder,
      @Parameters(paramLabel = "VERSION", description = "The version's number.") long version,
      @Option(names = "--json", description = JSON) boolean json) {
    BankView view = open(folder).rollback(version);
    return json
        ? print(ReportWriter.json(Map.of("version", view.version(), "adapters", view.size())))
        : print("the bank is at version %d".formatted(view.version()));
  }

  static AdapterBank open(Path folder) {
    return AdapterBank.open(folder, BankSettings.defaults());
  }

  private static boolean isVersion(String text) {
    return text.matches("\\d{1,18}");
  }

  private static BankView view(AdapterBank bank, String version) {
    return bank.view(Long.parseLong(version));
  }

  /** {@code ID} of the current version, or {@code ID@VERSION} of the version that brought it. */
  static Adapter load(AdapterBank bank, String name) {
    if (name.indexOf('@') < 0) {
      return bank.current().load(name);
    }
    AdapterRef ref = AdapterRef.parse(name);
    return bank.view(ref.version()).load(ref.id());
  }

  private int print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text.stripTrailing());
    out.flush();
    return 0;
  }
}
