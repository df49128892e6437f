package io.acclimate.simulators.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static Report.MethodResult method(String name, double first, double second) {
    List<Report.DomainResult> domains =
        List.of(
            new Report.DomainResult("fog", 3, 0, 0, 10, first),
            new Report.DomainResult("snow", 3, 0, 10, 10, second),
            new Report.DomainResult("frost", 3, 0, 20, 0, 0));
    return new Report.MethodResult(
        name,
        name,
        "",
        (first + second) / 2,
        20,
        domains,
        List.of(),
        0,
        new Report.Latency(0, 0, 0),
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        List.of());
  }

  private static Report.Run run(String regime, long seed, Report.MethodResult... methods) {
    return new Report.Run(regime, seed, 20, 5, List.of(methods));
  }

  private final List<Summary> summaries =
      Summary.of(
          List.of(
              run("a", 1, method("frozen", 0.5, 0.7), method("x", 0.9, 0.6)),
              run("a", 2, method("frozen", 0.4, 0.6), method("x", 0.4, 0.8)),
              run("b", 1, method("frozen", 0.5, 0.5), method("x", 0.5, 0.5))));

  @Test
  void gainsAreOverTheFrozenModelOfTheSameSeed() {
    assertEquals(4, summaries.size());
    Summary x = summaries.get(1);
    assertEquals("a", x.regime());
    assertEquals("x", x.method());
    assertEquals(2, x.seeds());
    assertEquals(0.675, x.accuracy(), 1e-12);
    assertEquals(0.125, x.gain(), 1e-12);
    assertEquals(Math.sqrt(2) * 0.025, x.gainDeviation(), 1e-12);
    assertEquals(0.1, x.worstGain(), 1e-12);
    assertEquals(-0.1, x.worstDomainGain(), 1e-12, "a domain without samples does not count");
  }

  @Test
  void oneSeedHasNoDeviation() {
    assertEquals(0, summaries.get(3).gainDeviation());
  }

  @Test
  void theTableHasARowForEachMethodAndAColumnForEachRegime() {
    List<String[]> table = TextTable.summary(summaries);
    assertArrayEquals(new String[] {"method", "a", "b"}, table.get(0));
    assertArrayEquals(
        new String[] {"frozen", "%.2f %%".formatted(55.0), "%.2f %%".formatted(50.0)},
        table.get(1),
        "as the locale writes numbers");
    String gain = "%+.2f (%.2f)";
    assertArrayEquals(
        new String[] {"x", gain.formatted(12.5, 3.54), gain.formatted(0.0, 0.0)}, table.get(2));
  }
}
