package io.acclimate.actors.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Document and dashboard name the meters that there are. */
class MetricsDocumentTest {
  private static final Pattern PROMETHEUS = Pattern.compile("acclimate_[a-z_]+");

  private static Path root() {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("LICENSE"))) {
      root = root.getParent();
    }
    return root;
  }

  private static String row(RuntimeMeter meter) {
    String kind = meter.kind().name().toLowerCase(Locale.ROOT);
    return "| `%s` | `%s` | %s | %s | %s | %s | %s |"
        .formatted(
            meter.meterName(),
            prometheusName(meter),
            kind,
            meter.unit(),
            meter.tags().stream().map(tag -> "`" + tag + "`").collect(Collectors.joining(", ")),
            meter.meaning(),
            meter.rise());
  }

  private static String prometheusName(RuntimeMeter meter) {
    Meter.Type type = Meter.Type.valueOf(meter.kind().name());
    String name = new PrometheusNamingConvention().name(meter.meterName(), type, meter.unit());
    return meter.kind() == RuntimeMeter.Kind.COUNTER ? name + "_total" : name;
  }

  @Test
  void documentHasTheTable() throws IOException {
    List<String> expected =
        Arrays.stream(RuntimeMeter.values()).map(MetricsDocumentTest::row).toList();
    List<String> found =
        Files.readAllLines(root().resolve("docs/metrics.md")).stream()
            .filter(line -> line.startsWith("| `acclimate."))
            .toList();
    assertEquals(String.join("\n", expected), String.join("\n", found));
  }

  @Test
  void dashboardNamesMetersThatThereAre() throws IOException {
    Set<String> known =
        Arrays.stream(RuntimeMeter.values())
            .flatMap(MetricsDocumentTest::series)
            .collect(Collectors.toCollection(TreeSet::new));
    JsonNode dashboard =
        new ObjectMapper().readTree(root().resolve("examples/grafana-dashboard.json").toFile());
    Set<String> used = new TreeSet<>();
    for (JsonNode expression : dashboard.findValues("expr")) {
      Matcher name = PROMETHEUS.matcher(expression.asText());
      assertTrue(name.find(), expression.asText());
      for (boolean more = true; more; more = name.find()) {
        assertTrue(known.contains(name.group()), name.group() + " is none of " + known);
        used.add(name.group());
      }
    }
    assertTrue(used.size() >= 15, "used: " + used);
    for (JsonNode panel : dashboard.get("panels")) {
      assertTrue(panel.hasNonNull("title") && panel.hasNonNull("gridPos"), panel.toString());
    }
  }

  private static Stream<String> series(RuntimeMeter meter) {
    String name = prometheusName(meter);
    return meter.kind() == RuntimeMeter.Kind.TIMER
        ? Stream.of("_bucket", "_count", "_sum", "_max").map(name::concat)
        : Stream.of(name);
  }
}
