package io.acclimate.simulators.cli;

import io.acclimate.simulators.report.Machine;
import picocli.CommandLine.IVersionProvider;

/** Prints the versions a report would name. */
final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return Machine.versions().entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .toArray(String[]::new);
  }
}
