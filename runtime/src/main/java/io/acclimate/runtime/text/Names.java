package io.acclimate.runtime.text;

import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Names of settings, methods and corruptions: how they are written and which one was meant. */
public final class Names {
  private static final int MOST_LISTED = 40;

  private Names() {}

  /** An enum constant in kebab-case: {@code LONG_TAILED} is {@code long-tailed}. */
  public static String kebab(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * {@code "; did you mean 'x'?"} for the nearest known name, or a list of the known names, of the
   * first ones where there are many.
   */
  public static String suggestion(String found, Collection<String> known) {
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String name : known) {
      int distance = editDistance(found, name);
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    int near = Math.max(Math.min(2, found.length() / 2), found.length() / 3);
    if (best != null && bestDistance <= near) {
      return "; did you mean '" + best + "'?";
    }
    String list =
        new TreeSet<>(known).stream().limit(MOST_LISTED).collect(Collectors.joining(", "));
    int left = known.size() - MOST_LISTED;
    return "; known: " + list + (left > 0 ? " and %,d more".formatted(left) : "");
  }

  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
