package io.acclimate.simulators.scenario;

import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.Device;
import io.acclimate.runtime.ModelOptions;
import io.acclimate.runtime.io.InputFiles;
import io.acclimate.runtime.settings.SettingsReader;
import io.acclimate.simulators.data.ImageLayout;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** Reads what scenario files of all kinds share: paths, data sections, devices. */
public final class ScenarioFiles {
  private final Path file;

  /** A reader of the paths in this file. */
  public ScenarioFiles(Path file) {
    this.file = file;
  }

  /** Where a model runs: the keys {@code device} and {@code threads}. */
  public static ModelOptions modelOptions(SettingsReader model) {
    Device device = Device.AUTO;
    try {
      device = Device.parse(model.text("device"));
    } catch (AcclimateException e) {
      model.problem("device", "expected cpu, cuda:N or auto, found " + model.text("device"));
    }
    return new ModelOptions(device, model.integer("threads", 0, 1024));
  }

  /** A data section. */
  public DataSource data(SettingsReader data) {
    data.rejectUnknown();
    DataSource.Format format = data.choice("format", DataSource.Format.class);
    boolean csv = format == DataSource.Format.CSV;
    boolean table = csv || format == DataSource.Format.TEXT;
    contradiction(data, table, "labels", "a table has its labels in a column");
    contradiction(data, !csv, "label-column", "only format = csv has columns to choose from");
    contradiction(
        data, format != DataSource.Format.NPY, "layout", "only format = npy has a layout");
    List<String> classes = names(data, "classes");
    if (new HashSet<>(classes).size() < classes.size()) {
      data.problem("classes", "expected no class twice, found " + classes);
    }
    return new DataSource(
        format,
        required(data, "path"),
        table ? null : required(data, "labels"),
        names(data, "class-names"),
        classes,
        data.text("label-column"),
        data.choice("layout", ImageLayout.class));
  }

  private static List<String> names(SettingsReader data, String key) {
    return data.list(key).stream().map(name -> String.valueOf(name.unwrapped())).toList();
  }

  private static void contradiction(
      SettingsReader settings, boolean contradicts, String key, String why) {
    if (contradicts && settings.isGiven(key)) {
      settings.problem(key, "has no effect here: " + why);
    }
  }

  /** A file that has to exist; a mistake is reported when it does not. */
  public Path required(SettingsReader settings, String key) {
    String text = settings.text(key);
    if (text.isEmpty()) {
      settings.problem(key, "is required");
      return Path.of("");
    }
    Path path = resolve(text);
    try {
      InputFiles.requireFile(path);
    } catch (AcclimateException e) {
      settings.problem(key, e.getMessage());
    }
    return path;
  }

  /** A path of the file, which is relative to the file's folder. */
  public Path resolve(String text) {
    Path folder = file.toAbsolutePath().getParent();
    Path path = folder.resolve(text).normalize();
    Path here = Path.of("").toAbsolutePath();
    return path.startsWith(here) && !path.equals(here) ? here.relativize(path) : path;
  }
}
