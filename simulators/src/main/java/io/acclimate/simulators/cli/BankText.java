package io.acclimate.simulators.cli;

import com.typesafe.config.ConfigRenderOptions;
import io.acclimate.bank.Adapter;
import io.acclimate.bank.AdapterCard;
import io.acclimate.bank.store.AdapterBank;
import io.acclimate.bank.store.AdapterDiff;
import io.acclimate.bank.store.BankDiff;
import io.acclimate.bank.store.BankEntry;
import io.acclimate.bank.store.BankView;
import io.acclimate.bank.store.PruneReport;
import io.acclimate.bank.store.VerifyReport;
import io.acclimate.simulators.report.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is in a bank, as text for the terminal and as plain values for JSON. */
final class BankText {
  private BankText() {}

  static String list(BankView view) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"adapter", "version", "task", "module", "codec", "bytes"});
    for (BankEntry entry : view.entries().values()) {
      rows.add(
          new String[] {
            entry.ref().id(),
            String.valueOf(entry.ref().version()),
            entry.task(),
            entry.module(),
            entry.codec(),
            "%,d".formatted(entry.bytes())
          });
    }
    return "version %d: %d adapters%n%s"
        .formatted(view.version(), view.size(), TextTable.layOut(rows));
  }

  static Map<String, Object> asMap(BankView view) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", view.version());
    map.put("parent", view.parent());
    map.put("note", view.note());
    map.put("adapters", List.copyOf(view.entries().values()));
    map.put("states", view.states());
    return map;
  }

  static String show(AdapterBank bank) {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"version", "parent", "adapters", "states", "note"});
    for (long version : bank.versions()) {
      BankView view = bank.view(version);
      rows.add(
          new String[] {
            (version == bank.current().version() ? "*" : " ") + version,
            view.parent() < 0 ? "-" : String.valueOf(view.parent()),
            String.valueOf(view.size()),
            String.join(" ", view.states().keySet()),
            view.note()
          });
    }
    return TextTable.layOut(rows);
  }

  static Map<String, Object> asMap(AdapterBank bank) {
    List<Map<String, Object>> versions = new ArrayList<>();
    for (long version : bank.versions()) {
      BankView view = bank.view(version);
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("version", version);
      map.put("parent", view.parent());
      map.put("note", view.note());
      map.put("adapters", view.size());
      map.put("states", view.states());
      versions.add(map);
    }
    return Map.of("current", bank.current().version(), "versions", versions);
  }

  static String show(Adapter adapter) {
    AdapterCard card = adapter.card();
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"adapter", card.ref().toString()});
    rows.add(new String[] {"task", card.task()});
    rows.add(new String[] {"module", card.module()});
    rows.add(
        new String[] {"settings", card.settings().root().render(ConfigRenderOptions.concise())});
    rows.add(new String[] {"model", card.modelSha256()});
    card.parents().forEach(parent -> rows.add(new String[] {"parent", parent.toString()}));
    card.metrics().forEach((name, value) -> rows.add(new String[] {name, value.toString()}));
    card.provenance().forEach((name, value) -> rows.add(new String[] {name, value}));
    List<String[]> tensors = new ArrayList<>();
    adapter
        .tensors()
        .forEach((name, tensor) -> tensors.add(new String[] {"  " + name, tensor.toString()}));
    return "%s%ntensors, %,d bytes%n%s"
        .formatted(TextTable.layOut(rows), adapter.bytes(), TextTable.layOut(tensors));
  }

  static Map<String, Object> asMap(Adapter adapter) {
    AdapterCard card = adapter.card();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("adapter", card.ref());
    map.put("task", card.task());
    map.put("module", card.module());
    map.put("settings", card.settings().root().unwrapped());
    map.put("modelSha256", card.modelSha256());
    map.put("parents", card.parents());
    map.put("metrics", card.metrics());
    map.put("provenance", card.provenance());
    Map<String, String> tensors = new LinkedHashMap<>();
    adapter.tensors().forEach((name, tensor) -> tensors.put(name, tensor.toString()));
    map.put("tensors", tensors);
    map.put("bytes", adapter.bytes());
    return map;
  }

  static String show(BankDiff diff) {
    List<String[]> rows = new ArrayList<>();
    diff.added().forEach(ref -> rows.add(new String[] {"added", ref.toString()}));
    diff.removed().forEach(ref -> rows.add(new String[] {"removed", ref.toString()}));
    diff.changed()
        .forEach(
            change -> rows.add(new String[] {"changed", change.from() + " -> " + change.to()}));
    diff.states().forEach(name -> rows.add(new String[] {"state", name}));
    return rows.isEmpty() ? "no difference" : TextTable.layOut(rows);
  }

  static String show(AdapterDiff diff) {
    List<String[]> rows = new ArrayList<>();
    rows.add(
        new String[] {
          "tensor", diff.from().toString(), diff.to().toString(), "distance", "cosine"
        });
    for (AdapterDiff.TensorDiff tensor : diff.tensors()) {
      boolean comparable = !Double.isNaN(tensor.distance());
      rows.add(
          new String[] {
            tensor.name(),
            tensor.from().isEmpty() ? "-" : tensor.from(),
            tensor.to().isEmpty() ? "-" : tensor.to(),
            comparable ? "%.4g".formatted(tensor.distance()) : tensor.equal() ? "0" : "-",
            comparable ? "%.4f".formatted(tensor.cosine()) : "-"
          });
    }
    return TextTable.layOut(rows);
  }

  static Map<String, Object> asMap(AdapterDiff diff) {
    List<Map<String, Object>> tensors = new ArrayList<>();
    for (AdapterDiff.TensorDiff tensor : diff.tensors()) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("name", tensor.name());
      map.put("from", tensor.from());
      map.put("to", tensor.to());
      map.put("equal", tensor.equal());
      if (!Double.isNaN(tensor.distance())) {
        map.put("distance", tensor.distance());
        map.put("cosine", tensor.cosine());
      }
      tensors.add(map);
    }
    return Map.of("from", diff.from(), "to", diff.to(), "tensors", tensors);
  }

  static String show(VerifyReport report) {
    String counts =
        "%d versions, %d adapters, %d states, %,d bytes; %d files that nothing refers to%n"
            .formatted(
                report.versions(),
                report.adapters(),
                report.states(),
                report.bytes(),
                report.unreferenced());
    return counts
        + (report.sound() ? "sound" : String.join(System.lineSeparator(), report.problems()));
  }

  static String show(PruneReport report, boolean dryRun) {
    return "%s %d versions, %d files, %,d bytes; %d versions stay"
        .formatted(
            dryRun ? "would remove" : "removed",
            report.versions(),
            report.files(),
            report.bytes(),
            report.kept());
  }
}
