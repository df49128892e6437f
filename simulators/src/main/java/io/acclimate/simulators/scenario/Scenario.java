package io.acclimate.simulators.scenario;

import com.typesafe.config.Config;
import io.acclimate.actors.RuntimeSettings;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.simulators.corruption.ParameterTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a simulation runs: one model, streams that shift, and the methods that meet them. Immutable;
 * every setting is checked. The keys are documented in this module's {@code reference.conf}.
 *
 * @param name what the report calls it
 * @param file the scenario file
 * @param seeds each regime runs once with each
 * @param model the ONNX file
 * @param modelOptions how it is opened
 * @param runtime the names of its outputs and the runtime's bounds
 * @param data where the samples come from
 * @param table whose parameters the corruptions take; empty: by the size of the image
 * @param frostTextures a folder of photographs for frost; empty: a procedural texture
 * @param methods the methods, without controls
 * @param regimes the streams, at least one
 * @param windowSamples samples in a window of the accuracy curve
 * @param settings every setting in force, for the report
 */
public record Scenario(
    String name,
    Path file,
    List<Long> seeds,
    Path model,
    ModelOptions modelOptions,
    RuntimeSettings runtime,
    DataSource data,
    Optional<ParameterTable> table,
    Optional<Path> frostTextures,
    List<MethodEntry> methods,
    List<Regime> regimes,
    int windowSamples,
    Map<String, Object> settings) {
  /** Copies the lists. */
  public Scenario {
    seeds = List.copyOf(seeds);
    methods = List.copyOf(methods);
    regimes = List.copyOf(regimes);
  }

  /**
   * One method of a scenario.
   *
   * @param name what the report calls it
   * @param method the registered method
   * @param settings settings over the method's defaults
   */
  public record MethodEntry(String name, String method, Config settings) {}
}
