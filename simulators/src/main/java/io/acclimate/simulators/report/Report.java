package io.acclimate.simulators.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * The result of a simulation; the content of {@code report.json}, documented in {@code
 * docs/report.md}.
 *
 * @param scenario the scenario with all its settings
 * @param versions library versions by name
 * @param model the frozen model
 * @param machine what it ran on
 * @param partial whether the run was stopped before its end
 * @param notes what a reader must know to compare these numbers with others
 * @param runs one per regime and seed
 * @param summary one per regime and method, over the seeds
 */
public record Report(
    ScenarioInfo scenario,
    Map<String, String> versions,
    ModelInfo model,
    Map<String, Object> machine,
    boolean partial,
    List<String> notes,
    List<Run> runs,
    List<Summary> summary) {

  /**
   * The scenario.
   *
   * @param name its name
   * @param file its file
   * @param settings every setting in force, defaults included
   */
  public record ScenarioInfo(String name, String file, Map<String, Object> settings) {}

  /**
   * The frozen model.
   *
   * @param name the file's name
   * @param sha256 the hash of its bytes
   * @param device where it ran
   */
  public record ModelInfo(String name, String sha256, String device) {}

  /**
   * One regime with one seed.
   *
   * @param regime the regime's name
   * @param seed the seed
   * @param samples samples in the whole stream
   * @param batchSize samples of a batch
   * @param methods the methods, controls included
   */
  public record Run(
      String regime, long seed, int samples, int batchSize, List<MethodResult> methods) {}

  /**
   * What one method did on one stream.
   *
   * @param name the name given in the scenario
   * @param method the registered method
   * @param kind control or what the method changes
   * @param accuracy online accuracy over the stream, 0 to 1
   * @param samples samples answered
   * @param domains accuracy by domain, in the stream's order
   * @param windows accuracy over time
   * @param samplesPerSecond samples per second of time spent on this method
   * @param latencyMillis time from request to answer of a batch
   * @param forwardsPerBatch forward passes of a batch
   * @param backwardsPerBatch backward passes of a batch
   * @param stateBytes what the stream's state takes when it is saved, at the end
   * @param resets times the method was made new
   * @param fallbacks batches answered with the frozen output in the method's place
   * @param missed batches not learned from because the method was too slow for the stream
   * @param resetLog every reset with its place and reason
   * @param choices where a method that chooses among others changed its choice
   */
  public record MethodResult(
      String name,
      String method,
      String kind,
      double accuracy,
      long samples,
      List<DomainResult> domains,
      List<Window> windows,
      double samplesPerSecond,
      Latency latencyMillis,
      double forwardsPerBatch,
      double backwardsPerBatch,
      long stateBytes,
      long resets,
      long fallbacks,
      long missed,
      List<Reset> resetLog,
      List<Choice> choices) {}

  /**
   * A reset of a method.
   *
   * @param sample the number of the stream's first sample of the batch
   * @param kind {@code reset}: made new; {@code rollback}: taken back to an earlier state
   * @param reason why
   */
  public record Reset(int sample, String kind, String reason) {}

  /**
   * A choice among methods, in force from here on.
   *
   * @param sample the number of the stream's first sample of the batch
   * @param method the method that answers
   * @param reason what speaks for it
   */
  public record Choice(int sample, String method, String reason) {}

  /**
   * Accuracy in one domain.
   *
   * @param name the corruption, or {@code clean}
   * @param severity 1 to 5, 0 for clean
   * @param visit how often the sequence of domains was gone through before, from 0
   * @param start the number of the stream's first sample of the domain; missing where domains mix
   * @param samples samples of the domain
   * @param accuracy 0 to 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DomainResult(
      String name, int severity, int visit, Integer start, int samples, double accuracy) {}

  /**
   * Accuracy over one stretch of the stream, within one segment of its plan.
   *
   * @param end samples of the stream up to the end of the stretch
   * @param samples samples in the stretch
   * @param accuracy 0 to 1
   */
  public record Window(int end, int samples, double accuracy) {}

  /**
   * Percentiles of a latency in milliseconds.
   *
   * @param p50 the median
   * @param p95 the 95th percentile
   * @param p99 the 99th percentile
   */
  public record Latency(double p50, double p95, double p99) {}
}
