package io.acclimate.simulators.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.acclimate.runtime.testing.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A report of as many methods as there are, as somebody sees it in a browser. */
class ReportPageTest {
  private static final int METHODS = 21;
  private static final int SAMPLES = 100;

  @TempDir Path folder;

  private static Report.MethodResult method(String name) {
    return new Report.MethodResult(
        name,
        name,
        "test-time-adapter",
        0.8396,
        SAMPLES,
        List.of(new Report.DomainResult("gaussian_noise", 3, 0, 0, SAMPLES, 0.8396)),
        List.of(new Report.Window(50, 50, 0.9), new Report.Window(SAMPLES, 50, 0.8)),
        1234.5,
        new Report.Latency(1093.66, 1913.65, 2686.45),
        12,
        2,
        14_860_096,
        1,
        0,
        0,
        List.of(new Report.Reset(50, "rollback", "entropy 0.001 is under the floor of 0.01")),
        List.of(new Report.Choice(0, "lame", "correlation 21.52, 3.1 classes in a batch")));
  }

  private static Report report() {
    List<Report.MethodResult> methods =
        IntStream.range(0, METHODS)
            .mapToObj(i -> method(i == 0 ? "frozen" : "label-shift-adapt-" + i))
            .toList();
    List<Report.Run> runs = List.of(new Report.Run("default", 1, SAMPLES, 50, methods));
    return new Report(
        new Report.ScenarioInfo("wide", "wide.conf", Map.of()),
        Map.of("java", "17"),
        new Report.ModelInfo("model.onnx", "0123456789abcdef", "cpu"),
        Map.of("cores", 2),
        false,
        List.of("frost is a proxy"),
        runs,
        Summary.of(runs));
  }

  @Test
  void everyMethodCanBeToldApartAndNothingIsCutOff() throws Exception {
    Optional<Path> installed = Browser.installed();
    assumeTrue(installed.isPresent(), "no Chromium is on the PATH");
    ReportWriter.write(report(), "report.html", folder);
    Path profile = Files.createDirectory(folder.resolve("profile"));
    try (Browser browser = new Browser(installed.get(), profile)) {
      browser.show(folder.resolve("report.html").toUri(), 1280, false);
      browser.await("document.querySelectorAll('#methods tr').length === " + (METHODS + 1));
      assertEquals(METHODS, distinct(browser, "chart.series.slice(1)", "s.stroke() + s.dash"));
      assertEquals(
          METHODS,
          distinct(
              browser,
              "document.querySelectorAll('#methods .swatch')",
              "s.className + s.style.cssText"));
      assertEquals(0, hidden(browser, "#methods"), "pixels of the table that need scrolling");
      assertEquals(0, hidden(browser, "#events"), "pixels of the table that need scrolling");
      String text = browser.value("document.querySelector('main').innerText").asText();
      assertTrue(text.contains("oracle pools its answers over samples that share a true label"));

      browser.show(folder.resolve("report.html").toUri(), 390, true);
      browser.await("document.querySelectorAll('#methods tr').length === " + (METHODS + 1));
      assertEquals(390, browser.value("document.documentElement.scrollWidth").asInt());
      assertEquals("[]", browser.problems().toString());
    }
  }

  private static int distinct(Browser browser, String list, String look) throws Exception {
    return browser.value("new Set([..." + list + "].map(s => " + look + ")).size").asInt();
  }

  private static int hidden(Browser browser, String table) throws Exception {
    String box = "document.querySelector('" + table + "').parentElement";
    return browser.value(box + ".scrollWidth - " + box + ".clientWidth").asInt();
  }
}
