package io.acclimate.simulators.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.acclimate.runtime.AcclimateException;
import io.acclimate.runtime.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Writes a report as {@code report.json} and {@code report.html}, each aside and then renamed. */
public final class ReportWriter {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private ReportWriter() {}

  /**
   * Makes sure that a report can be written later: creates the folder and tries to write into it.
   *
   * @throws AcclimateException when the folder cannot be used
   */
  public static void prepare(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "probe", ".tmp"));
    } catch (IOException e) {
      throw new AcclimateException("cannot write into output folder " + folder + ": " + e, e);
    }
  }

  /** Writes both files into a folder that exists. */
  public static void write(Report report, Path folder) {
    writeText(folder.resolve("report.json"), json(report) + "\n");
    writeText(folder.resolve("report.html"), html(report));
  }

  /** Any of this package's records, or a map of plain values, as JSON. */
  public static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of plain values are always JSON", e);
    }
  }

  /** Writes a text file aside and renames it. */
  public static void writeText(Path file, String text) {
    AtomicFiles.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String html(Report report) {
    String data = json(report).replace("</", "<\\/");
    String plots = "/META-INF/resources/webjars/uplot/" + uplotVersion() + "/dist/";
    return resource("report.html")
        .replace("/*UPLOT-CSS*/", resource(plots + "uPlot.min.css"))
        .replace("/*UPLOT-JS*/", resource(plots + "uPlot.iife.min.js"))
        .replace("/*REPORT-JSON*/", data);
  }

  /** The build writes the version that the root pom pins into a resource. */
  private static String uplotVersion() {
    Properties libraries = new Properties();
    try {
      libraries.load(new StringReader(resource("libraries.properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return libraries.getProperty("uplot");
  }

  private static String resource(String name) {
    try (InputStream in = ReportWriter.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource missing from the jar: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
