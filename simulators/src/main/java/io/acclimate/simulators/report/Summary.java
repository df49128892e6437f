package io.acclimate.simulators.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one method did in one regime, over all seeds. Gains are over {@code frozen} of the same
 * seed; accuracies and gains are shares.
 *
 * @param regime the regime's name
 * @param method the name given in the scenario
 * @param seeds runs that count here
 * @param accuracy mean over the seeds
 * @param gain mean over the seeds
 * @param gainDeviation standard deviation over the seeds (n - 1); 0 with one seed
 * @param worstGain of any seed
 * @param worstDomainGain of any domain of any seed; of any visit where domains come back
 */
public record Summary(
    String regime,
    String method,
    int seeds,
    double accuracy,
    double gain,
    double gainDeviation,
    double worstGain,
    double worstDomainGain) {

  /** One for each regime and method, in the order of the runs. */
  public static List<Summary> of(List<Report.Run> runs) {
    Map<String, List<Report.Run>> regimes = new LinkedHashMap<>();
    for (Report.Run run : runs) {
      regimes.computeIfAbsent(run.regime(), name -> new ArrayList<>()).add(run);
    }
    List<Summary> summaries = new ArrayList<>();
    regimes.forEach(
        (regime, seeds) -> {
          for (int m = 0; m < seeds.get(0).methods().size(); m++) {
            summaries.add(of(regime, seeds, m));
          }
        });
    return List.copyOf(summaries);
  }

  private static Summary of(String regime, List<Report.Run> seeds, int method) {
    double accuracy = 0;
    double gain = 0;
    double worst = Double.POSITIVE_INFINITY;
    double worstDomain = Double.POSITIVE_INFINITY;
    for (Report.Run run : seeds) {
      Report.MethodResult frozen = run.methods().get(0);
      Report.MethodResult result = run.methods().get(method);
      double own = result.accuracy() - frozen.accuracy();
      accuracy += result.accuracy() / seeds.size();
      gain += own / seeds.size();
      worst = Math.min(worst, own);
      for (int d = 0; d < result.domains().size(); d++) {
        if (result.domains().get(d).samples() > 0) {
          double domain = result.domains().get(d).accuracy() - frozen.domains().get(d).accuracy();
          worstDomain = Math.min(worstDomain, domain);
        }
      }
    }
    double squares = 0;
    for (Report.Run run : seeds) {
      double own = run.methods().get(method).accuracy() - run.methods().get(0).accuracy();
      squares += (own - gain) * (own - gain);
    }
    return new Summary(
        regime,
        seeds.get(0).methods().get(method).name(),
        seeds.size(),
        accuracy,
        gain,
        seeds.size() < 2 ? 0 : Math.sqrt(squares / (seeds.size() - 1)),
        worst,
        Double.isInfinite(worstDomain) ? 0 : worstDomain);
  }
}
