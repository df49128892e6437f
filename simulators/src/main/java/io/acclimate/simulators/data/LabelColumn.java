package io.acclimate.simulators.data;

import io.acclimate.runtime.AcclimateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The cells of a CSV file's column of labels, collected and then mapped to class numbers. */
final class LabelColumn {
  private final String source;
  private final List<String> cells = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();

  LabelColumn(String source) {
    this.source = source;
  }

  void add(String cell, int line) {
    if (cell.isBlank()) {
      throw new AcclimateException(
          String.format("%s: line %d: expected a label, found an empty cell", source, line));
    }
    cells.add(cell.strip());
    lines.add(line);
  }

  Labels toLabels(List<String> classNames) {
    List<String> names = classNames.isEmpty() ? namesOfCells() : classNames;
    int[] labels = new int[cells.size()];
    Map<String, Integer> numbers = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      numbers.put(names.get(i), i);
    }
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(i, names, numbers);
    }
    return new Labels(source, labels, names);
  }

  /** The distinct names in sorted order; none where every label is an integer. */
  private List<String> namesOfCells() {
    boolean numeric = cells.stream().allMatch(LabelColumn::isInteger);
    return numeric ? List.of() : List.copyOf(new TreeSet<>(cells));
  }

  private int label(int row, List<String> names, Map<String, Integer> numbers) {
    String cell = cells.get(row);
    Integer named = numbers.get(cell);
    if (named != null) {
      return named;
    }
    int limit = names.isEmpty() ? Labels.MAX_CLASSES : names.size();
    long number = isInteger(cell) ? Long.parseLong(cell) : -1;
    if (number < 0 || number >= limit) {
      String known = names.isEmpty() ? "" : " or one of " + names;
      throw new AcclimateException(
          String.format(
              "%s: line %d: expected a label from 0 to %d%s, found %s",
              source, lines.get(row), limit - 1, known, cell));
    }
    return (int) number;
  }

  private static boolean isInteger(String cell) {
    return cell.matches("[+-]?\\d{1,18}");
  }
}
